"""Subscriptions of an admin who impersonates a user."""

import time
from typing import Any

import pytest

from models.identity.accounts import User
from models.vendors import MemberRole
from tests.client import gid
from tests.factories.world import World
from tests.resolvers.admins.deciding import impersonate, suspension
from tests.subscriptions.conftest import Shop
from tests.subscriptions.subscription_client import SubscriptionClient

BOTH = pytest.mark.parametrize("transport", ["ws", "sse"])


def told(subscriber: SubscriptionClient) -> list[Any]:
    """Return whom each result names as the admin, or None."""
    results = [one.get("extensions", {}) for one in subscriber.of_type("next")]
    return [one.get("impersonation", {}).get("by") for one in results]


async def token_of(shop: Shop, admin: User) -> str:
    codes, client = await impersonate(shop.api.signed_in(admin), shop.owner)
    assert codes == []
    return client.headers["Authorization"].partition(" ")[2]


@BOTH
async def test_each_change_names_the_admin_and_the_owner_s_own_do_not(
    shop: Shop, world: World, transport: str
) -> None:
    admin = await world.admin()
    own = await shop.subscribe_vendor(transport=transport)
    token = await token_of(shop, admin)
    acting = await shop.subscribe_vendor(tokens=[token], transport=transport)
    for subscriber in (own, acting):
        if transport == "ws":
            await subscriber.connected()
    for _ in range(2):
        await shop.present()
    assert len(await acting.received(2)) == len(await own.received(2)) == 2
    assert (told(acting), told(own)) == ([gid(admin)] * 2, [None] * 2)


@BOTH
@pytest.mark.parametrize("act", ["endImpersonation", "suspendUser"])
async def test_connections_end_within_three_seconds(
    shop: Shop, world: World, transport: str, act: str
) -> None:
    """Also those of a suspended user."""
    admin = shop.api.signed_in(await world.admin())
    token = await token_of(shop, await world.admin())
    tokens = [token, shop.token(shop.owner)] if act == "suspendUser" else [token]
    opened = [await shop.subscribe_vendor(tokens=[one], transport=transport) for one in tokens]
    await shop.present()
    for subscriber in opened:
        await subscriber.received(1)
    began = time.time()
    if act == "suspendUser":
        await world.member(shop.vendor, await world.user(), MemberRole.OWNER)
        assert await admin.refusal_codes(act, suspension(shop.owner)) == []
    else:
        assert await shop.api.bearing(token).refusal_codes(act, {}) == []
    for subscriber in opened:
        last = await subscriber.ended()
        assert last["at"] - began < 3
