"""Ids in arguments and inputs are declared with their type, so resolvers decode none."""

from collections.abc import Iterator
from typing import Any

from graphql import GraphQLInputObjectType, GraphQLObjectType, GraphQLSchema, get_named_type

from engine.ids import ID_OF
from engine.types import Rows

OF_ANY_TYPE = {
    "AuditWhere.subjectId",
    "Query.node(id:)",
    "Query.nodes(ids:)",
    "StartConversationInput.subjectId",
}

# Parts of a chart, which are read with it alone; tickets have no type yet.
OTHERS = {"ChartSection", "Seat", "Ticket"}


def ids(graph: GraphQLSchema) -> Iterator[tuple[str, Any]]:
    """Yield the place and the declaration of each argument and input field that is an id."""
    for type_ in graph.type_map.values():
        if isinstance(type_, GraphQLInputObjectType):
            for name, field in type_.fields.items():
                if get_named_type(field.type).name == "ID":
                    yield f"{type_}.{name}", field.extensions["strawberry-definition"]
        elif isinstance(type_, GraphQLObjectType):
            for name, field in type_.fields.items():
                for argument, declared in field.args.items():
                    if get_named_type(declared.type).name == "ID":
                        place = f"{type_}.{name}({argument}:)"
                        yield place, declared.extensions["strawberry-definition"]


def test_each_id_names_its_type(graph: GraphQLSchema) -> None:
    found = {place: one.metadata.get(ID_OF) for place, one in ids(graph)}
    assert {place for place, of in found.items() if of is None} == OF_ANY_TYPE
    assert {of for of in found.values() if of} <= set(Rows.nodes) | OTHERS
