"""A server process, and subscribers in processes of their own."""

import pytest

from models.offers.offers import Offer
from tests.factories.world import World
from tests.subscriptions.conftest import Shop, _clients, server, subscribe
from tests.subscriptions.conftest import shop as uncounted_shop


@pytest.fixture
async def shop(uncounted_shop: Shop, world: World) -> Shop:
    """Return the shop, whose offer counts its voucher, so that all invariants hold."""
    async with world.database.session() as session, session.begin():
        offer = await session.get_one(Offer, uncounted_shop.voucher.offer_id)
        offer.claimed += 1
    return uncounted_shop


__all__ = ["_clients", "server", "shop", "subscribe", "uncounted_shop"]
