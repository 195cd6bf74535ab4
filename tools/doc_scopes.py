"""The content of docs/scopes.md: what each scope of an API token allows."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
)

from engine.domains import domains_of
from engine.limits.cost import field_metadata
from models.scopes import DEFAULT_SCOPES, GRANTED, ApiScope, find_scope
from tools.sdl import ROOTS, belongs_to_one_mutation

NODE = "Node"


def context(graph: GraphQLSchema) -> dict[str, Any]:
    return {
        "scopes": scopes(graph),
        "unavailable": sorted(unavailable(graph)),
        "default": sorted(DEFAULT_SCOPES),
    }


def scopes(graph: GraphQLSchema) -> list[tuple[str, ...]]:
    """Return a row per scope of a domain: its root fields, and the types whose fields it allows."""
    roots: dict[ApiScope | None, dict[str, None]] = defaultdict(dict)
    types: dict[ApiScope | None, dict[str, None]] = defaultdict(dict)
    reached = reachable(graph)
    for type_name, name, field in fields(graph):
        for scope in needs(type_name, field):
            if type_name in ROOTS and not is_unavailable(type_name, field):
                roots[scope][f"`{name}`"] = None
            elif type_name in reached:
                types[scope][f"`{type_name}`"] = None
    heading = ("Scope", "Root fields", "Fields of")
    return [
        heading,
        *(
            (f"`{one}`", ", ".join(roots[one]), "" if writes(one) else ", ".join(types[one]))
            for one in ApiScope
            if one not in GRANTED
        ),
    ]


def fields(graph: GraphQLSchema) -> Iterator[tuple[str, str, GraphQLField]]:
    """Yield all fields of the objects of the schema, but those of payloads and introspection."""
    for type_ in graph.type_map.values():
        name = type_.name
        if isinstance(type_, GraphQLObjectType) and not name.startswith("__"):
            found = {} if belongs_to_one_mutation(name) else type_.fields
            yield from ((name, own, field) for own, field in found.items())


def unavailable(graph: GraphQLSchema) -> Iterator[str]:
    """Yield the root fields that no scope allows."""
    for type_name, name, field in fields(graph):
        if type_name in ROOTS and is_unavailable(type_name, field):
            yield name


def reachable(graph: GraphQLSchema) -> set[str]:
    """Return the objects that tokens reach by fields, without the roots.

    Fields of the type `Node` are left out: it is any type, and tokens find no row that only admins
    see.
    """
    reached: set[str] = set()
    waiting = [graph.type_map[root] for root in ROOTS]
    while waiting:
        found: Any = waiting.pop()
        for field in found.fields.values():
            if not is_unavailable(found.name, field):
                kinds = set(_objects(graph, field))
                waiting += [kind for kind in kinds if kind.name not in reached]
                reached |= {kind.name for kind in kinds}
    return reached


def _objects(graph: GraphQLSchema, field: GraphQLField) -> Iterator[GraphQLObjectType]:
    kind = get_named_type(field.type)
    if isinstance(kind, GraphQLObjectType):
        yield kind
    elif is_abstract_type(kind) and kind.name != NODE:
        yield from graph.get_possible_types(kind)


def is_unavailable(type_name: str, field: GraphQLField) -> bool:
    metadata = field_metadata(field)
    refused = metadata.get("personal") or metadata.get("for_admins")
    return bool(refused) or None in needs(type_name, field)


def needs(type_name: str, field: GraphQLField) -> set[ApiScope | None]:
    """Return the scopes that a field needs, None for one that does not exist."""
    write = type_name == "Mutation"
    return {find_scope(domain, write=write) for domain in domains_of(field)}


def writes(scope: ApiScope) -> bool:
    return scope.endswith("_WRITE")
