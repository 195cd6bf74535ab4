"""Each mutation can be repeated after a lost response: by a key, or because of what it does."""

import pytest
from graphql import GraphQLInputObjectType, GraphQLSchema, get_named_type

from engine.limits.cost import field_metadata

KEYS = {"idempotencyKey", "clientMessageId"}


def test_every_mutation_takes_a_key_or_says_why_it_is_repeatable(graph: GraphQLSchema) -> None:
    assert graph.mutation_type
    for name, field in graph.mutation_type.fields.items():
        kinds = [get_named_type(argument.type) for argument in field.args.values()]
        has_key = any(
            KEYS & kind.fields.keys() for kind in kinds if isinstance(kind, GraphQLInputObjectType)
        )
        if has_key == bool(field_metadata(field)["repeatable"]):
            pytest.fail(f"{name} needs a key, or `repeatable` in `@mutation(…)`, and not both.")
