"""Deleted messages are unread for no one: not in a conversation, in total, or in the bell."""

from collections.abc import AsyncIterator

import pytest

from core.redis.pubsub import PubSub
from models.identity.accounts import User
from models.vendors import MemberRole
from services.chat.message_notifications import notify_of_message
from services.transaction import Transactions
from tests.client import Client
from tests.factories.chat import Chat
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.counting import statements

COUNTS = """
    { viewer { unreadMessages notifications { unreadCount }
        conversations { nodes { id unreadMessages } } } }
"""
DELETE = "mutation ($id: ID!) { deleteMessage(input: {messageId: $id}) { errors { code } } }"


@pytest.fixture
def transactions(world: World) -> Transactions:
    return Transactions(world.database, PubSub("redis://nowhere"))


@pytest.fixture
async def chat(world: World, api: Client) -> AsyncIterator[Chat]:
    """Yield a conversation, and recount all counters after the test."""
    yield await Chat.open(world, api)
    await check_invariants(world.database)


async def delete(chat: Chat, sender: User, message: dict[str, str]) -> None:
    given = {"messageId": message["id"]}
    assert await chat.api.signed_in(sender).refusal_codes("deleteMessage", given) == []


async def counts(chat: Chat, user: User) -> tuple[int, int, int]:
    """Return the unread messages of the conversation and in total, and the unread notifications."""
    viewer = (await chat.api.signed_in(user).ask(COUNTS))["viewer"]
    here = {one["id"]: one["unreadMessages"] for one in viewer["conversations"]["nodes"]}
    return here[chat.id], viewer["unreadMessages"], viewer["notifications"]["unreadCount"]


async def reported(chat: Chat, user: User) -> list[int]:
    """Return how many messages the user's notifications report, the newest first."""
    asked = "{ viewer { notifications { nodes { count } } } }"
    viewer = (await chat.api.signed_in(user).ask(asked))["viewer"]
    return [one["count"] for one in viewer["notifications"]["nodes"]]


async def notify(chat: Chat, transactions: Transactions) -> None:
    """Notify of all messages, as their jobs do after a while."""
    for message in await chat.messages():
        async with transactions.begin() as session:
            await notify_of_message(session, message.id)


async def test_a_deleted_message_is_not_unread(chat: Chat) -> None:
    for sender, reader in ((chat.customer, chat.member), (chat.member, chat.customer)):
        first, second = [await chat.send(sender) for _ in range(2)]
        assert await counts(chat, reader) == (2, 2, 0)
        await delete(chat, sender, first)
        await delete(chat, sender, first)
        assert await counts(chat, reader) == (1, 1, 0)
        await delete(chat, sender, second)
        assert await counts(chat, reader) == (0, 0, 0)


async def test_a_message_deleted_after_it_was_read_changes_nothing(
    world: World, chat: Chat
) -> None:
    """Of two members, one has read it."""
    colleague = await new_member(world, chat.vendor, MemberRole.STAFF)
    read, unread = [await chat.send(chat.customer) for _ in range(2)]
    await chat.read(chat.member, 1)
    assert [await counts(chat, one) for one in (chat.member, colleague)] == [(1, 1, 0), (2, 2, 0)]
    await delete(chat, chat.customer, read)
    assert [await counts(chat, one) for one in (chat.member, colleague)] == [(1, 1, 0)] * 2
    await delete(chat, chat.customer, unread)
    assert [await counts(chat, one) for one in (chat.member, colleague)] == [(0, 0, 0)] * 2


async def test_reading_past_deleted_messages_counts_the_others(chat: Chat) -> None:
    sent = [await chat.send(chat.customer) for _ in range(6)]
    for number in (1, 3, 5):
        await delete(chat, chat.customer, sent[number])
    left = []
    for sequence in range(1, 7):
        left.append((await chat.read(chat.member, sequence))["unreadMessages"])
        assert (await counts(chat, chat.member))[1] == left[-1]
    assert left == [2, 2, 1, 1, 0, 0]
    await chat.send(chat.customer)
    await chat.send(chat.member)
    assert await counts(chat, chat.member) == (0, 0, 0)


async def test_a_customer_who_becomes_a_member(world: World, chat: Chat) -> None:
    """Their own messages are in the vendor's inbox, and are not unread for them."""
    await world.member(chat.vendor, chat.customer, MemberRole.STAFF)
    kept, deleted = [await chat.send(chat.customer) for _ in range(2)]
    await delete(chat, chat.customer, deleted)
    assert await counts(chat, chat.customer) == (0, 0, 0)
    assert await counts(chat, chat.member) == (1, 1, 0)
    await delete(chat, chat.customer, kept)
    assert await counts(chat, chat.customer) == (0, 0, 0)


async def test_the_bell_forgets_what_was_deleted(
    world: World, chat: Chat, transactions: Transactions
) -> None:
    """For all members, once no message of the notification is left."""
    colleague = await new_member(world, chat.vendor, MemberRole.STAFF)
    first, second = [await chat.send(chat.customer) for _ in range(2)]
    await notify(chat, transactions)
    members = (chat.member, colleague)
    assert [await counts(chat, one) for one in members] == [(2, 2, 1)] * 2
    await delete(chat, chat.customer, second)
    assert [await counts(chat, one) for one in members] == [(1, 1, 1)] * 2
    await delete(chat, chat.customer, first)
    assert [await counts(chat, one) for one in members] == [(0, 0, 0)] * 2
    topics = {f"user:{one.id}" for one in members}
    read = [on for on, _, kind in await world.journal() if kind == "notification.read"]
    assert set(read) == topics
    assert len(read) == len(topics)


async def test_a_notification_counts_the_messages_that_are_left(
    chat: Chat, transactions: Transactions
) -> None:
    """Also those that were sent before an earlier notification, and none that was read."""
    sent = [await chat.send(chat.customer) for _ in range(4)]
    await notify(chat, transactions)
    await delete(chat, chat.customer, sent[1])
    await delete(chat, chat.customer, sent[2])
    assert await reported(chat, chat.member) == [2]
    await chat.send(chat.customer)
    await notify(chat, transactions)
    assert await reported(chat, chat.member) == [3, 2]
    await chat.read(chat.member, 1)
    await delete(chat, chat.customer, sent[3])
    assert await reported(chat, chat.member) == [1, 2]


async def test_the_bell_forgets_what_was_read_before_a_deleted_message(
    chat: Chat, transactions: Transactions
) -> None:
    """Reading up to the last message that is left reads the notification about later ones too."""
    _, second = [await chat.send(chat.customer) for _ in range(2)]
    await notify(chat, transactions)
    await delete(chat, chat.customer, second)
    await chat.read(chat.member, 1)
    assert await counts(chat, chat.member) == (0, 0, 0)


async def test_a_notification_about_other_messages_stays(
    chat: Chat, transactions: Transactions
) -> None:
    first = await chat.send(chat.customer)
    await notify(chat, transactions)
    await chat.send(chat.customer)
    await notify(chat, transactions)
    assert await counts(chat, chat.member) == (2, 2, 2)
    await delete(chat, chat.customer, first)
    assert await counts(chat, chat.member) == (1, 1, 1)


async def test_delete_message_takes_as_many_statements_for_many_members(
    world: World, api: Client, chat: Chat, transactions: Transactions
) -> None:
    taken = []
    for _ in range(2):
        message = await chat.send(chat.customer)
        await notify(chat, transactions)
        taken.append(len(await statements(api.signed_in(chat.customer), DELETE, id=message["id"])))
        for _ in range(5):
            await new_member(world, chat.vendor, MemberRole.STAFF)
    assert taken[0] == taken[1]
