"""Subscribers that join late, fall behind or resume: each receives what it may see, once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from strawberry.relay import from_base64

from engine.live import database_retry, journal_producer, subscriber_group
from models.identity.accounts import User
from services.chat.log import inbox_topics
from services.journal import append as journal
from services.journal import queries
from services.journal.topics import user_topic, vendor_topic
from services.redemptions.entries import RedemptionCreated, VoucherClaimed
from subscriptions.presence import TypingSource
from subscriptions.redemptions import VendorRedemptionsSource
from tests.factories.chat import Chat
from tests.subscriptions.delivery.test_sharing import LiveShop, live_shop, server
from tests.subscriptions.metric_increases import MetricIncreases
from tests.subscriptions.websocket_client import WebSocketClient
from web.graphql.socket_subscriber import SocketSubscriber

__all__ = ["live_shop", "server"]

INBOX = """subscription ($after: String) {
  inboxChanges(after: $after) { __typename ... on Change { cursor } }
}"""
TYPING = "subscription ($id: ID!) { typing(conversationId: $id) { users { id } } }"


async def test_a_late_device_receives_each_entry_of_two_topics_once(live_shop: LiveShop) -> None:
    """It has the topics one after the other, where the others had the entries as they came."""
    owner, shop = live_shop.shop.owner, live_shop.shop
    topics = await inbox_topics(shop.database.shared, owner.id)
    start = live_shop.server.feed.encode(await queries.heads(shop.database, topics))
    devices = [await live_shop.subscribe(owner, INBOX, after=start) for _ in range(2)]
    await live_shop.live(2)
    for topic, entry in (
        (vendor_topic(shop.vendor.id), RedemptionCreated(uuid4())),
        (user_topic(owner.id), VoucherClaimed(shop.voucher.id, shop.voucher.offer_id)),
    ):
        async with live_shop.server.app.transactions.begin() as session:
            journal.append(session, entry, to=[topic])
        assert len({(await one.change())["__typename"] for one in devices}) == 1
    late = await live_shop.subscribe(owner, INBOX, after=start)
    kinds = {(await late.change())["__typename"] for _ in range(2)}
    assert kinds == {"RedemptionCreated", "VoucherUpdated"}


async def test_a_subscriber_that_becomes_live_during_an_execution_is_authorized(
    live_shop: LiveShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The right is revoked before the change, and they catch up while it is executed."""
    monkeypatch.setattr(journal_producer, "CACHE_SECONDS", 0)
    owner = await live_shop.subscribe(live_shop.shop.owner)
    await live_shop.live(1)
    before = await live_shop.shop.cursor(live_shop.shop.topic)
    await live_shop.shop.present()
    missed = (await owner.change())["cursor"]
    executed = _hold(monkeypatch)
    staff = await live_shop.member()
    connection = await live_shop.subscribe(staff, after=before)
    await executed.begun(1)
    await _dismiss(live_shop, staff)
    await live_shop.shop.present()
    await executed.begun(2)
    executed.go(1)
    assert (await connection.change())["cursor"] == missed
    executed.go(2)
    (error,) = (await connection.receive())["payload"]["errors"]
    assert error["extensions"]["code"] == "NOT_FOUND"
    assert (await owner.change())["cursor"] != missed


async def test_a_group_that_splits_during_a_fan_out_loses_no_subscriber(
    live_shop: LiveShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscriber_group, "SENDS_PER_TURN", 1)
    connections = [await live_shop.subscribe(await live_shop.member()) for _ in range(3)]
    await live_shop.live(3)
    (group,) = live_shop.server.endpoint.groups.groups
    sent: list[SocketSubscriber] = []

    def note(subscriber: SocketSubscriber) -> bool:
        if not sent:  # split in the first pause, as a subscriber that catches up can
            asyncio.get_running_loop().call_soon(group.split_per_viewer)
        sent.append(subscriber)
        return True

    _let_send(monkeypatch, note)
    redemption = await live_shop.shop.present()
    for connection in connections:
        assert (await connection.change())["redemption"]["id"] == redemption
    assert live_shop.server.endpoint.groups.stats().groups == 3


def _let_send(
    monkeypatch: pytest.MonkeyPatch, may_send: Callable[[SocketSubscriber], bool]
) -> None:
    """Let the send buffer of a subscriber be full unless `may_send`."""
    for name in ("send", "send_together"):
        plain = getattr(SocketSubscriber, name)
        monkeypatch.setattr(
            SocketSubscriber,
            name,
            lambda self, *given, plain=plain: may_send(self) and plain(self, *given),
        )


async def test_nothing_is_executed_without_live_subscribers(
    live_shop: LiveShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = await live_shop.subscribe(live_shop.shop.owner)
    await live_shop.live(1)
    (group,) = live_shop.server.endpoint.groups.groups
    reads = asyncio.Event()
    _let_send(monkeypatch, lambda _: reads.is_set())
    monkeypatch.setattr(SocketSubscriber, "writable", lambda _: reads.wait())
    await live_shop.shop.present()
    await live_shop.live(0)
    async with asyncio.timeout(20):  # it is about to replay the first change
        while group.stats().catching_up != 1:  # noqa: ASYNC110 - there is nothing to wait on
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.5)
    increases, position = MetricIncreases(), group.position
    await live_shop.shop.present()
    async with asyncio.timeout(20):
        while group.position == position:  # noqa: ASYNC110 - there is nothing to wait on
            await asyncio.sleep(0.02)
    assert increases["haat_live_executions_total"] == 0
    reads.set()
    assert len({(await connection.change())["cursor"] for _ in range(2)}) == 2


async def test_a_slow_subscriber_is_authorized_before_it_receives_typing(
    live_shop: LiveShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _typing(live_shop) as (chat, customer, member):
        (group,) = live_shop.server.endpoint.groups.groups
        (slow,) = (one for one in group.subscribers if one.viewer.user_id == chat.member.id)
        reads = asyncio.Event()
        _let_send(monkeypatch, lambda one: one is not slow or reads.is_set())
        monkeypatch.setattr(SocketSubscriber, "writable", lambda _: reads.wait())
        await _type(live_shop, chat)
        await customer.change()
        await _dismiss(live_shop, chat.member)
        reads.set()
        (error,) = (await member.receive())["payload"]["errors"]
        assert error["extensions"]["code"] == "NOT_FOUND"


async def test_typing_is_published_after_a_database_error(
    live_shop: LiveShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_retry, "RETRY_SECONDS", 0.01)
    plain = TypingSource.unauthorized

    async def fail(*_: Any) -> None:
        monkeypatch.setattr(TypingSource, "unauthorized", plain)
        raise OperationalError("SELECT", {}, Exception("the database is restarted"))

    async with _typing(live_shop) as (chat, customer, member):
        monkeypatch.setattr(TypingSource, "unauthorized", fail)
        await _type(live_shop, chat)
        for connection in (customer, member):
            assert len((await connection.change())["users"]) == 1


class HeldExecutions:
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


def _hold(monkeypatch: pytest.MonkeyPatch) -> HeldExecutions:
    held, plain = HeldExecutions(), VendorRedemptionsSource.change

    async def change(self: VendorRedemptionsSource, *given: Any) -> Any:
        await held.wait()
        return await plain(self, *given)

    monkeypatch.setattr(VendorRedemptionsSource, "change", change)
    return held


@asynccontextmanager
async def _typing(
    live_shop: LiveShop,
) -> AsyncIterator[tuple[Chat, WebSocketClient, WebSocketClient]]:
    """Subscribe a customer and a member to typing, and wait until both are live."""
    chat = await Chat.open(live_shop.world, live_shop.shop.api)
    async with AsyncExitStack() as stack:
        connections = []
        for user in (chat.customer, chat.member):
            connection = WebSocketClient.connected(live_shop.server.url, live_shop.shop.token(user))
            connections.append(await stack.enter_async_context(connection))
            await connections[-1].subscribe(TYPING, {"id": chat.id})
            assert (await connections[-1].change())["users"] == []
        await live_shop.live(2)
        yield chat, connections[0], connections[1]


async def _type(live_shop: LiveShop, chat: Chat) -> None:
    conversation_id = UUID(from_base64(chat.id)[1])
    await live_shop.server.app.typing.set(conversation_id, chat.customer.id, typing=True)


async def _dismiss(live_shop: LiveShop, user: User) -> None:
    async with live_shop.shop.database.session() as session, session.begin():
        rows = text("DELETE FROM vendor_member WHERE user_id = :user_id")
        await session.execute(rows, {"user_id": user.id})
