"""Participants publish that they are typing, while the conversation accepts messages."""

from collections.abc import AsyncIterator, Set
from uuid import UUID

import pytest
from strawberry.relay import from_base64

from core.redis.pubsub import PubSub
from core.settings import Settings
from services.chat.presence import TypingTracker
from tests.client import Client, unknown
from tests.factories.chat import Chat
from tests.factories.world import World


@pytest.fixture
async def typing(settings: Settings) -> AsyncIterator[TypingTracker]:
    """Open a second tracker, which reads the typing state in Redis."""
    typing = TypingTracker(settings.redis, PubSub(settings.redis))
    yield typing
    await typing.close()


async def typists(typing: TypingTracker, chat: Chat) -> Set[UUID]:
    return (await typing.of(UUID(from_base64(chat.id)[1]))).keys()


async def test_set_typing_by_both_sides(world: World, api: Client, typing: TypingTracker) -> None:
    chat = await Chat.open(world, api)
    for user in (chat.customer, chat.member):
        payload = await api.signed_in(user).do("setTyping", {"conversationId": chat.id})
        assert payload["errors"] == []
    assert await typists(typing, chat) == {chat.customer.id, chat.member.id}
    no_more = {"conversationId": chat.id, "typing": False}
    await api.signed_in(chat.customer).do("setTyping", no_more)
    assert await typists(typing, chat) == {chat.member.id}


async def test_set_typing_is_over_once_it_has_been_sent(
    world: World, api: Client, typing: TypingTracker
) -> None:
    chat = await Chat.open(world, api)
    for user in (chat.customer, chat.member):
        await api.signed_in(user).do("setTyping", {"conversationId": chat.id})
    assert await api.signed_in(chat.customer).refusal_codes("sendMessage", chat.draft("")) != []
    assert await typists(typing, chat) == {chat.customer.id, chat.member.id}
    await chat.send(chat.customer)
    assert await typists(typing, chat) == {chat.member.id}


async def test_set_typing_in_a_blocked_conversation(
    world: World, api: Client, typing: TypingTracker
) -> None:
    chat = await Chat.open(world, api)
    given = {"conversationId": chat.id}
    await api.signed_in(chat.customer).do("blockConversation", given)
    for user in (chat.customer, chat.member):
        refused = await api.signed_in(user).refusal_codes("setTyping", given)
        assert refused == ["CONVERSATION_BLOCKED"]
    assert await typists(typing, chat) == set()


async def test_set_typing_by_the_wrong_people(
    world: World, api: Client, typing: TypingTracker
) -> None:
    chat, other = await Chat.open(world, api), await Chat.open(world, api)
    given = {"conversationId": chat.id}
    for user in (await world.user(), other.customer, other.member, await world.admin()):
        client = api.signed_in(user)
        assert await client.refusal_codes("setTyping", given) == ["NOT_FOUND"]
        nowhere = {"conversationId": unknown("Conversation")}
        assert await client.refusal_codes("setTyping", nowhere) == ["NOT_FOUND"]
    assert await api.mutation_failed("setTyping", given) == ["UNAUTHENTICATED"]
    assert await typists(typing, chat) == set()
