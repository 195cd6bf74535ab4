"""A row that another transaction locks for too long is reported as retryable, not as a fault."""

from sqlmodel import select

from core.database import for_change
from models.offers.offers import Offer
from tests.client import Client, gid
from tests.factories.world import World


async def test_a_lock_waited_on_for_too_long_asks_to_try_again(world: World, api: Client) -> None:
    user = await world.user()
    offer = await world.offer(await world.vendor())
    claim = {"offerId": gid(offer), "idempotencyKey": "k"}
    async with world.database.session() as session, session.begin():
        await session.exec(for_change(select(Offer).where(Offer.id == offer.id)))
        assert await api.signed_in(user).mutation_failed("claimOffer", claim) == ["RATE_LIMITED"]
    assert await api.signed_in(user).refusal_codes("claimOffer", claim) == []
