"""When the automatic reply is sent outside chat hours, and when it isn't."""

import asyncio
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, update

from core.clock import now
from models.chat.conversations import Conversation, Side
from models.chat.hours import AUTO_REPLY_INTERVAL, ChatHours
from models.chat.messages import Message, MessageKind
from models.vendors import Vendor
from services.chat import hours
from tests.client import Client
from tests.factories.chat import Chat, span
from tests.factories.world import World

REPLY = "We are closed now."


async def keep_hours(
    world: World, vendor: Vendor, *, is_open: bool = False, auto_reply: str = REPLY
) -> None:
    """Hours of today and its neighbours, or of the days farthest from it."""
    today = now().astimezone(ZoneInfo(vendor.time_zone)).isoweekday()
    days = {(today + n - 2) % 7 + 1 for n in (0, 1, 2)}
    spans = [span(day, "00:00", "00:00") for day in range(1, 8) if (day in days) is is_open]
    await world.save(ChatHours(vendor_id=vendor.id, spans=spans, auto_reply=auto_reply))


async def closed(world: World, api: Client) -> Chat:
    chat = await Chat.open(world, api)
    await keep_hours(world, chat.vendor)
    return chat


async def kinds(chat: Chat) -> list[MessageKind]:
    return [message.kind for message in await chat.messages()]


async def age(world: World, by: timedelta) -> None:
    """Move all messages into the past."""
    async with world.database.session() as session, session.begin():
        await session.exec(update(Message).values(created_at=Message.created_at - by))
        for column in ("first_asked_at", "first_answered_at", "auto_replied_at"):
            value = getattr(Conversation, column)
            await session.exec(update(Conversation).values({column: col(value) - by}))


async def test_auto_reply_is_sent_immediately(world: World, api: Client) -> None:
    chat = await closed(world, api)
    assert (await chat.send(chat.customer))["sequence"] == 1
    _, reply = await chat.messages()
    assert (reply.kind, reply.side, reply.sequence) == (MessageKind.AUTO_REPLY, Side.VENDOR, 2)
    assert (reply.text, reply.sender_id) == (REPLY, None)
    conversation = await chat.row()
    assert conversation.auto_replied_at == conversation.last_message_at == reply.created_at
    assert (conversation.last_sequence, conversation.user_messages) == (2, 1)
    kinds = [
        kind for topic, _, kind in await world.journal() if topic == f"vendor:{chat.vendor.id}"
    ]
    assert kinds.count("message.sent") == 2


async def test_auto_reply_is_no_first_answer(world: World, api: Client) -> None:
    chat = await closed(world, api)
    await chat.send(chat.customer)
    assert (await chat.row()).first_asked_at
    assert (await chat.row()).first_answered_at is None
    await chat.send(chat.member)
    assert (await chat.row()).first_answered_at


async def test_auto_reply_is_no_reading(world: World, api: Client) -> None:
    chat = await closed(world, api)
    await chat.send(chat.customer)
    conversation = await chat.row()
    assert (conversation.user_read, conversation.vendor_read) == (0, 0)
    query = "{ viewer { unreadMessages } }"
    for user in (chat.customer, chat.member):
        assert await api.signed_in(user).ask(query) == {"viewer": {"unreadMessages": 1}}


async def test_auto_reply_is_not_given_in_hours(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    await keep_hours(world, chat.vendor, is_open=True)
    await chat.send(chat.customer)
    assert await kinds(chat) == [MessageKind.TEXT]


async def test_auto_reply_without_text_is_not_sent(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    await keep_hours(world, chat.vendor, auto_reply="")
    await chat.send(chat.customer)
    assert await kinds(chat) == [MessageKind.TEXT]


async def test_auto_reply_of_a_vendor_without_hours_is_none(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    await world.save(ChatHours(vendor_id=chat.vendor.id, auto_reply=REPLY))
    await chat.send(chat.customer)
    assert await kinds(chat) == [MessageKind.TEXT]


async def test_auto_reply_is_not_given_to_the_vendor(world: World, api: Client) -> None:
    chat = await closed(world, api)
    await chat.send(chat.member)
    assert await kinds(chat) == [MessageKind.TEXT]


async def test_auto_reply_is_rate_limited(world: World, api: Client) -> None:
    chat = await closed(world, api)
    for _ in range(3):
        await chat.send(chat.customer)
    given = [MessageKind.TEXT, MessageKind.AUTO_REPLY, MessageKind.TEXT, MessageKind.TEXT]
    assert await kinds(chat) == given
    await age(world, AUTO_REPLY_INTERVAL)
    await chat.send(chat.customer)
    assert await kinds(chat) == [*given, MessageKind.TEXT, MessageKind.AUTO_REPLY]


async def test_auto_reply_is_given_once_to_concurrent_messages(world: World, api: Client) -> None:
    chat = await closed(world, api)
    await asyncio.gather(*(chat.send(chat.customer) for _ in range(10)))
    assert (await kinds(chat)).count(MessageKind.AUTO_REPLY) == 1


async def test_auto_reply_is_given_once_for_each_message(world: World, api: Client) -> None:
    chat = await closed(world, api)
    await chat.send(chat.customer, clientMessageId="one")
    await age(world, AUTO_REPLY_INTERVAL)
    await chat.send(chat.customer, clientMessageId="one")
    assert await kinds(chat) == [MessageKind.TEXT, MessageKind.AUTO_REPLY]


async def test_auto_reply_is_not_given_after_a_recent_answer(world: World, api: Client) -> None:
    chat = await closed(world, api)
    await chat.send(chat.member)
    await chat.send(chat.customer)
    assert await kinds(chat) == [MessageKind.TEXT] * 2
    await age(world, AUTO_REPLY_INTERVAL)
    await chat.send(chat.customer)
    assert await kinds(chat) == [*[MessageKind.TEXT] * 3, MessageKind.AUTO_REPLY]


async def test_auto_reply_is_for_each_conversation(world: World, api: Client) -> None:
    chat = await closed(world, api)
    other = await Chat.between(world, api, await world.user(), chat.vendor, chat.member)
    await chat.send(chat.customer)
    await other.send(other.customer)
    assert (await kinds(chat)).count(MessageKind.AUTO_REPLY) == 2


@pytest.mark.parametrize(
    ("zone", "moment", "replied"),
    [
        ("Europe/Berlin", "2026-06-01T16:00:00Z", True),  # a Monday, 18:00
        ("Europe/Berlin", "2026-12-07T16:00:00Z", False),
        ("America/New_York", "2026-06-01T21:59:59Z", False),
        ("America/New_York", "2026-06-01T22:00:00Z", True),
        ("Asia/Kolkata", "2026-06-01T03:29:59Z", True),
        ("Asia/Kolkata", "2026-06-01T03:30:00Z", False),
    ],
)
async def test_auto_reply_goes_by_the_clock_of_the_vendor(
    world: World,
    api: Client,
    monkeypatch: pytest.MonkeyPatch,
    zone: str,
    moment: str,
    replied: bool,
) -> None:
    monkeypatch.setattr(hours, "now", lambda: datetime.fromisoformat(moment))
    chat = await Chat.open(world, api, time_zone=zone)
    spans = [span(1, "09:00", "18:00")]
    await world.save(ChatHours(vendor_id=chat.vendor.id, spans=spans, auto_reply=REPLY))
    await chat.send(chat.customer)
    assert (MessageKind.AUTO_REPLY in await kinds(chat)) is replied
