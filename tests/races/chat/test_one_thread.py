"""Many senders write to one conversation at the same moment, and a member blocks it."""

from itertools import cycle
from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database
from models.chat.conversations import Conversation
from models.chat.messages import Message, MessageDraft
from models.errors import NotFound
from models.identity.accounts import User
from models.vendors import MemberRole
from services.chat import messages
from services.viewer import Viewer
from tests.client import Client
from tests.factories.chat import MESSAGE, Chat
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.conftest import Drop
from tests.races.crowd import Payload, at_once, crowd, tally
from tests.races.meeting import Meeting, Overtaking

MESSAGES, TIMES, ROUNDS = 60, 20, 20
NUMBERED = "message_conversation_id_sequence_key"
ONCE = "message_conversation_id_sender_id_client_message_id_key"


async def colleagues(chat: Chat) -> list[User]:
    """Five more members."""
    found = await crowd(chat.world, 5)
    for one in found:
        await chat.world.member(chat.vendor, one, MemberRole.STAFF)
    return found


async def say_at_once(chat: Chat, people: list[User], clients: list[Client]) -> list[Payload]:
    turns = zip(range(MESSAGES), cycle(people), cycle(clients), strict=False)
    return await at_once(
        client.signed_in(user).do("sendMessage", chat.draft(f"Message {number}"), MESSAGE)
        for number, user, client in turns
    )


async def test_messages_are_numbered_without_gaps(
    world: World, api: Client, clients: list[Client], database: Database
) -> None:
    chat = await Chat.open(world, api)
    people = [chat.customer, chat.member, *await colleagues(chat)]
    answers = await say_at_once(chat, people, clients)
    assert tally(answers) == {"OK": MESSAGES}
    received = sorted(answer["message"]["sequence"] for answer in answers)
    assert received == [message.sequence for message in await chat.messages()]
    assert received == list(range(1, MESSAGES + 1))
    await check_invariants(database)


async def unlocked(session: AsyncSession, viewer: Viewer, conversation_id: UUID) -> Conversation:
    conversation = await session.get(Conversation, conversation_id)
    if conversation is None:
        raise NotFound
    return conversation


async def test_messages_share_a_number_without_lock_and_unique_sequence(
    drop: Drop, world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    """By members alone: what counts the user's has a CHECK of its own."""
    monkeypatch.setattr(messages, "access_conversation", Meeting().after(unlocked))
    await drop(NUMBERED)
    chat = await Chat.open(world, api)
    answers = await say_at_once(chat, await colleagues(chat), [api])
    assert len({answer["message"]["sequence"] for answer in answers}) < MESSAGES
    with pytest.raises(AssertionError, match="messages with a gap"):
        await check_invariants(database)


async def repeat(chat: Chat, clients: list[Client]) -> list[Payload]:
    draft = chat.draft("Once", clientMessageId="one")
    return await at_once(
        clients[number % 2].signed_in(chat.customer).do("sendMessage", draft, MESSAGE)
        for number in range(TIMES)
    )


async def test_one_id_is_sent_once(
    world: World, api: Client, clients: list[Client], database: Database
) -> None:
    chat = await Chat.open(world, api)
    answers = await repeat(chat, clients)
    assert tally(answers) == {"OK": TIMES}
    assert all(answer == answers[0] for answer in answers)
    assert len(await chat.messages()) == 1
    await check_invariants(database)


async def forgetful(
    session: AsyncSession, viewer: Viewer, conversation: Conversation, draft: MessageDraft
) -> Message | None:
    return None


async def test_one_id_is_sent_twice_without_the_lookup(
    drop: Drop, world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "_find_sent", forgetful)
    await drop(ONCE)
    chat = await Chat.open(world, api)
    answers = await repeat(chat, [api, api])
    assert len({answer["message"]["id"] for answer in answers}) == TIMES
    assert len(await chat.messages()) == TIMES


async def kinds_in_order(world: World, chat: Chat) -> list[str]:
    """Return the kinds of the conversation's journal entries, in commit order."""
    topic = f"conversation:{(await chat.row()).id}"
    return [kind for where, _, kind in await world.journal() if where == topic]


async def test_no_message_is_sent_after_a_block(
    world: World, api: Client, clients: list[Client], database: Database
) -> None:
    for number in range(ROUNDS):
        chat = await Chat.open(world, api)
        blocking, sending = clients[0].signed_in(chat.member), clients[1].signed_in(chat.customer)
        calls = [
            blocking.do("blockConversation", {"conversationId": chat.id}),
            sending.do("sendMessage", chat.draft()),
        ]
        answers = await at_once(reversed(calls) if number % 2 else calls)
        is_sent = tally(answers)["CONVERSATION_BLOCKED"] == 0
        received = await kinds_in_order(world, chat)
        expected = ["message.sent"] if is_sent else []
        assert received == ["conversation.started", *expected, "conversation.updated"]
    await check_invariants(database)


async def test_a_message_is_sent_after_a_block_without_the_lock(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat, blocked = await Chat.open(world, api), Overtaking()
    monkeypatch.setattr(messages, "access_conversation", blocked.after(unlocked))
    answers = await blocked.run(
        api.signed_in(chat.customer).do("sendMessage", chat.draft()),
        api.signed_in(chat.member).do("blockConversation", {"conversationId": chat.id}),
    )
    assert tally(answers) == {"OK": 2}
    assert (await kinds_in_order(world, chat))[-2:] == ["conversation.updated", "message.sent"]
