"""Random documents cause no server fault, and no response contains another user's data.

`FUZZ_SEED` and `FUZZ_EXAMPLES` change the documents and their number.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, given, note, seed, settings
from hypothesis import strategies as st
from strawberry.relay import from_base64

from tests.factories.world import World
from tests.hostile import grammar
from tests.hostile.caller import Caller
from tests.hostile.canaries import plant

SEED = int(os.environ.get("FUZZ_SEED", "1947"))
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "200"))
OFFER, VENDOR = (grammar.schema().type_map[name] for name in ("Offer", "Vendor"))
LISTS = [
    ("offers", OFFER),
    ('offers(search: "Canary")', OFFER),
    ("offers(where: {states: [DRAFT, PUBLISHED, PAUSED, EXPIRED, ARCHIVED]})", OFFER),
    ("vendors", VENDOR),
    ('vendors(search: "Canary")', VENDOR),
]


@seed(SEED)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
async def test_no_request_breaks_or_leaks(caller: Caller, data: st.DataObject) -> None:
    note(f"FUZZ_SEED={SEED}")
    await caller.ask(data.draw(caller.documents))


async def test_everything_that_can_be_asked_for(caller: Caller) -> None:
    """Query every field, three levels deep; roles with permission do receive the canaries."""
    for id in caller.marketplace.ids:
        type_ = grammar.schema().type_map[from_base64(id)[0]]
        for depth in (1, 3):  # what is forbidden deep down takes all above with it
            inside = grammar.everything(type_, depth)
            await caller.ask(f'{{ node(id: "{id}") {{ ... on {type_} {{ {inside} }} }} }}')
    for list_, entry in LISTS:
        await caller.ask(f"{{ {list_} {{ nodes {{ {grammar.everything(entry, 2)} }} }} }}")
    assert not caller.marketplace.known[caller.role] - caller.seen


async def test_a_secret_in_the_middle_of_a_text_is_noticed(world: World) -> None:
    marketplace = await plant(world)
    with pytest.raises(AssertionError):
        marketplace.ensure_kept(
            "anonymous", {"data": {"offers": [{"title": "> Canary of the plan <"}]}}
        )
