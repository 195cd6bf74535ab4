"""Fields of types under one interface or union have one type by name.

GraphQL refuses a document that selects a field of two types with fragments on both (spec, 5.3.2),
and code generators fail on it or make a union of each pair.
"""

from collections import defaultdict
from collections.abc import Mapping

from graphql import GraphQLObjectType, GraphQLSchema, is_abstract_type

# Released before there was this rule: their names and types cannot change. docs/clients.md asks
# developers to use aliases for them.
RELEASED = {
    "conversations",
    "createdAt",
    "expiresAt",
    "kind",
    "messages",
    "offer",
    "reason",
    "redemptions",
    "role",
    "state",
    "subject",
    "unreadMessages",
}
PAYLOADS = {"Payload", "UserError"}  # a mutation has one payload type, which never merge


def types_by_field(types: tuple[GraphQLObjectType, ...]) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for kind in types:
        for name, field in kind.fields.items():
            found[name].add(str(field.type))
    return found


def test_fields_of_one_name_have_one_type(graph: GraphQLSchema) -> None:
    conflicts = {
        name
        for abstract in graph.type_map.values()
        if is_abstract_type(abstract) and abstract.name not in PAYLOADS
        for name, kinds in types_by_field(tuple(graph.get_possible_types(abstract))).items()
        if len(kinds) > 1
    }
    assert conflicts == RELEASED
