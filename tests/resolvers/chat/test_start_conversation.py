"""One conversation per user, vendor and subject, whichever side starts it."""

from typing import Any

import pytest
from sqlmodel import select

from models.chat.contacts import Contact
from models.identity.accounts import User
from models.offers.offers import OfferState
from models.vendors import MemberRole, VendorStatus
from tests.client import Client, gid, unknown
from tests.factories.chat import Chat
from tests.factories.redemptions import Till
from tests.factories.world import World

STARTED = """conversation {
  id state user { id } vendor { id } lastMessage { id } unreadMessages lastSequence assignee { id }
  subject { __typename ... on Offer { id } ... on Voucher { id state } }
}"""


async def start(client: Client, given: dict[str, Any]) -> dict[str, Any]:
    payload = await client.do("startConversation", given, STARTED)
    assert payload["errors"] == []
    conversation: dict[str, Any] = payload["conversation"]
    return conversation


async def test_start_conversation_with_a_vendor(world: World, api: Client) -> None:
    user, vendor = await world.user(), await world.vendor()
    started = await start(api.signed_in(user), {"vendorId": gid(vendor)})
    assert started == {
        "id": started["id"],
        "state": "OPEN",
        "user": {"id": gid(user)},
        "vendor": {"id": gid(vendor)},
        "lastMessage": None,
        "unreadMessages": 0,
        "lastSequence": 0,
        "assignee": None,
        "subject": None,
    }


async def test_start_conversation_about_each_subject_is_one_of_its_own(
    world: World, api: Client
) -> None:
    till = await Till.open(world)
    voucher, client = await till.voucher(), api.signed_in(till.customer)
    vendor: dict[str, Any] = {"vendorId": gid(till.vendor)}
    plain = await start(client, vendor)
    about_offer = await start(client, vendor | {"subjectId": gid(till.offer)})
    about_voucher = await start(client, vendor | {"subjectId": gid(voucher)})
    assert about_offer["subject"] == {"__typename": "Offer", "id": gid(till.offer)}
    assert about_voucher["subject"]["id"] == gid(voucher)
    assert len({plain["id"], about_offer["id"], about_voucher["id"]}) == 3
    again = await start(client, vendor | {"subjectId": gid(till.offer)})
    assert again["id"] == about_offer["id"]


async def test_start_conversation_by_a_member_about_a_voucher(world: World, api: Client) -> None:
    till = await Till.open(world)
    given = {"vendorId": gid(till.vendor), "subjectId": gid(await till.voucher())}
    staff = await till.staff()
    by_member = await start(api.signed_in(staff), given)
    assert by_member["user"] == {"id": gid(till.customer)}
    by_user = await start(api.signed_in(till.customer), given)
    assert by_user["id"] == by_member["id"]


async def test_start_conversation_by_a_member_needs_a_voucher_of_another_user(
    world: World, api: Client
) -> None:
    till = await Till.open(world)
    staff = await till.staff()
    own = await world.voucher(till.offer, staff)
    client = api.signed_in(staff)
    vendor = {"vendorId": gid(till.vendor)}
    for subject in ({}, {"subjectId": gid(till.offer)}, {"subjectId": gid(own)}):
        given = vendor | subject
        payload = await client.do("startConversation", given, STARTED)
        assert payload["conversation"] is None
        (error,) = payload["errors"]
        assert (error["code"], error["field"]) == ("INVALID_INPUT", ["subjectId"])


async def test_start_conversation_opens_an_archived_one_again(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    client = api.signed_in(chat.customer)
    assert await client.refusal_codes("archiveConversation", {"conversationId": chat.id}) == []
    started = await start(client, {"vendorId": gid(chat.vendor)})
    assert (started["id"], started["state"]) == (chat.id, "OPEN")


@pytest.mark.parametrize("status", [VendorStatus.PENDING, VendorStatus.SUSPENDED])
async def test_start_conversation_with_a_hidden_vendor(
    world: World, api: Client, status: VendorStatus
) -> None:
    vendor, client = await world.vendor(status=status), api.signed_in(await world.user())
    for id in (gid(vendor), unknown("Vendor")):
        assert await client.refusal_codes("startConversation", {"vendorId": id}) == ["NOT_FOUND"]


async def subjects_not_for(world: World, till: Till) -> list[str]:
    """Return subjects that a till's customer cannot start a conversation about."""
    other = await Till.open(world)
    draft = await world.offer(till.vendor, state=OfferState.DRAFT)
    strangers = await world.voucher(till.offer, await world.user())
    elsewhere = await world.voucher(other.offer, till.customer)
    rows = (draft, strangers, elsewhere, other.offer)
    return [*map(gid, rows), unknown("Offer"), unknown("Voucher")]


async def test_start_conversation_about_an_inaccessible_subject(world: World, api: Client) -> None:
    till = await Till.open(world)
    client = api.signed_in(till.customer)
    for subject in await subjects_not_for(world, till):
        given = {"vendorId": gid(till.vendor), "subjectId": subject}
        assert await client.refusal_codes("startConversation", given) == ["NOT_FOUND"]


async def test_start_conversation_about_something_else(world: World, api: Client) -> None:
    vendor, client = await world.vendor(), api.signed_in(await world.user())
    given = {"vendorId": gid(vendor), "subjectId": gid(vendor)}
    assert await client.mutation_failed("startConversation", given) == ["BAD_USER_INPUT"]


async def test_start_conversation_as_anonymous(world: World, api: Client) -> None:
    given = {"vendorId": gid(await world.vendor())}
    assert await api.mutation_failed("startConversation", given) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("who", ["a stranger", "another vendor's member", "an admin"])
async def test_start_conversation_for_a_vendor_as_non_member(
    world: World, api: Client, who: str
) -> None:
    """They start it as customers, and cannot refer to another user's voucher."""
    till = await Till.open(world)
    user = await (world.admin() if who == "an admin" else world.user())
    if who == "another vendor's member":
        await world.member(await world.vendor(), user, MemberRole.OWNER)
    given = {"vendorId": gid(till.vendor), "subjectId": gid(await till.voucher())}
    assert await api.signed_in(user).refusal_codes("startConversation", given) == ["NOT_FOUND"]


@pytest.mark.parametrize("who", ["customer", "member"])
async def test_start_conversation_after_a_block(world: World, api: Client, who: str) -> None:
    chat = await Chat.open(world, api)
    await chat.block(getattr(chat, who))
    offer = await world.offer(chat.vendor)
    given = {"vendorId": gid(chat.vendor), "subjectId": gid(offer)}
    client = api.signed_in(chat.customer)
    assert await client.refusal_codes("startConversation", given) == ["CONVERSATION_BLOCKED"]


async def test_start_conversation_up_to_a_hundred_with_one_vendor(
    world: World, api: Client
) -> None:
    chat = await Chat.open(world, api)
    await fill(world, chat.customer, chat)
    client, vendor = api.signed_in(chat.customer), {"vendorId": gid(chat.vendor)}
    one_more = vendor | {"subjectId": gid(await world.offer(chat.vendor))}
    assert await client.refusal_codes("startConversation", one_more) == [
        "CONVERSATION_LIMIT_REACHED"
    ]
    assert (await start(client, vendor))["id"] == chat.id


async def fill(world: World, user: User, chat: Chat) -> None:
    """Store a hundred conversations of the two."""
    async with world.database.session() as session, session.begin():
        mine = select(Contact).where(
            Contact.user_id == user.id, Contact.vendor_id == chat.vendor.id
        )
        (await session.exec(mine)).one().conversations = 100


async def test_start_conversation_notifies_both_sides(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    row = await chat.row()
    topics = {topic for topic, _, kind in await world.journal() if kind == "conversation.started"}
    assert topics == {
        f"conversation:{row.id}",
        f"user:{chat.customer.id}",
        f"vendor:{chat.vendor.id}",
    }
