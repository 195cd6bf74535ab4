"""Responses are those that graphql-core would give, over the product's schema and for each role."""

from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from hypothesis_graphql import queries

from engine.execution.compiler import Compiler
from engine.execution.plan import Plan, Unsupported
from tests.client import Client
from tests.engine.execution.comparison import assert_equal
from tests.factories.world import World
from tests.hostile import grammar
from tests.hostile.canaries import ROLES, Marketplace, plant
from tests.hostile.test_fuzz import EXAMPLES, SEED

NUMBERS = count()


@pytest.fixture
async def marketplace(world: World) -> Marketplace:
    return await plant(world)


def documents(marketplace: Marketplace, role: str) -> SearchStrategy[str]:
    values = grammar.scalars(marketplace.ids, ["x"], sorted(marketplace.known[role]))
    schema = grammar.schema()
    names = grammar.names(schema.query_type)
    return st.one_of([queries(schema, fields=[one], custom_scalars=values) for one in names])


async def responses(client: Client, text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the responses of the executor and of graphql-core, to a document that is new."""
    number = next(NUMBERS)
    ours = await client.send(f"{text} # {number}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Compiler, "plan", refuse)
        theirs = await client.send(f"{text} # {number} by graphql-core")
    return ours, theirs


def refuse(_: Compiler) -> Plan:
    raise Unsupported("forced")


@pytest.mark.parametrize("role", ROLES)
@seed(SEED)
@settings(
    max_examples=max(200, EXAMPLES) // len(ROLES),
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
async def test_responses_are_those_of_graphql_core(
    marketplace: Marketplace, api: Client, role: str, data: st.DataObject
) -> None:
    person = marketplace.people[role]
    client = api.signed_in(person) if person else api
    text = data.draw(documents(marketplace, role))
    assert_equal(*await responses(client, text))
