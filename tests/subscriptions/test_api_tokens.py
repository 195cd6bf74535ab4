"""Subscriptions with an API token, until it expires or is revoked."""

from datetime import timedelta

import pytest

from core.clock import now
from models.scopes import ApiScope
from tests.client import gid
from tests.factories.world import World
from tests.subscriptions.conftest import Shop

BOTH = pytest.mark.parametrize("transport", ["ws", "sse"])


@BOTH
async def test_an_api_token_subscribes_to_what_its_user_may_see(
    shop: Shop, world: World, transport: str
) -> None:
    _, secret = await world.api_token(shop.owner, ApiScope.READ)
    subscriber = await shop.subscribe_vendor(tokens=[secret], transport=transport)
    await shop.present()
    await subscriber.received(1)


@BOTH
async def test_an_api_token_without_read_scope_is_forbidden(
    shop: Shop, world: World, transport: str
) -> None:
    _, secret = await world.api_token(shop.owner, ApiScope.WRITE)
    subscriber = await shop.subscribe_vendor(tokens=[secret], transport=transport)
    await subscriber.ended()
    assert (subscriber.codes, subscriber.changes) == (["SCOPE_MISSING"], [])


@BOTH
async def test_an_invalid_api_token_is_unauthenticated(
    shop: Shop, world: World, transport: str
) -> None:
    _, secret = await world.api_token(shop.owner, revoked_at=now())
    subscriber = await shop.subscribe_vendor(tokens=[secret], transport=transport)
    last = await subscriber.ended()
    assert subscriber.changes == []
    assert last["code"] == 4403 if transport == "ws" else subscriber.codes == ["UNAUTHENTICATED"]


async def test_revoking_a_token_closes_its_sockets(shop: Shop, world: World) -> None:
    """And none of its user's, nor those of another token."""
    (token, secret), (_, other) = [await world.api_token(shop.owner) for _ in range(2)]
    own = await shop.subscribe_vendor(tokens=[secret], retry=5)
    others = [await shop.subscribe_vendor(tokens=[other]), await shop.subscribe_vendor()]
    for subscriber in (own, *others):
        await subscriber.connected()
    await shop.present()
    for subscriber in (own, *others):
        await subscriber.received(1)
    revoked = {"apiTokenId": gid(token)}
    assert await shop.api.signed_in(shop.owner).refusal_codes("revokeApiToken", revoked) == []
    assert (await own.ended())["code"] == 4401
    await shop.present()
    for subscriber in others:
        await subscriber.received(2)
    assert len(own.changes) == 1


async def test_revoking_a_token_ends_its_streams_of_events(shop: Shop, world: World) -> None:
    token, secret = await world.api_token(shop.owner)
    own = await shop.subscribe_vendor(tokens=[secret], transport="sse")
    other = await shop.subscribe_vendor(transport="sse")
    await shop.present()
    for subscriber in (own, other):
        await subscriber.received(1)
    revoked = {"apiTokenId": gid(token)}
    assert await shop.api.signed_in(shop.owner).refusal_codes("revokeApiToken", revoked) == []
    await own.ended()
    assert own.codes == ["UNAUTHENTICATED"]
    await shop.present()
    await other.received(2)
    assert len(own.changes) == 1


@BOTH
async def test_a_token_that_ends_takes_its_streams_along(
    shop: Shop, world: World, transport: str
) -> None:
    _, secret = await world.api_token(shop.owner, expires_at=now() + timedelta(seconds=4))
    subscriber = await shop.subscribe_vendor(tokens=[secret], transport=transport)
    await subscriber.connected()
    last = await subscriber.ended(patience=30)
    assert last["code"] == 4403 if transport == "ws" else subscriber.codes == ["UNAUTHENTICATED"]
