"""Nothing in the public schema is without a description."""

from collections.abc import Iterator
from enum import StrEnum

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    is_introspection_type,
    is_specified_scalar_type,
)

from engine.enums import publish

SENTENCE_ENDS = (".", "…")


def described(schema: GraphQLSchema) -> Iterator[tuple[str, str | None]]:
    """Every part of a schema by its coordinate, with its description."""
    for directive in schema.directives:
        yield f"@{directive.name}", directive.description
        for name, argument in directive.args.items():
            yield f"@{directive.name}({name}:)", argument.description
    for type_ in schema.type_map.values():
        if not (is_introspection_type(type_) or is_specified_scalar_type(type_)):
            yield type_.name, type_.description
            yield from parts(type_)


def parts(type_: GraphQLNamedType) -> Iterator[tuple[str, str | None]]:
    if isinstance(type_, GraphQLEnumType):
        for name, value in type_.values.items():
            yield f"{type_.name}.{name}", value.description
    if isinstance(type_, GraphQLInputObjectType):
        for name, given in type_.fields.items():
            yield f"{type_.name}.{name}", given.description
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in type_.fields.items():
            yield f"{type_.name}.{name}", field.description
            for argument, taken in field.args.items():
                yield f"{type_.name}.{name}({argument}:)", taken.description


def bare(schema: GraphQLSchema) -> list[str]:
    return [place for place, words in described(schema) if not (words or "").strip()]


def test_nothing_is_bare(graph: GraphQLSchema) -> None:
    assert bare(graph) == []


def test_ours_are_sentences(graph: GraphQLSchema) -> None:
    """Those of Relay's `Node` and of GraphQL's own directives are not ours."""
    ours = [
        (place, words or "")
        for place, words in described(graph)
        if not (place.startswith(("@", "Node")) or place.endswith(".id"))
    ]
    assert [place for place, words in ours if not words.endswith(SENTENCE_ENDS)] == []


@pytest.mark.parametrize(
    ("sdl", "place"),
    [
        ('type Query { "It." a: Int }', "Query"),
        ('"It." type Query { a: Int }', "Query.a"),
        ('"It." type Query { "It." a(b: Int): Int }', "Query.a(b:)"),
        ('"It." type Query { "It." a: E } "It." enum E { A }', "E.A"),
        ('"It." type Query { "It." a: E } enum E { "It." A }', "E"),
        ('"It." type Query { "It." a("It." b: I): Int } "It." input I { c: Int }', "I.c"),
        ('"It." type Query { "It." a: S } scalar S', "S"),
        ('"It." type Query { "It." a: Int } directive @d on FIELD', "@d"),
        ('"It." type Query { "It." a: Int } "It." directive @d(e: Int) on FIELD', "@d(e:)"),
        ('"It." type Query { " " a: Int }', "Query.a"),
    ],
)
def test_a_bare_list_is_found(sdl: str, place: str) -> None:
    assert bare(build_schema(sdl)) == [place]


class Colour(StrEnum):
    RED = "RED"
    BLUE = "BLUE"


@pytest.mark.parametrize("values", [{"RED": "Red."}, {"RED": "Red.", "BLUE": "Blue.", "X": "X."}])
def test_an_enum_needs_a_description_for_exactly_its_values(values: dict[str, str]) -> None:
    with pytest.raises(TypeError, match="Colour needs a description"):
        publish(Colour, "A colour.", **values)
