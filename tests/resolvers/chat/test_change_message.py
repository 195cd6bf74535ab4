"""Editing a message and taking it back: by its sender, in time, and kept for reports."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from models.chat.messages import EDIT_WINDOW, MAX_MESSAGE_LENGTH, MessageVersion
from models.identity.accounts import User
from models.vendors import MemberRole
from tests.client import Client, gid, unknown
from tests.factories.chat import Chat
from tests.factories.world import World

CHANGED = "message { id sequence text editedAt deletedAt offer { id } }"


def change(name: str, message_id: str) -> dict[str, Any]:
    given = {"messageId": message_id}
    return given | {"text": "Changed"} if name == "editMessage" else given


async def versions(world: World) -> list[tuple[str, str]]:
    """Return the earlier texts of messages, earliest first."""
    async with world.database.session() as session:
        kept = (await session.exec(select(MessageVersion))).all()
    return [(one.kind, one.text) for one in sorted(kept, key=lambda one: one.created_at)]


async def age(world: World, by: timedelta) -> None:
    """Move all messages into the past."""
    async with world.database.session() as session, session.begin():
        earlier = "UPDATE message SET created_at = created_at - make_interval(secs => :by)"
        await session.execute(text(earlier), {"by": by.total_seconds()})


async def test_edit_message_keeps_earlier_versions(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    sent, client = await chat.send(chat.customer, "Tow"), api.signed_in(chat.customer)
    for words in ("Two", "Two, please", "Two, please"):
        given = {"messageId": sent["id"], "text": words}
        payload = await client.do("editMessage", given, CHANGED)
    assert payload["message"]["text"] == "Two, please"
    assert payload["message"]["editedAt"] is not None
    assert payload["message"]["sequence"] == 1
    assert await versions(world) == [("EDITED", "Tow"), ("EDITED", "Two")]


@pytest.mark.parametrize("words", ["", " \n", "\u200b", "x" * (MAX_MESSAGE_LENGTH + 1)])
async def test_edit_message_to_an_invalid_text(world: World, api: Client, words: str) -> None:
    chat = await Chat.open(world, api)
    given = {"messageId": (await chat.send(chat.customer))["id"], "text": words}
    payload = await api.signed_in(chat.customer).do("editMessage", given)
    (error,) = payload["errors"]
    assert (error["code"], error["field"]) == ("INVALID_INPUT", ["text"])
    assert await versions(world) == []


async def test_delete_message_leaves_its_place_empty(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    offer = await world.offer(chat.vendor)
    sent = await chat.send(chat.member, "Look", offerId=gid(offer))
    answer = await chat.send(chat.customer, "Nice", replyToId=sent["id"])
    client = api.signed_in(chat.member)
    for _ in range(2):
        payload = await client.do("deleteMessage", {"messageId": sent["id"]}, CHANGED)
        message = payload["message"]
        assert (message["text"], message["offer"], message["sequence"]) == ("", None, 1)
        assert message["deletedAt"] is not None
    assert await versions(world) == [("DELETED", "Look")]
    query = "query ($id: ID!) { node(id: $id) { ... on Message { replyTo { id text } } } }"
    asked = await api.signed_in(chat.customer).ask(query, id=answer["id"])
    assert asked["node"]["replyTo"] == {"id": sent["id"], "text": ""}


async def test_edit_message_that_was_deleted(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    sent, client = await chat.send(chat.customer), api.signed_in(chat.customer)
    assert await client.refusal_codes("deleteMessage", {"messageId": sent["id"]}) == []
    assert await client.refusal_codes("editMessage", change("editMessage", sent["id"])) == [
        "MESSAGE_ALREADY_DELETED"
    ]


@pytest.mark.parametrize("name", ["editMessage", "deleteMessage"])
async def test_change_message_after_the_time_limit(world: World, api: Client, name: str) -> None:
    chat = await Chat.open(world, api)
    client = api.signed_in(chat.customer)
    sent = [(await chat.send(chat.customer))["id"] for _ in range(2)]
    await age(world, EDIT_WINDOW - timedelta(minutes=1))
    assert await client.refusal_codes(name, change(name, sent[0])) == []
    await age(world, timedelta(minutes=1))
    assert await client.refusal_codes(name, change(name, sent[1])) == ["MESSAGE_TOO_OLD"]
    assert len(await versions(world)) == 1


@pytest.mark.parametrize("name", ["editMessage", "deleteMessage"])
async def test_change_message_of_another_user(world: World, api: Client, name: str) -> None:
    chat, colleague = await Chat.open(world, api), await world.user()
    await world.member(chat.vendor, colleague, MemberRole.OWNER)
    sent = await chat.send(chat.member)
    others: list[User] = [chat.customer, colleague, await world.user(), await world.admin()]
    for user in others:
        for id in (sent["id"], unknown("Message")):
            assert await api.signed_in(user).refusal_codes(name, change(name, id)) == ["NOT_FOUND"]
    assert await api.mutation_failed(name, change(name, sent["id"])) == ["UNAUTHENTICATED"]
    assert await versions(world) == []


async def test_change_message_once_one_side_blocks(world: World, api: Client) -> None:
    """A block prevents edits, but messages can still be deleted."""
    chat = await Chat.open(world, api)
    sent, client = await chat.send(chat.customer), api.signed_in(chat.customer)
    await chat.block(chat.member)
    edit = change("editMessage", sent["id"])
    assert await client.refusal_codes("editMessage", edit) == ["CONVERSATION_BLOCKED"]
    assert await client.refusal_codes("deleteMessage", {"messageId": sent["id"]}) == []


async def test_change_message_notifies_both_sides(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    sent, client = await chat.send(chat.customer), api.signed_in(chat.customer)
    for name in ("editMessage", "editMessage", "deleteMessage", "deleteMessage"):
        assert await client.refusal_codes(name, change(name, sent["id"])) == []
    kinds = [kind for _, _, kind in await world.journal() if kind.startswith("message.")]
    assert sorted(kinds) == sorted(["message.sent", "message.edited", "message.deleted"] * 3)


@pytest.mark.parametrize("names", [["editMessage"], ["deleteMessage"], ["editMessage"] * 2])
async def test_change_message_keeps_its_client_message_id(
    world: World, api: Client, names: list[str]
) -> None:
    """A client without a response can resend the message, whatever another device did meanwhile."""
    chat = await Chat.open(world, api)
    client = api.signed_in(chat.customer)
    sent = await chat.send(chat.customer, "Tow", clientMessageId="one")
    for number, name in enumerate(names):
        given = change(name, sent["id"])
        if "text" in given:
            given["text"] += str(number)
        assert await client.refusal_codes(name, given) == []
    assert (await chat.send(chat.customer, "Tow", clientMessageId="one"))["id"] == sent["id"]
    for words in ("Two", (await chat.messages())[0].text or "Deleted"):
        draft = chat.draft(words, clientMessageId="one")
        assert await client.refusal_codes("sendMessage", draft) == ["MESSAGE_ID_REUSED"]
