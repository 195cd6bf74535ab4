"""The product's operations are executed on plans; only introspection is left to graphql-core."""

from collections.abc import Iterator

import pytest
import strawberry
from graphql import (
    DocumentNode,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationDefinitionNode,
    get_named_type,
    is_leaf_type,
    parse,
    print_ast,
)
from graphql.execution.values import VariableValues

from engine.execution.collection import condition_variables
from engine.execution.compiler import Compiler
from engine.execution.plan import Unsupported
from tests.engine.execution.product_documents import PLACES, valid_documents
from tests.hostile.grammar import everything

LEAST = {  # documents that are found, so that the search does not silently find none
    "GraphiQL": 9,
    "live page": 20,
    "documents": 20,
    "clients": 10,
    "benchmarks": 3,
    "tests": 150,
}
INTROSPECTION = ("__schema", "__type(")


def plan_all(haat: strawberry.Schema, document: DocumentNode) -> Iterator[int]:
    """Yield the sizes of the plans of all operations, with all conditions met and with none."""
    conditions = condition_variables(document.definitions)
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            for value in (True, False):
                given = VariableValues({}, dict.fromkeys(conditions, value))
                yield Compiler(haat, document, node, given).plan().size


@pytest.mark.parametrize("place", PLACES)
def test_documents_of_the_product_have_plans(
    haat: strawberry.Schema, graph: GraphQLSchema, place: str
) -> None:
    documents = valid_documents(graph, place)
    assert len(documents) >= LEAST[place]
    for document in documents:
        text = print_ast(document)
        if not any(one in text for one in INTROSPECTION):
            assert all(size < 500 for size in plan_all(haat, document))


def selections_of(type_: GraphQLObjectType, depth: int = 2) -> Iterator[str]:
    """Yield selections of one field each, because one of them all is too large to plan.

    Each type of a union has its own.
    """
    for name, field in type_.fields.items():
        below = get_named_type(field.type)
        if not isinstance(below, GraphQLUnionType):
            yield name if is_leaf_type(below) else f"{name} {{ {everything(below, 1)} }}"
            continue
        for one in below.types if depth > 1 else ():
            for inside in selections_of(one, depth - 1):
                yield f"{name} {{ ... on {one.name} {{ {inside} }} }}"


def test_every_type_has_a_plan(haat: strawberry.Schema, graph: GraphQLSchema) -> None:
    for type_ in graph.get_possible_types(graph.type_map["Node"]):  # type: ignore[arg-type]
        for inside in selections_of(type_):
            document = parse(f'{{ node(id: "") {{ ... on {type_} {{ {inside} }} }} }}')
            assert [*plan_all(haat, document)]


def test_introspection_has_no_plan(haat: strawberry.Schema) -> None:
    with pytest.raises(Unsupported):
        [*plan_all(haat, parse("{ __schema { queryType { name } } }"))]
