"""Defaults of arguments and input fields, which introspection writes as literals."""

from collections.abc import Iterator

from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
)


def inputs(graph: GraphQLSchema) -> Iterator[tuple[str, GraphQLArgument | GraphQLInputField]]:
    """Yield the place and the declaration of each argument and input field."""
    for type_ in graph.type_map.values():
        if isinstance(type_, GraphQLInputObjectType):
            for name, field in type_.fields.items():
                yield f"{type_}.{name}", field
        elif isinstance(type_, GraphQLObjectType):
            for name, output in type_.fields.items():
                for argument, declared in output.args.items():
                    yield f"{type_}.{name}({argument}:)", declared


def test_no_required_input_has_the_default_null(graph: GraphQLSchema) -> None:
    """Introspection of one fails. It comes of `id_of` where `optional_id_of` is meant."""
    places = [
        place
        for place, one in inputs(graph)
        if isinstance(one.type, GraphQLNonNull) and one.default_value is None
    ]
    assert not places
