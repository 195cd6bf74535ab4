"""A conversation together with the place in the journal that it goes with."""

import pytest

from services.journal.feed import Feed
from tests.client import Client
from tests.factories.chat import Chat
from tests.factories.world import World

STATE = "query ($id: ID!) { conversation(id: $id) { state messages { changesAfter } } }"


async def test_changes_during_a_conversation_read_are_included_or_received_later(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its place in the journal is read first, so that nothing falls in between."""
    chat = await Chat.open(world, api)
    customer, place = api.signed_in(chat.customer), Feed.cursor

    async def overtaken(feed: Feed, *topics: str) -> str:
        assert (
            await customer.refusal_codes("archiveConversation", {"conversationId": chat.id}) == []
        )
        return await place(feed, *topics)

    monkeypatch.setattr(Feed, "cursor", overtaken)
    found = await customer.ask(STATE, id=chat.id)
    assert found["conversation"]["state"] == "ARCHIVED"


async def test_changes_during_an_inbox_read_are_included_or_received_later(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The total, read separately from the list, must also match the list's cursor."""
    chat = await Chat.open(world, api)
    place = Feed.cursor
    asked: list[tuple[str, ...]] = []

    async def overtaken(feed: Feed, *topics: str) -> str:
        asked.append(topics)
        cursor = await place(feed, *topics)
        await chat.send(chat.member)
        return cursor

    monkeypatch.setattr(Feed, "cursor", overtaken)
    query = "{ viewer { unreadMessages conversations { changesAfter nodes { unreadMessages } } } }"
    viewer = (await api.signed_in(chat.customer).ask(query))["viewer"]
    assert viewer["unreadMessages"] == 1
    assert viewer["conversations"]["nodes"] == [{"unreadMessages": 1}]
    assert len(asked) == 1
