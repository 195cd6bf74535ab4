"""Changes reach subscribers over both transports, through the real clients."""

import asyncio

import pytest
import websockets
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.running import Server
from tests.subscriptions.conftest import Shop
from tests.subscriptions.signals import signalled

BOTH = pytest.mark.parametrize("transport", ["ws", "sse"])


@BOTH
async def test_attempts_arrive_at_the_till_in_order(shop: Shop, transport: str) -> None:
    subscriber = await shop.subscribe_vendor(transport=transport)
    ids = [await shop.present(), await shop.redeem(), await shop.redeem()]
    changes = await subscriber.received(3)
    assert [change["redemption"]["id"] for change in changes] == ids
    reasons = [change["redemption"]["reason"] for change in changes]
    assert reasons == ["UNKNOWN", "APPROVED", "ALREADY_REDEEMED"]
    assert len({change["cursor"] for change in changes}) == 3
    assert subscriber.codes == []


@BOTH
async def test_a_redemption_reaches_the_owner_of_the_voucher(shop: Shop, transport: str) -> None:
    subscriber = await shop.subscribe_voucher(transport=transport)
    await shop.present()
    id = await shop.redeem()
    (change,) = await subscriber.received(1)
    assert change["kind"] == "PRESENTED"
    assert change["voucher"]["state"] == "REDEEMED"
    assert change["redemption"] == {"id": id, "outcome": "APPROVED"}
    assert change["cursor"]


@BOTH
async def test_without_a_cursor_only_new_changes_are_received(shop: Shop, transport: str) -> None:
    await shop.present()
    subscriber = await shop.subscribe_vendor(transport=transport, variables={"after": None})
    await subscriber.connected()
    await asyncio.sleep(0.5)
    id = await shop.present()
    (change,) = await subscriber.received(1)
    assert change["redemption"]["id"] == id


async def test_a_change_is_there_at_once(shop: Shop) -> None:
    subscriber = await shop.subscribe_vendor()
    await shop.present()
    await subscriber.received(1)
    await signalled(lambda: shop.lag(subscriber))


async def test_the_legacy_protocol_is_not_supported(server: Server) -> None:
    url = server.url.replace("http", "ws") + "/graphql"
    async with connect(url, subprotocols=[Subprotocol("graphql-ws")]) as socket:
        with pytest.raises(websockets.ConnectionClosedError) as closed:
            await socket.recv()
    assert closed.value.rcvd
    assert closed.value.rcvd.code == 4406
