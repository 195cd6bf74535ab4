"""Messages are sent, read, notified of and deleted at once: all counters stay exact."""

import asyncio
from collections.abc import Coroutine
from random import Random
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import Select
from strawberry.relay import to_base64

from core.database import Database, for_change
from core.redis.pubsub import PubSub
from models.identity.accounts import User
from models.vendors import MemberRole
from services.chat import messages
from services.chat.message_notifications import notify_of_message
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.chat import Chat
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.crowd import Payload, at_once, tally
from tests.races.meeting import Meeting

ROUNDS, SENT = 4, 12
CALLS_PER_USER = 3  # the server refuses more at once, after a while
CALLS_AT_ONCE = 6
READ = "{ viewer { unreadMessages notifications { unreadCount } } }"
Call = Coroutine[Any, Any, Any]


async def open_chats(world: World, api: Client) -> tuple[list[Chat], list[User]]:
    """Return the conversations of two customers with a vendor, and its three members."""
    chat = await Chat.open(world, api)
    more = [await new_member(world, chat.vendor, MemberRole.STAFF) for _ in range(2)]
    other = await Chat.between(world, api, await world.user(), chat.vendor, chat.member)
    return [chat, other], [chat.member, *more]


async def notify(world: World, message_id: UUID) -> None:
    transactions = Transactions(world.database, PubSub("redis://nowhere"))
    async with transactions.begin() as session:
        await notify_of_message(session, message_id)


async def calls_of_a_round(
    chat: Chat, members: list[User], clients: list[Client], random: Random
) -> list[Call]:
    """Return calls that delete, read and notify of the messages so far, and send new ones."""
    people = {one.id: one for one in (chat.customer, *members)}
    here = [one for one in await chat.messages() if to_gid(one.conversation_id) == chat.id]
    calls: list[tuple[User, str, dict[str, Any]]] = []
    for message in here:
        sender = people[cast("UUID", message.sender_id)]
        calls.append((sender, "deleteMessage", {"messageId": gid(message)}))
    for reader in people.values():
        for message in random.sample(here, min(4, len(here))):
            given = {"conversationId": chat.id, "sequence": message.sequence}
            calls.append((reader, "markRead", given))
    for number in range(SENT):
        writer = chat.customer if number % 2 else random.choice(members)
        calls.append((writer, "sendMessage", chat.draft(f"Message {number}")))
    few = {id: asyncio.Semaphore(CALLS_PER_USER) for id in people}

    async def call(user: User, name: str, given: dict[str, Any]) -> Payload:
        async with few[user.id]:
            return await random.choice(clients).signed_in(user).do(name, given)

    return [
        *(call(*one) for one in calls),
        *(notify(chat.world, message.id) for message in here),
    ]


def to_gid(conversation_id: UUID) -> str:
    return to_base64("Conversation", str(conversation_id))


async def storm(
    world: World, api: Client, clients: list[Client], *, seed: int
) -> tuple[list[Chat], list[User]]:
    random = Random(seed)
    chats, members = await open_chats(world, api)
    for _ in range(ROUNDS):
        calls = [
            call for one in chats for call in await calls_of_a_round(one, members, clients, random)
        ]
        random.shuffle(calls)
        answers = await at_once(calls, most=CALLS_AT_ONCE)
        assert set(tally([one for one in answers if one is not None])) == {"OK"}
    return chats, members


async def test_counters_are_exact_while_messages_are_deleted(
    world: World, api: Client, clients: list[Client], database: Database
) -> None:
    chats, members = await storm(world, api, clients, seed=30)
    await check_invariants(database)
    for chat in chats:
        last = (await chat.row()).last_sequence
        for user in (chat.customer, *members):
            await chat.read(user, last)
    await check_invariants(database)
    for user in (*members, *(chat.customer for chat in chats)):
        viewer = (await api.signed_in(user).ask(READ))["viewer"]
        assert viewer == {"unreadMessages": 0, "notifications": {"unreadCount": 0}}


async def delete_while_reading(chat: Chat) -> None:
    """Delete a message while another member reads it."""
    sent = await chat.send(chat.customer)
    reading = {"conversationId": chat.id, "sequence": sent["sequence"]}
    await at_once(
        [
            chat.api.signed_in(chat.customer).do("deleteMessage", {"messageId": sent["id"]}),
            chat.api.signed_in(chat.member).do("markRead", reading),
        ]
    )


async def test_one_message_is_deleted_while_it_is_read(
    world: World, api: Client, database: Database
) -> None:
    chat = await Chat.open(world, api)
    for _ in range(12):
        await delete_while_reading(chat)
    await check_invariants(database)


async def test_counters_diverge_without_the_lock_of_the_conversation(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    """The control: deletion locks only the message, as before there was anything to count."""

    def unlocked(rows: Select[Any], *, of: type | None = None) -> Select[Any]:
        return rows if of is not None else for_change(rows)

    monkeypatch.setattr(messages, "for_change", unlocked)
    monkeypatch.setattr(messages, "_access_sent", Meeting().after(messages._access_sent))
    chat = await Chat.open(world, api)
    sent = [await chat.send(chat.customer) for _ in range(2)]
    deletions = await at_once(
        api.signed_in(chat.customer).do("deleteMessage", {"messageId": one["id"]}) for one in sent
    )
    assert tally(deletions) == {"OK": 2}
    with pytest.raises(AssertionError, match="deleted"):
        await check_invariants(database)
