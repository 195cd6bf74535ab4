"""The price of mutations that hash a password."""

from typing import Any

from graphql import GraphQLInputObjectType, GraphQLSchema, get_named_type

from engine.limits.cost import field_metadata
from engine.mutation import HASHING_COST


def test_mutations_with_a_password_cost_a_hash(graph: GraphQLSchema) -> None:
    """At the usual price, one caller could have the server hash for minutes."""
    mutations: Any = graph.mutation_type
    costs = {}
    for name, field in mutations.fields.items():
        given = get_named_type(field.args["input"].type)
        assert isinstance(given, GraphQLInputObjectType)
        if any("password" in one.lower() for one in given.fields):
            costs[name] = field_metadata(field)["cost"]
    assert {"register", "verifyEmail", "logIn"} <= costs.keys()
    assert set(costs.values()) == {HASHING_COST}
