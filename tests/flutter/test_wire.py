"""Subscriptions and sessions of the guide for Flutter: its messages in order, against a server."""

import uuid
from contextlib import AsyncExitStack
from typing import Any

import pytest
from sqlmodel import select
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from models.identity.accounts import User
from models.notifications.devices import Device
from services.journal.cursor import CursorCodec
from services.journal.topics import user_topic
from tests.client import gid
from tests.factories.redemptions import Till
from tests.flutter.app import App

MAX_SOCKETS = 20
VIOLATIONS: dict[int, list[dict[str, Any]]] = {
    4400: [{"type": "nonsense"}],
    4409: [{"id": "1", "type": "subscribe"}, {"id": "1", "type": "subscribe"}],
    4429: [{"type": "connection_init"}],
}


async def redeem(scanner: App, till: Till, code: str) -> dict[str, Any]:
    return await scanner.mutate("RedeemVoucher", **till.scan(code=code))


async def devices(user: User, phone: App) -> list[Any]:
    async with phone.world.database.session() as session:
        return list(await session.exec(select(Device).where(Device.user_id == user.id)))


async def test_a_voucher_is_followed_over_a_pause(phone: App, scanner: App, till: Till) -> None:
    """Load, follow, pause, resume with the last cursor: what happened meanwhile arrives once."""
    voucher = await till.voucher()
    about = {"voucherId": gid(voucher)}
    state = await phone.query("Voucher", **about)
    assert state["voucher"]["state"] == "CLAIMED"
    async with phone.socket() as socket:
        await socket.acknowledged()
        id = await socket.subscribe("VoucherChanges", **about, after=state["cursor"])
        assert (await redeem(scanner, till, voucher.code))["outcome"] == "APPROVED"
        change = await socket.change(id)
        assert (change["kind"], change["voucher"]["state"]) == ("PRESENTED", "REDEEMED")
        await socket.send({"id": id, "type": "complete"})
        await socket.connection.close(1000, "Normal Closure")  # paused
    assert (await redeem(scanner, till, voucher.code))["reason"] == "ALREADY_REDEEMED"
    async with phone.socket() as socket:  # resumed
        await socket.acknowledged()
        id = await socket.subscribe("VoucherChanges", **about, after=change["cursor"])
        missed = await socket.change(id)
        assert missed["redemption"]["reason"] == "ALREADY_REDEEMED"
        assert (await redeem(scanner, till, voucher.code))["outcome"] == "REFUSED"
        assert (await socket.change(id))["redemption"]["id"] != missed["redemption"]["id"]


async def test_refusals_at_the_start_are_error_frames_and_leave_the_socket_open(
    phone: App, till: Till
) -> None:
    mine, other = await till.voucher(), await till.world.voucher(till.offer, till.scanner)
    topic = user_topic(till.customer.id)
    refused: dict[str, dict[str, Any]] = {
        "NOT_FOUND": {"voucherId": gid(other)},
        "BAD_USER_INPUT": {"voucherId": gid(mine), "after": "nonsense"},
        "CURSOR_EXPIRED": {
            "voucherId": gid(mine),
            "after": CursorCodec(till.world.keys).encode("of another time", {topic: 0}),
        },
    }
    async with phone.socket() as socket:
        await socket.acknowledged()
        for code, variables in refused.items():
            id = await socket.subscribe("VoucherChanges", **variables)
            assert await socket.refusal(id) == code
        await socket.send({"type": "ping"})
        assert (await socket.receive())["type"] == "pong"


async def test_an_invalid_token_is_4403_before_the_acknowledgement_and_a_refresh_helps(
    phone: App, till: Till
) -> None:
    expired, _ = till.world.keys.sign_access(till.customer.id, till.customer.id, minutes=-1)
    async with phone.socket(expired) as socket:
        assert (await socket.closed())[0] == 4403
    before = phone.tokens["accessToken"]
    await phone.refresh()
    assert phone.tokens["accessToken"] != before
    async with phone.socket() as socket:
        await socket.acknowledged()


async def test_the_lifetime_of_a_token_is_in_seconds(phone: App) -> None:
    assert 14 * 60 < phone.tokens["expiresIn"] <= 15 * 60


async def test_only_a_request_without_a_token_is_anonymous(phone: App, till: Till) -> None:
    """With a token that is not valid, fields that depend on the viewer fail."""
    public = await phone.send("Offers", anonymous=True, first=1)
    assert public["data"]["offers"]["edges"][0]["node"]["likedByMe"] is False
    assert (await phone.send("Viewer", anonymous=True))["data"]["viewer"] is None
    expired, _ = till.world.keys.sign_access(till.customer.id, till.customer.id, minutes=-1)
    phone.tokens["accessToken"] = expired
    for answer in (await phone.send("Offers", first=1), await phone.send("Viewer")):
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    await phone.refresh()
    assert (await phone.query("Viewer"))["id"] == gid(till.customer)


async def test_log_out_by_refresh_token_closes_sockets_with_4401_and_removes_the_device(
    phone: App, till: Till
) -> None:
    """4401 follows the acknowledgement if the session has ended before."""
    registered = await phone.mutate("RegisterDevice", token=uuid.uuid4().hex, platform="ANDROID")
    assert registered["errors"] == []
    device = await devices(till.customer, phone)
    assert len(device) == 1
    async with phone.socket() as socket:
        await socket.acknowledged()
        input = {"refreshToken": phone.tokens["refreshToken"]}
        answer = await phone.send("LogOut", anonymous=True, input=input)
        assert answer["data"]["logOut"]["errors"] == []
        assert (await socket.closed())[0] == 4401
    async with phone.socket() as socket:
        await socket.acknowledged()
        assert (await socket.closed())[0] == 4401
    assert await devices(till.customer, phone) == []
    answer = await phone.send("RefreshSession", anonymous=True, input=input)
    codes = [one["code"] for one in answer["data"]["refreshSession"]["errors"]]
    assert codes == ["SESSION_ENDED"]


async def test_one_socket_too_many_is_4429_after_the_acknowledgement(phone: App) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(MAX_SOCKETS):
            await (await stack.enter_async_context(phone.socket())).acknowledged()
        async with phone.socket() as socket:
            await socket.acknowledged()
            assert (await socket.closed())[0] == 4429


@pytest.mark.parametrize("code", VIOLATIONS)
async def test_violations_of_the_protocol_close_the_socket(
    phone: App, till: Till, code: int
) -> None:
    body = phone.body("VoucherChanges", {"voucherId": gid(await till.voucher())})
    async with phone.socket() as socket:
        await socket.acknowledged()
        for message in VIOLATIONS[code]:
            await socket.send({"payload": body} | message)
        assert (await socket.closed())[0] == code


async def test_the_default_subprotocol_of_the_other_link_is_4406(app: App) -> None:
    address = app.url.replace("http", "ws") + "/graphql"
    async with connect(address, subprotocols=[Subprotocol("graphql-ws")]) as connection:
        await connection.wait_closed()
    assert connection.close_code == 4406


async def test_a_stream_that_ends_later_sends_its_error_and_completes(
    phone: App, till: Till
) -> None:
    """When the memberships of a viewer change, the cursors of their inbox expire."""
    member = await till.staff()
    desk = await phone.another().sign_in(member)
    inbox = await desk.query("Inbox")
    started = await phone.mutate("StartConversation", vendorId=gid(till.vendor))
    async with desk.socket() as socket:
        await socket.acknowledged()
        after = inbox["conversations"]["changesAfter"]
        id = await socket.subscribe("InboxChanges", after=after)
        draft = {"conversationId": started["conversation"]["id"], "text": "Hello"}
        await phone.mutate("SendMessage", **draft, clientMessageId=str(uuid.uuid4()))
        await socket.change(id)  # the start of the conversation
        change = await socket.change(id)
        assert change["message"]["conversation"]["unreadMessages"] == 1
        await till.world.leaves(member)
        await phone.mutate("SendMessage", **draft, clientMessageId=str(uuid.uuid4()))
        ended = await socket.receive()
        assert (ended["type"], ended["id"]) == ("next", id)
        assert ended["payload"]["errors"][0]["extensions"]["code"] == "CURSOR_EXPIRED"
        assert await socket.receive() == {"id": id, "type": "complete"}
