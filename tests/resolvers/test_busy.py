"""A row that another transaction locks for too long is reported as retryable, not as a fault.

And one caller's waiting requests leave connections to the others.
"""

import asyncio

from sqlalchemy import text
from sqlmodel import select

from core.database import for_change
from core.limits.caller_connections import MAX_CONNECTIONS_PER_CALLER
from models.offers.offers import Offer
from tests.client import Client, gid
from tests.factories.world import World
from tests.races.meeting import waiting_for_locks


async def test_a_lock_waited_on_for_too_long_asks_to_try_again(world: World, api: Client) -> None:
    user = await world.user()
    offer = await world.offer(await world.vendor())
    claim = {"offerId": gid(offer), "idempotencyKey": "k"}
    async with world.database.session() as session, session.begin():
        await session.exec(for_change(select(Offer).where(Offer.id == offer.id)))
        assert await api.signed_in(user).mutation_failed("claimOffer", claim) == ["RATE_LIMITED"]
    assert await api.signed_in(user).refusal_codes("claimOffer", claim) == []


async def test_twenty_root_fields_hold_two_connections(world: World, api: Client) -> None:
    """They wait for a locked table; another caller is served meanwhile."""
    greedy, other = api.signed_in(await world.user()), api.signed_in(await world.user())
    vendor = await world.vendor()
    fields = " ".join(f"a{number}: categories {{ id }}" for number in range(20))
    async with world.database.session() as session, session.begin():
        await session.execute(text("LOCK TABLE category IN ACCESS EXCLUSIVE MODE"))
        asked = asyncio.create_task(greedy.ask(f"{{ {fields} }}"))
        async with asyncio.timeout(2):
            while await waiting_for_locks(world.database) < MAX_CONNECTIONS_PER_CALLER:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        for _ in range(10):
            found = await other.ask("{ vendors { nodes { id } } viewer { id } }")
            assert found["vendors"]["nodes"] == [{"id": gid(vendor)}]
            assert await waiting_for_locks(world.database) == MAX_CONNECTIONS_PER_CALLER
    assert len(await asked) == 20
