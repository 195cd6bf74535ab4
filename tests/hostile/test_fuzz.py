"""Whatever is asked, nothing breaks, and nobody is told what is another's.

`FUZZ_SEED` and `FUZZ_EXAMPLES` try others than these, and more.
"""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, seed, settings
from hypothesis import strategies as st
from strawberry.relay import from_base64

from tests.client import Client
from tests.factories.world import World
from tests.hostile import grammar
from tests.hostile.canaries import ROLES, Town, plant, strings

SEED = int(os.environ.get("FUZZ_SEED", "1947"))
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "200"))
CURSORS = """
{
  offers(first: 1) { pageInfo { endCursor } }
  vendors(first: 1) { pageInfo { endCursor } }
  viewer { vouchers(first: 1) { pageInfo { endCursor } } }
}
"""
OFFER, VENDOR = (grammar.schema().type_map[name] for name in ("Offer", "Vendor"))
LISTS = [
    ("offers", OFFER),
    ('offers(search: "Canary")', OFFER),
    ("offers(where: {states: [DRAFT, PUBLISHED, PAUSED, EXPIRED, ARCHIVED]})", OFFER),
    ("vendors", VENDOR),
    ('vendors(search: "Canary")', VENDOR),
]


@dataclass
class Asking:
    """Somebody in the town, and how often there was an answer."""

    town: Town
    role: str
    client: Client
    documents: st.SearchStrategy[str]
    answered: list[bool] = field(default_factory=list)
    told: set[str] = field(default_factory=set)

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        response = await self.client.http.post("/graphql", json=body, headers=self.client.headers)
        assert response.status_code < 500, response.text
        answer: dict[str, Any] = response.json()
        errors = answer.get("errors", [])
        assert not [one for one in errors if one["extensions"]["code"] == "INTERNAL"], errors
        self.town.ensure_kept(self.role, answer)
        self.told |= set(strings(answer))
        self.answered.append(any((answer.get("data") or {}).values()))
        return answer


@pytest.fixture(params=ROLES)
async def asking(
    request: pytest.FixtureRequest, world: World, api: Client
) -> AsyncIterator[Asking]:
    """Of what is asked enough must come to something, or it would prove little."""
    town = await plant(world)
    person = town.people[request.param]
    client = api.signed_in(person) if person else api
    cursors = [one["pageInfo"]["endCursor"] for one in pages(await client.ask(CURSORS))]
    documents = grammar.document(town.ids, cursors, sorted(town.known[request.param]))
    asking = Asking(town, request.param, client, documents)
    yield asking
    assert sum(asking.answered) > len(asking.answered) / 10


def pages(data: dict[str, Any]) -> list[dict[str, Any]]:
    own = [data["viewer"]["vouchers"]] if data["viewer"] else []
    return [data["offers"], data["vendors"], *own]


@seed(SEED)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
async def test_nothing_breaks_and_nothing_gets_about(asking: Asking, data: st.DataObject) -> None:
    note(f"FUZZ_SEED={SEED}")
    await asking.ask(data.draw(asking.documents))


async def test_everything_that_can_be_asked_for(asking: Asking) -> None:
    """Every field of all there is, three levels deep; and who may know does get to know."""
    for id in asking.town.ids:
        type_ = grammar.schema().type_map[from_base64(id)[0]]
        for depth in (1, 3):  # what is forbidden deep down takes all above with it
            inside = grammar.everything(type_, depth)
            await asking.ask(f'{{ node(id: "{id}") {{ ... on {type_} {{ {inside} }} }} }}')
    for list_, entry in LISTS:
        await asking.ask(f"{{ {list_} {{ nodes {{ {grammar.everything(entry, 2)} }} }} }}")
    assert not asking.town.known[asking.role] - asking.told


async def test_a_secret_in_the_middle_of_a_text_is_noticed(world: World) -> None:
    town = await plant(world)
    with pytest.raises(AssertionError):
        town.ensure_kept("nobody", {"data": {"offers": [{"title": "> Canary of the plan <"}]}})
