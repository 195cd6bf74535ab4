"""Subscribers that join late, fall behind or resume: each receives what it may see, once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from strawberry.relay import from_base64

from engine.live import database_retry, journal_producer, subscriber_group
from engine.live.execution import EncodedResult
from models.identity.accounts import User
from services.chat.log import inbox_topics
from services.journal import append as journal
from services.journal import cursor, queries
from services.journal.topics import user_topic, vendor_topic
from services.redemptions import RedemptionCreated, VoucherClaimed
from services.viewer import Viewer
from subscriptions.presence import TypingSource
from subscriptions.redemptions import VendorRedemptionsSource
from tests.factories.chat import Chat
from tests.subscriptions.counted import Counted
from tests.subscriptions.talking import Talker
from tests.subscriptions.test_sharing import Room, room, server
from web.graphql.websocket import SocketSubscriber

__all__ = ["room", "server"]

INBOX = """subscription ($after: String) {
  inboxChanges(after: $after) { __typename ... on Change { cursor } }
}"""
TYPING = "subscription ($id: ID!) { typing(conversationId: $id) { users { id } } }"


async def test_a_late_device_is_told_each_entry_of_two_topics_once(room: Room) -> None:
    """It has the topics one after the other, where the others had the entries as they came."""
    owner, shop = room.shop.owner, room.shop
    async with shop.database.session() as session:
        topics = list(await inbox_topics(session, Viewer(owner.id)))
    start = cursor.encode(room.server.feed.epoch, await queries.heads(shop.database, topics))
    devices = [await room.follows(owner, INBOX, after=start) for _ in range(2)]
    await room.live(2)
    for topic, entry in (
        (vendor_topic(shop.vendor.id), RedemptionCreated(uuid4())),
        (user_topic(owner.id), VoucherClaimed(shop.voucher.id, shop.voucher.offer_id)),
    ):
        async with room.server.app.transactions.begin() as session:
            journal.append(session, entry, to=[topic])
        assert len({(await one.change())["__typename"] for one in devices}) == 1
    late = await room.follows(owner, INBOX, after=start)
    told = {(await late.change())["__typename"] for _ in range(2)}
    assert told == {"RedemptionCreated", "VoucherUpdated"}


async def test_who_becomes_live_during_a_rendering_is_authorized(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The right is revoked before the change, and they catch up while it is executed."""
    monkeypatch.setattr(journal_producer, "CACHE_SECONDS", 0)
    owner = await room.follows(room.shop.owner)
    await room.live(1)
    before = await room.shop.cursor(room.shop.topic)
    await room.shop.present()
    missed = (await owner.change())["cursor"]
    executed = _hold(monkeypatch)
    staff = await room.member()
    talker = await room.follows(staff, after=before)
    await executed.begun(1)
    await _dismiss(room, staff)
    await room.shop.present()
    await executed.begun(2)
    executed.go(1)
    assert (await talker.change())["cursor"] == missed
    executed.go(2)
    (error,) = (await talker.heard())["payload"]["errors"]
    assert error["extensions"]["code"] == "NOT_FOUND"
    assert (await owner.change())["cursor"] != missed


async def test_a_group_that_splits_during_a_fan_out_loses_no_subscriber(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscriber_group, "SENDS_PER_TURN", 1)
    talkers = [await room.follows(await room.member()) for _ in range(3)]
    await room.live(3)
    (group,) = room.server.endpoint.groups.groups
    plain, sent = SocketSubscriber.send, list[SocketSubscriber]()

    def send(self: SocketSubscriber, result: EncodedResult) -> bool:
        if not sent:  # split in the first pause, as a subscriber that catches up can
            asyncio.get_running_loop().call_soon(group.split_per_viewer)
        sent.append(self)
        return plain(self, result)

    monkeypatch.setattr(SocketSubscriber, "send", send)
    redemption = await room.shop.present()
    for talker in talkers:
        assert (await talker.change())["redemption"]["id"] == redemption
    assert room.server.endpoint.groups.stats().groups == 3


async def test_nothing_is_executed_without_live_subscribers(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    talker = await room.follows(room.shop.owner)
    await room.live(1)
    (group,) = room.server.endpoint.groups.groups
    plain, reads = SocketSubscriber.send, asyncio.Event()
    monkeypatch.setattr(
        SocketSubscriber, "send", lambda self, result: reads.is_set() and plain(self, result)
    )
    monkeypatch.setattr(SocketSubscriber, "writable", lambda _: reads.wait())
    await room.shop.present()
    await room.live(0)
    async with asyncio.timeout(20):  # it is about to replay the first change
        while group.stats().catching_up != 1:  # noqa: ASYNC110 - there is nothing to wait on
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.5)
    counted, position = Counted(), group.position
    await room.shop.present()
    async with asyncio.timeout(20):
        while group.position == position:  # noqa: ASYNC110 - there is nothing to wait on
            await asyncio.sleep(0.02)
    assert counted["haat_live_executions_total"] == 0
    reads.set()
    assert len({(await talker.change())["cursor"] for _ in range(2)}) == 2


async def test_a_slow_one_is_asked_about_before_it_is_told_who_types(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _typing(room) as (chat, customer, member):
        (group,) = room.server.endpoint.groups.groups
        (slow,) = (one for one in group.subscribers if one.viewer.user_id == chat.member.id)
        plain, reads = SocketSubscriber.send, asyncio.Event()
        monkeypatch.setattr(
            SocketSubscriber,
            "send",
            lambda self, message: (self is not slow or reads.is_set()) and plain(self, message),
        )
        monkeypatch.setattr(SocketSubscriber, "writable", lambda _: reads.wait())
        await _type(room, chat)
        await customer.change()
        await _dismiss(room, chat.member)
        reads.set()
        (error,) = (await member.heard())["payload"]["errors"]
        assert error["extensions"]["code"] == "NOT_FOUND"


async def test_who_types_is_told_although_the_database_failed_once(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_retry, "RETRY_SECONDS", 0.01)
    plain = TypingSource.unauthorized

    async def fail(*_: Any) -> None:
        monkeypatch.setattr(TypingSource, "unauthorized", plain)
        raise OperationalError("SELECT", {}, Exception("the database is restarted"))

    async with _typing(room) as (chat, customer, member):
        monkeypatch.setattr(TypingSource, "unauthorized", fail)
        await _type(room, chat)
        for talker in (customer, member):
            assert len((await talker.change())["users"]) == 1


class _Held:
    """Executions of the till's changes, which begin and then wait to be let go."""

    def __init__(self) -> None:
        self._begun = asyncio.Condition()
        self._gates: list[asyncio.Event] = []

    async def wait(self) -> None:
        gate = asyncio.Event()
        async with self._begun:
            self._gates.append(gate)
            self._begun.notify_all()
        await gate.wait()

    async def begun(self, number: int) -> None:
        async with asyncio.timeout(20), self._begun:
            await self._begun.wait_for(lambda: len(self._gates) >= number)

    def go(self, number: int) -> None:
        self._gates[number - 1].set()


def _hold(monkeypatch: pytest.MonkeyPatch) -> _Held:
    held, plain = _Held(), VendorRedemptionsSource.change

    async def change(self: VendorRedemptionsSource, *given: Any) -> Any:
        await held.wait()
        return await plain(self, *given)

    monkeypatch.setattr(VendorRedemptionsSource, "change", change)
    return held


@asynccontextmanager
async def _typing(room: Room) -> AsyncIterator[tuple[Chat, Talker, Talker]]:
    """Subscribe a customer and a member to typing, and wait until both are live."""
    chat = await Chat.open(room.world, room.shop.api)
    async with AsyncExitStack() as stack:
        talkers = []
        for user in (chat.customer, chat.member):
            talker = Talker.connected(room.server.url, room.shop.token(user))
            talkers.append(await stack.enter_async_context(talker))
            await talkers[-1].subscribe(TYPING, {"id": chat.id})
            assert (await talkers[-1].change())["users"] == []
        await room.live(2)
        yield chat, talkers[0], talkers[1]


async def _type(room: Room, chat: Chat) -> None:
    conversation_id = UUID(from_base64(chat.id)[1])
    await room.server.app.typing.set(conversation_id, chat.customer.id, typing=True)


async def _dismiss(room: Room, user: User) -> None:
    async with room.shop.database.session() as session, session.begin():
        rows = text("DELETE FROM vendor_member WHERE user_id = :user_id")
        await session.execute(rows, {"user_id": user.id})
