"""Access to subscriptions, when it is checked, and when it ends one."""

import asyncio
import time

import pytest
from sqlalchemy import text

from models.vendors import MemberRole
from tests.client import Client
from tests.factories.emails import email_of
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.subscriptions.conftest import Shop

BOTH = pytest.mark.parametrize("transport", ["ws", "sse"])


@BOTH
async def test_strangers_receive_not_found(shop: Shop, world: World, transport: str) -> None:
    for user in (shop.customer, await world.user(), await world.admin()):
        subscriber = await shop.subscribe_vendor(user, transport=transport)
        await shop.present()
        await subscriber.ended()
        assert (subscriber.codes, subscriber.changes) == (["NOT_FOUND"], [])


@BOTH
async def test_other_users_cannot_subscribe_to_a_voucher(
    shop: Shop, world: World, transport: str
) -> None:
    """Not even the members of its vendor, who may see it, or an admin."""
    for user in (shop.owner, await world.user(), await world.admin()):
        subscriber = await shop.subscribe_voucher(user, transport=transport)
        await shop.redeem()
        await subscriber.ended()
        assert (subscriber.codes, subscriber.changes) == (["NOT_FOUND"], [])


@BOTH
async def test_anonymous_callers_must_sign_in(shop: Shop, transport: str) -> None:
    for subscriber in (
        await shop.subscribe_vendor(transport=transport, tokens=[]),
        await shop.subscribe_voucher(transport=transport, tokens=[]),
    ):
        await subscriber.ended()
        assert (subscriber.codes, subscriber.changes) == (["UNAUTHENTICATED"], [])


@BOTH
async def test_a_former_member_receives_nothing_more(
    shop: Shop, world: World, transport: str
) -> None:
    clerk = await world.user()
    await world.member(shop.vendor, clerk, MemberRole.SCANNER)
    subscriber = await shop.subscribe_vendor(clerk, transport=transport)
    await shop.present()
    await subscriber.received(1)
    async with shop.database.session() as session, session.begin():
        await session.execute(
            text("DELETE FROM vendor_member WHERE user_id = :id"), {"id": clerk.id}
        )
    await shop.redeem()
    await subscriber.ended()
    assert subscriber.codes == ["NOT_FOUND"]
    assert len(subscriber.changes) == 1
    (*_, last) = subscriber.of_type("next")
    assert last.get("data") is None


@BOTH
async def test_a_bad_token_gets_nothing(shop: Shop, transport: str) -> None:
    for token in ("nonsense", shop.voucher.token, shop.token(shop.owner, -60)):
        subscriber = await shop.subscribe_vendor(transport=transport, tokens=[token])
        last = await subscriber.ended()
        assert subscriber.changes == []
        if transport == "ws":
            assert last["code"] == 4403
        else:
            assert subscriber.codes == ["UNAUTHENTICATED"]


async def test_a_socket_closes_when_its_token_ends(shop: Shop) -> None:
    began = time.time()
    subscriber = await shop.subscribe_vendor(tokens=[shop.token(shop.owner, 3)])
    await shop.present()
    await subscriber.received(1)
    last = await subscriber.ended()
    assert (last["type"], last["code"]) == ("error", 4403)
    assert 1 < last["at"] - began < 3.5


async def test_a_client_comes_back_with_a_fresh_token(shop: Shop) -> None:
    """graphql-ws tries again after 4403; the changes in between are not lost."""
    tokens = [shop.token(shop.owner, 2), shop.token(shop.owner)]
    subscriber = await shop.subscribe_vendor(tokens=tokens, resume=True, retry=3)
    ids = []
    while len(subscriber.of_type("connected")) < 2:
        ids.append(await shop.present())
        await asyncio.sleep(0.02)
    ids.append(await shop.present())
    changes = await subscriber.received(len(ids))
    assert [change["redemption"]["id"] for change in changes] == ids
    assert [closed["code"] for closed in subscriber.of_type("closed")] == [4403]


async def test_a_stream_of_events_ends_with_its_token(shop: Shop) -> None:
    began = time.time()
    subscriber = await shop.subscribe_vendor(transport="sse", tokens=[shop.token(shop.owner, 3)])
    await shop.present()
    await subscriber.received(1)
    last = await subscriber.ended()
    assert last["type"] == "complete"
    assert subscriber.codes == ["UNAUTHENTICATED"]
    assert 1 < last["at"] - began < 3.5


async def test_logging_out_closes_the_sockets_of_the_session(shop: Shop) -> None:
    """All of this session and none of another; graphql-ws does not try again after 4401."""
    here, there = await _log_in(shop), await _log_in(shop)
    subscribers = [
        await shop.subscribe_vendor(tokens=[token], retry=5) for token in (here, here, there)
    ]
    for subscriber in subscribers:
        await subscriber.connected()
    await shop.present()
    for subscriber in subscribers:
        await subscriber.received(1)
    await _log_out(shop, here)
    for subscriber in subscribers[:2]:
        last = await subscriber.ended(patience=10)
        assert last["code"] == 4401
        assert len(subscriber.of_type("connected")) == 1
    await shop.present()
    await subscribers[2].received(2)
    assert len(subscribers[0].changes) == 1


async def test_logging_out_ends_the_streams_of_events_of_the_session(shop: Shop) -> None:
    here, there = await _log_in(shop), await _log_in(shop)
    ending, staying = [
        await shop.subscribe_vendor(tokens=[token], transport="sse") for token in (here, there)
    ]
    await shop.present()
    for subscriber in (ending, staying):
        await subscriber.received(1)
    await _log_out(shop, here)
    last = await ending.ended(patience=10)
    assert (last["type"], ending.codes) == ("complete", ["UNAUTHENTICATED"])
    await shop.present()
    await staying.received(2)
    assert len(ending.changes) == 1


@BOTH
async def test_no_stream_begins_after_logging_out(shop: Shop, transport: str) -> None:
    """Though the access token would be good for some minutes yet. A socket may be closed first."""
    token = await _log_in(shop)
    await _log_out(shop, token)
    subscriber = await shop.subscribe_vendor(tokens=[token], transport=transport)
    await shop.present()
    last = await subscriber.ended()
    assert subscriber.codes == ["UNAUTHENTICATED"] or last.get("code") == 4401
    assert subscriber.changes == []


async def _log_in(shop: Shop) -> str:
    account = {"email": email_of(shop.owner), "password": PASSWORD}
    payload = await shop.api.do("logIn", account, "session { accessToken }")
    token: str = payload["session"]["accessToken"]
    return token


async def _log_out(shop: Shop, token: str) -> None:
    leaving = Client(shop.api.http, shop.api.keys).bearing(token)
    assert (await leaving.do("logOut", {}))["errors"] == []
