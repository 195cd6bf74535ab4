"""Finds changes that break clients."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from graphql import (
    REMOVE,
    DocumentNode,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    TypeDefinitionNode,
    Visitor,
    build_ast_schema,
    build_schema,
    find_breaking_changes,
    get_named_type,
    parse,
    visit,
)

from tools.deprecations import Deprecable, deprecations, last_day


def breaking_changes(released: str, current: str, today: date) -> list[str]:
    """Describe the changes that break a client of the released schema.

    What was released as `@deprecated(reason: "2026-01-31: use x")` may be removed after that day.
    """
    old = build_ast_schema(_without_overdue(parse(released), today), assume_valid=True)
    changes = find_breaking_changes(old, build_schema(current))
    return [change.description for change in changes]


def undated_deprecations(released: str, current: str, today: date) -> list[str]:
    """Describe deprecations without a date, or new ones with a past date."""
    known = deprecations(parse(released))
    return [
        f"{name} is deprecated without a future date. Start its reason with one."
        for name, day in deprecations(parse(current)).items()
        if day is None or (name not in known and day <= today)
    ]


def _without_overdue(document: DocumentNode, today: date) -> DocumentNode:
    """Remove what may be removed by now, and types that become unreachable with it."""

    class Pruning(Visitor):
        def enter(self, node: Any, *_: Any) -> Any:
            day = last_day(node) if isinstance(node, Deprecable) else None
            return REMOVE if day and day < today else None

    pruned: DocumentNode = visit(document, Pruning())
    reached = _reached(build_ast_schema(pruned, assume_valid=True))
    kept = tuple(
        node
        for node in pruned.definitions
        if not isinstance(node, TypeDefinitionNode) or node.name.value in reached
    )
    return DocumentNode(definitions=kept)


def _reached(schema: GraphQLSchema) -> set[str]:
    roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
    pending: list[GraphQLNamedType] = [root for root in roots if root]
    reached: set[str] = set()
    while pending:
        type_ = pending.pop()
        if type_.name not in reached:
            reached.add(type_.name)
            pending.extend(_next(type_, schema))
    return reached


def _next(type_: GraphQLNamedType, schema: GraphQLSchema) -> Iterator[GraphQLNamedType]:
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        yield from type_.interfaces
        for field in type_.fields.values():
            yield get_named_type(field.type)
            yield from (get_named_type(argument.type) for argument in field.args.values())
    if isinstance(type_, GraphQLInputObjectType):
        yield from (get_named_type(field.type) for field in type_.fields.values())
    if isinstance(type_, GraphQLUnionType | GraphQLInterfaceType):
        yield from schema.get_possible_types(type_)
