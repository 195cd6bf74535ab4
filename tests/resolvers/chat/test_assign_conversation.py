"""Which member of a vendor looks after a conversation."""

import pytest

from core.ids import new_id
from models.chat.conversations import ConversationState
from models.chat.messages import MessageKind, NoticeKind
from models.identity.accounts import User
from models.members import Permission, roles_with
from models.vendors import MemberRole
from tests.client import Client, gid, unknown
from tests.factories.chat import Chat
from tests.factories.vendors import new_member
from tests.factories.world import World

ASSIGNED = "conversation { id assignee { id name } lastMessage { kind notice side sender { id } } }"


async def assign(chat: Chat, by: User, to: User | None) -> list[str]:
    """Assign the conversation, and return the error codes."""
    given = {"conversationId": chat.id, "memberId": to and gid(to)}
    return await chat.api.signed_in(by).refusal_codes("assignConversation", given)


@pytest.mark.parametrize("role", roles_with(Permission.CHAT))
async def test_assign_conversation_to_oneself(world: World, api: Client, role: MemberRole) -> None:
    chat = await Chat.open(world, api)
    member = await new_member(world, chat.vendor, role)
    given = {"conversationId": chat.id, "memberId": gid(member)}
    payload = await api.signed_in(member).do("assignConversation", given, ASSIGNED)
    assert payload["errors"] == []
    assert payload["conversation"] == {
        "id": chat.id,
        "assignee": {"id": gid(member), "name": member.name},
        "lastMessage": {"kind": "NOTICE", "notice": "ASSIGNED", "side": "VENDOR", "sender": None},
    }


async def test_assign_conversation_notifies_both_sides_once(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    await chat.send(chat.customer)
    for _ in range(2):
        assert await assign(chat, chat.member, chat.member) == []
    messages = [(one.kind, one.notice) for one in await chat.messages()]
    assert messages == [(MessageKind.TEXT, None), (MessageKind.NOTICE, NoticeKind.ASSIGNED)]
    for topic in (f"user:{chat.customer.id}", f"vendor:{chat.vendor.id}"):
        kinds = [kind for of, _, kind in await world.journal() if of == topic]
        assert kinds[-2:] == ["message.sent", "conversation.updated"]
        assert kinds.count("conversation.updated") == 1
    assert (await chat.row()).first_answered_at is None


async def test_assign_conversation_to_null(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    assert await assign(chat, chat.member, chat.member) == []
    assert await assign(chat, chat.member, None) == []
    assert (await chat.row()).assignee_id is None
    assert len(await chat.messages()) == 1
    kinds = [kind for of, _, kind in await world.journal() if of == f"user:{chat.customer.id}"]
    assert kinds.count("conversation.updated") == 2


async def test_assign_conversation_of_another_assignee(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    other = await new_member(world, chat.vendor, MemberRole.STAFF)
    assert await assign(chat, other, other) == []
    for to in (chat.member, None):
        assert await assign(chat, chat.member, to) == ["CONVERSATION_ALREADY_ASSIGNED"]
    assert (await chat.row()).assignee_id == other.id


@pytest.mark.parametrize("role", [MemberRole.MANAGER, MemberRole.OWNER])
async def test_assign_conversation_as_manager_or_owner(
    world: World, api: Client, role: MemberRole
) -> None:
    chat = await Chat.open(world, api)
    boss = await new_member(world, chat.vendor, role)
    other = await new_member(world, chat.vendor, MemberRole.STAFF)
    for to in (other, chat.member, boss, None):
        assert await assign(chat, boss, to) == []
        assert (await chat.row()).assignee_id == (to.id if to else None)


async def test_assign_conversation_to_another_without_permission(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    member = await new_member(world, chat.vendor, MemberRole.STAFF)
    given = {"conversationId": chat.id, "memberId": gid(chat.member)}
    (error,) = (await api.signed_in(member).do("assignConversation", given))["errors"]
    assert (error["code"], error["field"]) == ("NOT_FOUND", ["memberId"])
    assert (await chat.row()).assignee_id is None


async def test_assign_conversation_to_a_non_member(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    boss = await new_member(world, chat.vendor, MemberRole.MANAGER)
    elsewhere = await world.user()
    await world.vendor(elsewhere)
    for id in (gid(chat.customer), gid(elsewhere), unknown("User")):
        given = {"conversationId": chat.id, "memberId": id}
        (error,) = (await api.signed_in(boss).do("assignConversation", given))["errors"]
        assert (error["code"], error["field"]) == ("NOT_FOUND", ["memberId"])
    assert (await chat.row()).assignee_id is None
    assert await chat.messages() == []


async def test_assign_conversation_to_the_user_it_is_with(world: World, api: Client) -> None:
    """Members are not notified of their own messages, so the vendor would miss this customer's."""
    chat = await Chat.open(world, api)
    await world.member(chat.vendor, chat.customer, MemberRole.STAFF)
    boss = await new_member(world, chat.vendor, MemberRole.MANAGER)
    given = {"conversationId": chat.id, "memberId": gid(chat.customer)}
    (error,) = (await api.signed_in(boss).do("assignConversation", given))["errors"]
    assert (error["code"], error["field"]) == ("INVALID_INPUT", ["memberId"])
    assert (await chat.row()).assignee_id is None


async def test_assign_conversation_by_non_participants(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    rival = await world.user()
    await world.vendor(rival)
    for user in (chat.customer, rival, await world.user(), await world.admin()):
        for to in (user, chat.member, None):
            assert await assign(chat, user, to) == ["NOT_FOUND"]
    given = {"conversationId": unknown("Conversation"), "memberId": gid(chat.member)}
    assert await api.signed_in(chat.member).refusal_codes("assignConversation", given) == [
        "NOT_FOUND"
    ]
    for id in (chat.id, unknown("Conversation")):
        failed = await api.mutation_failed("assignConversation", {"conversationId": id})
        assert failed == ["UNAUTHENTICATED"]
    assert (await chat.row()).assignee_id is None


async def test_assign_conversation_that_one_has_with_ones_own_vendor(
    world: World, api: Client
) -> None:
    chat = await Chat.open(world, api)
    await world.member(chat.vendor, chat.customer, MemberRole.OWNER)
    assert await assign(chat, chat.customer, chat.member) == ["NOT_FOUND"]


async def test_assign_conversation_that_is_blocked(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    await chat.block(chat.customer)
    assert await assign(chat, chat.member, chat.member) == ["CONVERSATION_BLOCKED"]
    assert (await chat.row()).assignee_id is None


async def test_assign_conversation_that_is_archived(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    given = {"conversationId": chat.id, "archived": True}
    assert await api.signed_in(chat.member).refusal_codes("archiveConversation", given) == []
    assert await assign(chat, chat.member, chat.member) == []
    assert (await chat.row()).state is ConversationState.ARCHIVED


@pytest.mark.parametrize("changes", [{"memberId": unknown("Vendor")}, {"memberId": str(new_id())}])
async def test_assign_conversation_with_invalid_input(
    world: World, api: Client, changes: dict[str, str]
) -> None:
    chat = await Chat.open(world, api)
    given = {"conversationId": chat.id} | changes
    failed = await api.signed_in(chat.member).mutation_failed("assignConversation", given)
    assert failed == ["BAD_USER_INPUT"]


async def test_assign_conversation_to_a_former_member(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    assert await assign(chat, chat.member, chat.member) == []
    await world.leaves(chat.member)
    assert (await chat.row()).assignee_id is None
