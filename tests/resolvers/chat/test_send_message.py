"""Saying something: numbered, once for each id of the client's, to those who take part."""

from typing import Any

import pytest

from models.chat.messages import MAX_MESSAGE_LENGTH
from models.identity.accounts import User
from models.offers.offers import OfferState
from models.vendors import MemberRole
from tests.client import Client, gid, unknown
from tests.factories.chat import MESSAGE, Chat
from tests.factories.emails import email_of
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants import check_invariants

WHOLE = """message {
  id sequence kind side text sentAt editedAt deletedAt clientMessageId receipt notice
  sender { id name email } conversation { id lastSequence lastMessage { id } }
  replyTo { id text } offer { id }
}"""


async def test_send_message_by_each_side(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    draft = chat.draft("Are you open today?", clientMessageId="mine-1")
    payload = await api.signed_in(chat.customer).do("sendMessage", draft, WHOLE)
    asked = payload["message"]
    assert asked | {"id": "", "sentAt": ""} == {
        "id": "",
        "sequence": 1,
        "kind": "TEXT",
        "side": "USER",
        "text": "Are you open today?",
        "sentAt": "",
        "editedAt": None,
        "deletedAt": None,
        "clientMessageId": "mine-1",
        "receipt": "SENT",
        "notice": None,
        "sender": {
            "id": gid(chat.customer),
            "name": chat.customer.name,
            "email": email_of(chat.customer),
        },
        "conversation": {"id": chat.id, "lastSequence": 1, "lastMessage": {"id": asked["id"]}},
        "replyTo": None,
        "offer": None,
    }
    answered = await chat.send(chat.member, "Until nine.")
    assert (answered["sequence"], answered["sender"]["id"]) == (2, gid(chat.member))


async def test_send_message_twice_is_sending_it_once(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    first = await chat.send(chat.customer, clientMessageId="one")
    again = await chat.send(chat.customer, clientMessageId="one")
    assert again == first
    assert len(await chat.messages()) == 1


async def test_send_message_under_an_id_used_for_another(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    await chat.send(chat.customer, "Hello", clientMessageId="one")
    offer = await world.offer(chat.vendor)
    for changes in ({"text": "Good bye"}, {"offerId": gid(offer)}):
        draft = chat.draft(**({"clientMessageId": "one"} | changes))
        client = api.signed_in(chat.customer)
        assert await client.refusal_codes("sendMessage", draft) == ["MESSAGE_ID_REUSED"]
    assert len(await chat.messages()) == 1


async def test_send_message_ids_are_each_senders_and_conversations_own(
    world: World, api: Client
) -> None:
    chat = await Chat.open(world, api)
    other = await Chat.between(world, api, await world.user(), chat.vendor, chat.member)
    sent = [
        await chat.send(chat.customer, clientMessageId="one"),
        await chat.send(chat.member, clientMessageId="one"),
        await other.send(chat.member, clientMessageId="one"),
    ]
    assert len({message["id"] for message in sent}) == 3


async def test_send_message_strips_the_text(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    words = "नमस्ते!\n  „Grüße“ 👋🏽 <b>&amp;"
    assert (await chat.send(chat.customer, f" \n{words}\t"))["text"] == words


async def test_send_message_of_the_greatest_length(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    longest = "ü" * MAX_MESSAGE_LENGTH
    assert (await chat.send(chat.customer, longest))["text"] == longest


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": "x" * (MAX_MESSAGE_LENGTH + 1)}, ["text"]),
        ({"text": ""}, ["text"]),
        ({"text": " \n\t "}, ["text"]),
        ({"text": "\u200b \u2800"}, ["text"]),
        ({"clientMessageId": ""}, ["clientMessageId"]),
        ({"clientMessageId": "x" * 101}, ["clientMessageId"]),
    ],
)
async def test_send_message_that_cannot_be(
    world: World, api: Client, changes: dict[str, Any], field: list[str]
) -> None:
    chat = await Chat.open(world, api)
    draft = chat.draft(**changes)
    payload = await api.signed_in(chat.customer).do("sendMessage", draft, MESSAGE)
    assert payload["message"] is None
    assert [(one["code"], one["field"]) for one in payload["errors"]] == [("INVALID_INPUT", field)]
    assert await chat.messages() == []


async def test_send_message_with_the_character_nul(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    client = api.signed_in(chat.customer)
    for changes in ({"text": "a\0b"}, {"clientMessageId": "a\0b"}):
        assert await client.mutation_failed("sendMessage", chat.draft(**changes)) == [
            "BAD_USER_INPUT"
        ]


async def outsider(world: World, chat: Chat, who: str) -> User:
    user = await (world.admin() if who == "an admin" else world.user())
    if who == "another customer":
        await Chat.between(world, chat.api, user, chat.vendor, chat.member)
    elif who == "another vendor's member":
        await world.member(await world.vendor(), user, MemberRole.OWNER)
    return user


@pytest.mark.parametrize(
    "who", ["a stranger", "another customer", "another vendor's member", "an admin"]
)
async def test_send_message_as_non_participant(world: World, api: Client, who: str) -> None:
    chat = await Chat.open(world, api)
    client = api.signed_in(await outsider(world, chat, who))
    for id in (chat.id, unknown("Conversation")):
        draft = chat.draft(conversationId=id)
        assert await client.refusal_codes("sendMessage", draft) == ["NOT_FOUND"]
    assert await chat.messages() == []


async def test_send_message_as_anonymous(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    assert await api.mutation_failed("sendMessage", chat.draft()) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("who", ["customer", "member"])
async def test_send_message_once_one_side_blocks(world: World, api: Client, who: str) -> None:
    chat = await Chat.open(world, api)
    sent = await chat.send(chat.customer, clientMessageId="before")
    await chat.block(getattr(chat, who))
    for user in (chat.customer, chat.member):
        client = api.signed_in(user)
        assert await client.refusal_codes("sendMessage", chat.draft()) == ["CONVERSATION_BLOCKED"]
    assert await chat.send(chat.customer, clientMessageId="before") == sent


async def test_send_message_by_a_former_member(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    await chat.send(chat.member)
    await world.leaves(chat.member)
    client = api.signed_in(chat.member)
    assert await client.refusal_codes("sendMessage", chat.draft()) == ["NOT_FOUND"]


async def test_send_message_in_reply(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    asked = await chat.send(chat.customer, "Decaf?")
    draft = chat.draft("Yes", replyToId=asked["id"])
    payload = await api.signed_in(chat.member).do("sendMessage", draft, WHOLE)
    assert payload["message"]["replyTo"] == {"id": asked["id"], "text": "Decaf?"}


async def test_send_message_in_reply_to_another_conversations(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    other = await Chat.between(world, api, await world.user(), chat.vendor, chat.member)
    elsewhere = (await other.send(other.customer))["id"]
    for user in (chat.customer, chat.member):
        for id in (elsewhere, unknown("Message")):
            draft = chat.draft(replyToId=id)
            payload = await api.signed_in(user).do("sendMessage", draft)
            (error,) = payload["errors"]
            assert (error["code"], error["field"]) == ("NOT_FOUND", ["replyToId"])


async def test_send_message_with_the_card_of_an_offer(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    offer = await world.offer(chat.vendor)
    draft = chat.draft("", offerId=gid(offer))
    payload = await api.signed_in(chat.member).do("sendMessage", draft, WHOLE)
    message = payload["message"]
    assert (message["kind"], message["text"], message["offer"]["id"]) == ("OFFER", "", gid(offer))


async def test_send_message_with_a_card_hidden_from_the_recipient(
    world: World, api: Client
) -> None:
    chat = await Chat.open(world, api)
    draft = await world.offer(chat.vendor, state=OfferState.DRAFT)
    foreign = await world.offer(await world.vendor())
    for user in (chat.customer, chat.member):
        for id in (gid(draft), gid(foreign), unknown("Offer")):
            payload = await api.signed_in(user).do("sendMessage", chat.draft(offerId=id))
            (error,) = payload["errors"]
            assert (error["code"], error["field"]) == ("NOT_FOUND", ["offerId"])


async def test_send_message_whose_card_is_deleted_later(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    offer = await world.offer(chat.vendor)
    sent = await chat.send(chat.member, "For you", offerId=gid(offer))
    card = "query ($id: ID!) { node(id: $id) { ... on Message { text offer { id } } } }"
    offer.state = OfferState.ARCHIVED
    await world.save(offer)
    for user in (chat.customer, chat.member):
        shown = await api.signed_in(user).ask(card, id=sent["id"])
        assert shown["node"] == {"text": "For you", "offer": None}


async def test_send_message_opens_an_archived_conversation(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    given = {"conversationId": chat.id}
    assert await api.signed_in(chat.member).refusal_codes("archiveConversation", given) == []
    await chat.send(chat.customer)
    assert (await chat.row()).state == "OPEN"


async def test_send_message_notifies_both_sides(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    await chat.send(chat.customer, clientMessageId="one")
    await chat.send(chat.customer, clientMessageId="one")
    row = await chat.row()
    recorded = [topic for topic, _, kind in await world.journal() if kind == "message.sent"]
    assert sorted(recorded) == sorted(
        [f"conversation:{row.id}", f"user:{chat.customer.id}", f"vendor:{chat.vendor.id}"]
    )


UNREAD = "{ viewer { unreadMessages conversations { nodes { unreadMessages readByVendor } } } }"


async def test_send_message_marks_earlier_messages_as_read(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    colleague = await new_member(world, chat.vendor, MemberRole.STAFF)
    for user in (chat.customer, chat.customer, chat.member):
        await chat.send(user)
    for reader, unread in ((chat.customer, 1), (chat.member, 0), (colleague, 2)):
        viewer = (await api.signed_in(reader).ask(UNREAD))["viewer"]
        assert viewer["unreadMessages"] == unread
        assert viewer["conversations"]["nodes"] == [{"unreadMessages": unread, "readByVendor": 2}]
    await check_invariants(world.database)


async def test_send_message_publishes_a_receipt_once(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    for user in (chat.customer, chat.customer, chat.member, chat.member, chat.customer):
        await chat.send(user)
    recorded = [
        kind for topic, _, kind in await world.journal() if topic.startswith("conversation:")
    ]
    sent, read = "message.sent", "conversation.read"
    assert recorded[1:] == [sent, sent, read, sent, sent, read, sent]
