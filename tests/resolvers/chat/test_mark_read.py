"""Read positions, unread counts, and the receipts that the other side receives."""

import pytest

from models.vendors import MemberRole
from tests.client import Client, gid, unknown
from tests.factories.chat import Chat
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants import check_invariants

UNREAD = "{ viewer { unreadMessages conversations { nodes { id unreadMessages } } } }"
RECEIPTS = "query ($id: ID!) { conversation(id: $id) { messages { nodes { receipt } } } }"


async def waiting(client: Client) -> tuple[int, dict[str, int]]:
    """Return a viewer's total of unread messages, and the number per conversation."""
    viewer = (await client.ask(UNREAD))["viewer"]
    each = {one["id"]: one["unreadMessages"] for one in viewer["conversations"]["nodes"]}
    assert viewer["unreadMessages"] == sum(each.values())
    return viewer["unreadMessages"], each


async def test_mark_read_lowers_the_unread_count(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    colleague = await new_member(world, chat.vendor, MemberRole.STAFF)
    for user in [chat.customer] * 3 + [colleague] * 3:
        await chat.send(user)
    customer, member = api.signed_in(chat.customer), api.signed_in(chat.member)
    assert await waiting(customer) == (3, {chat.id: 3})
    assert await waiting(member) == (3, {chat.id: 3})
    assert await chat.read(chat.customer, 4) == {
        "unreadMessages": 2,
        "readByUser": 4,
        "readByVendor": 3,
    }
    assert await waiting(customer) == (2, {chat.id: 2})
    assert await waiting(member) == (3, {chat.id: 3})
    assert (await chat.read(chat.member, 6))["unreadMessages"] == 0
    assert await waiting(member) == (0, {chat.id: 0})


async def test_mark_read_never_goes_back(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    for _ in range(3):
        await chat.send(chat.member)
    assert (await chat.read(chat.customer, 3))["unreadMessages"] == 0
    again = await chat.read(chat.customer, 1)
    assert (again["readByUser"], again["unreadMessages"]) == (3, 0)
    assert (await waiting(api.signed_in(chat.customer)))[0] == 0


async def test_mark_read_by_one_member_leaves_it_for_the_others(world: World, api: Client) -> None:
    chat, colleague = await Chat.open(world, api), await world.user()
    await world.member(chat.vendor, colleague, MemberRole.MANAGER)
    await chat.send(chat.customer)
    await chat.send(chat.member)
    assert (await chat.read(chat.member, 2))["readByVendor"] == 2
    assert await waiting(api.signed_in(colleague)) == (1, {chat.id: 1})
    assert await waiting(api.signed_in(chat.member)) == (0, {chat.id: 0})
    assert (await chat.read(colleague, 1))["readByVendor"] == 2


async def test_mark_read_of_several_inboxes(world: World, api: Client) -> None:
    """The user is a customer of one vendor and works for two others."""
    chat = await Chat.open(world, api)
    second = await Chat.open(world, api)
    await world.member(second.vendor, chat.member, MemberRole.STAFF)
    third = await Chat.open(world, api)
    mine = await Chat.between(world, api, chat.member, third.vendor, third.member)
    for one in (chat, second):
        await one.send(one.customer)
    for _ in range(2):
        await mine.send(third.member)
    total, each = await waiting(api.signed_in(chat.member))
    assert total == 4
    assert each == {chat.id: 1, second.id: 1, mine.id: 2}


async def test_mark_read_by_a_customer_who_becomes_a_member(world: World, api: Client) -> None:
    """Their own messages are unread for the other members, and not for them."""
    chat = await Chat.open(world, api)
    await chat.send(chat.customer)
    await chat.send(chat.member)
    await world.member(chat.vendor, chat.customer, MemberRole.STAFF)
    client = api.signed_in(chat.customer)
    assert await waiting(client) == (1, {chat.id: 1})
    await chat.read(chat.customer, 2)
    assert await waiting(client) == (0, {chat.id: 0})


async def test_mark_read_turns_the_receipts_of_the_other_side(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    for _ in range(3):
        await chat.send(chat.customer)

    async def receipts() -> list[str]:
        found = (await api.signed_in(chat.customer).ask(RECEIPTS, id=chat.id))["conversation"]
        return [node["receipt"] for node in found["messages"]["nodes"]]

    assert await receipts() == ["SENT"] * 3
    await chat.read(chat.member, 1)
    given = {"conversationId": chat.id, "sequence": 2}
    fields = "conversation { deliveredToUser deliveredToVendor readByVendor unreadMessages }"
    payload = await api.signed_in(chat.member).do("markDelivered", given, fields)
    assert payload["conversation"] == {
        "deliveredToUser": 0,
        "deliveredToVendor": 2,
        "readByVendor": 1,
        "unreadMessages": 2,
    }
    assert await receipts() == ["READ", "DELIVERED", "SENT"]
    await chat.send(chat.member)
    assert await receipts() == ["READ", "READ", "READ", "SENT"]
    await chat.read(chat.customer, 4)
    assert await receipts() == ["READ"] * 4


@pytest.mark.parametrize("name", ["markRead", "markDelivered"])
async def test_mark_read_of_an_unknown_message(world: World, api: Client, name: str) -> None:
    chat = await Chat.open(world, api)
    await chat.send(chat.member)
    for sequence in (-1, 2, 2**31 - 1):
        given = {"conversationId": chat.id, "sequence": sequence}
        payload = await api.signed_in(chat.customer).do(name, given)
        (error,) = payload["errors"]
        assert (error["code"], error["field"]) == ("INVALID_INPUT", ["sequence"])


@pytest.mark.parametrize("name", ["markRead", "markDelivered"])
async def test_mark_read_to_the_end_of_a_conversation_that_has_only_begun(
    world: World, api: Client, name: str
) -> None:
    chat = await Chat.open(world, api)
    given = {"conversationId": chat.id, "sequence": 0}
    payload = await api.signed_in(chat.customer).do(name, given, "conversation { unreadMessages }")
    assert payload == {"errors": [], "conversation": {"unreadMessages": 0}}


@pytest.mark.parametrize("name", ["markRead", "markDelivered"])
async def test_mark_read_by_the_wrong_people(world: World, api: Client, name: str) -> None:
    chat = await Chat.open(world, api)
    other = await Chat.open(world, api)
    await chat.send(chat.customer)
    given = {"conversationId": chat.id, "sequence": 1}
    for user in (await world.user(), other.customer, other.member, await world.admin()):
        client = api.signed_in(user)
        assert await client.refusal_codes(name, given) == ["NOT_FOUND"]
        nowhere = given | {"conversationId": unknown("Conversation")}
        assert await client.refusal_codes(name, nowhere) == ["NOT_FOUND"]
    assert await api.mutation_failed(name, given) == ["UNAUTHENTICATED"]
    row = await chat.row()
    assert (row.vendor_read, row.vendor_delivered, row.user_read, row.user_delivered) == (0,) * 4


async def test_mark_read_works_while_blocked(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    await chat.send(chat.customer)
    await chat.block(chat.customer)
    assert (await chat.read(chat.member, 1))["unreadMessages"] == 0


async def test_mark_read_notifies_both_sides_once(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    await chat.send(chat.customer)
    for _ in range(2):
        await chat.read(chat.member, 1)
    topics = [topic for topic, _, kind in await world.journal() if kind == "conversation.read"]
    assert len(topics) == 3


async def test_mark_read_ignores_notices(world: World, api: Client) -> None:
    """Wherever they stand among the messages, and however far one reads."""
    chat = await Chat.open(world, api)
    customer, member = api.signed_in(chat.customer), api.signed_in(chat.member)
    here = {"conversationId": chat.id}
    assert await customer.refusal_codes("archiveConversation", here) == []
    assert (await waiting(customer))[0] == (await waiting(member))[0] == 0
    assert await customer.refusal_codes("archiveConversation", here | {"archived": False}) == []
    await chat.send(chat.member)
    for id in (gid(chat.member), None):
        assert await member.refusal_codes("assignConversation", here | {"memberId": id}) == []
    await chat.send(chat.member)
    colleague = await new_member(world, chat.vendor, MemberRole.STAFF)
    kinds = [message.kind for message in await chat.messages()]
    assert kinds == ["NOTICE", "NOTICE", "TEXT", "NOTICE", "TEXT"]
    for sequence, left in ((1, 2), (3, 1), (4, 1), (5, 0)):
        assert (await chat.read(chat.customer, sequence))["unreadMessages"] == left
        assert await waiting(customer) == (left, {chat.id: left})
        assert (await chat.read(colleague, sequence))["unreadMessages"] == 0
        await check_invariants(world.database)
