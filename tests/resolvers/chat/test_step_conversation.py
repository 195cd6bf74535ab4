"""Putting conversations away, and blocking."""

import pytest

from models.chat.messages import NoticeKind
from models.vendors import MemberRole
from tests.client import Client, gid, unknown
from tests.factories.chat import Chat
from tests.factories.vendors import new_member
from tests.factories.world import World

STATE = "conversation { id state }"
BLOCKS = "query ($id: ID!) { conversation(id: $id) { blockedByMe } }"
STEPS = ["archiveConversation", "blockConversation"]


async def step(client: Client, name: str, chat: Chat, **given: bool) -> str:
    payload = await client.do(name, {"conversationId": chat.id} | given, STATE)
    assert payload["errors"] == []
    state: str = payload["conversation"]["state"]
    return state


async def test_archive_conversation_and_reopen_it(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    for user, archived, state in (
        (chat.customer, True, "ARCHIVED"),
        (chat.member, True, "ARCHIVED"),
        (chat.member, False, "OPEN"),
        (chat.customer, False, "OPEN"),
    ):
        client = api.signed_in(user)
        assert await step(client, "archiveConversation", chat, archived=archived) == state
    recorded = [(one.kind, one.notice, one.sender_id) for one in await chat.messages()]
    assert recorded == [
        ("NOTICE", NoticeKind.ARCHIVED, None),
        ("NOTICE", NoticeKind.REOPENED, None),
    ]


@pytest.mark.parametrize("name", ["archiveConversation", "sendMessage", "startConversation"])
async def test_archive_conversation_is_undone_with_a_notice(
    world: World, api: Client, name: str
) -> None:
    chat = await Chat.open(world, api)
    client = api.signed_in(chat.customer)
    await step(client, "archiveConversation", chat)
    given = {
        "archiveConversation": {"conversationId": chat.id, "archived": False},
        "sendMessage": chat.draft(),
        "startConversation": {"vendorId": gid(chat.vendor)},
    }
    for _ in range(2):
        assert await client.refusal_codes(name, given[name]) == []
    recorded = [one.notice for one in await chat.messages() if one.kind == "NOTICE"]
    assert recorded == [NoticeKind.ARCHIVED, NoticeKind.REOPENED]
    assert (await chat.row()).state == "OPEN"


async def test_block_conversation_by_each_side_is_lifted_by_each_alone(
    world: World, api: Client
) -> None:
    chat = await Chat.open(world, api)
    customer, member = api.signed_in(chat.customer), api.signed_in(chat.member)
    assert await step(customer, "blockConversation", chat) == "BLOCKED"
    assert await step(member, "blockConversation", chat, blocked=False) == "BLOCKED"
    assert await step(member, "blockConversation", chat) == "BLOCKED"
    assert await step(customer, "blockConversation", chat, blocked=False) == "BLOCKED"
    assert await step(member, "blockConversation", chat, blocked=False) == "OPEN"
    await chat.send(chat.customer)


async def test_blocked_by_viewer_is_true_for_the_side_that_can_unblock(
    world: World, api: Client
) -> None:
    chat, colleague = await Chat.open(world, api), await world.user()
    await world.member(chat.vendor, colleague, MemberRole.STAFF)

    async def seen() -> list[bool]:
        people = (chat.customer, chat.member, colleague)
        answers = [await api.signed_in(one).ask(BLOCKS, id=chat.id) for one in people]
        return [answer["conversation"]["blockedByMe"] for answer in answers]

    assert await seen() == [False, False, False]
    await chat.block(chat.member)
    assert await seen() == [False, True, True]
    await chat.block(chat.customer)
    await chat.block(chat.member, blocked=False)
    assert await seen() == [True, False, False]


@pytest.mark.parametrize("archived", [True, False])
async def test_block_conversation_leaves_it_as_it_was(
    world: World, api: Client, archived: bool
) -> None:
    chat = await Chat.open(world, api)
    client = api.signed_in(chat.customer)
    before = await step(client, "archiveConversation", chat, archived=archived)
    for _ in range(2):
        assert await step(client, "blockConversation", chat) == "BLOCKED"
    for _ in range(2):
        assert await step(client, "blockConversation", chat, blocked=False) == before
    assert await step(client, "archiveConversation", chat, archived=False) == "OPEN"


async def test_block_conversation_applies_to_all_of_the_pair(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    offer = await world.offer(chat.vendor)
    about = {"subjectId": gid(offer)}
    second = await Chat.between(world, api, chat.customer, chat.vendor, chat.member, **about)
    other = await Chat.between(world, api, await world.user(), chat.vendor, chat.member)
    await second.block(chat.customer)
    for one in (chat, second):
        draft = one.draft()
        client = api.signed_in(chat.member)
        assert await client.refusal_codes("sendMessage", draft) == ["CONVERSATION_BLOCKED"]
    await other.send(chat.member)
    await chat.block(chat.customer, blocked=False)
    await second.send(chat.member)


async def test_block_conversation_is_for_staff_and_above(world: World, api: Client) -> None:
    """Scanners take no part in conversations."""
    chat = await Chat.open(world, api)
    here = {"conversationId": chat.id}
    scanner = api.signed_in(await new_member(world, chat.vendor, MemberRole.SCANNER))
    assert await scanner.refusal_codes("blockConversation", here) == ["NOT_FOUND"]
    assert await scanner.refusal_codes("archiveConversation", here) == ["NOT_FOUND"]
    assert await step(api.signed_in(chat.member), "archiveConversation", chat) == "ARCHIVED"
    await chat.block(chat.member)
    assert await scanner.refusal_codes("blockConversation", here | {"blocked": False}) == [
        "NOT_FOUND"
    ]
    assert (await chat.row()).state == "BLOCKED"
    manager = api.signed_in(await new_member(world, chat.vendor, MemberRole.MANAGER))
    assert await step(manager, "blockConversation", chat, blocked=False) == "ARCHIVED"


async def test_archive_conversation_that_is_blocked(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    await chat.block(chat.customer)
    for archived in (True, False):
        given = {"conversationId": chat.id, "archived": archived}
        client = api.signed_in(chat.member)
        assert await client.refusal_codes("archiveConversation", given) == ["CONVERSATION_BLOCKED"]


@pytest.mark.parametrize("name", STEPS)
async def test_step_of_a_conversation_as_non_participant(
    world: World, api: Client, name: str
) -> None:
    chat, other = await Chat.open(world, api), await Chat.open(world, api)
    given = {"conversationId": chat.id}
    strangers = [other.customer, other.member, await world.user(), await world.admin()]
    for client in map(api.signed_in, strangers):
        assert await client.refusal_codes(name, given) == ["NOT_FOUND"]
        assert await client.refusal_codes(name, {"conversationId": unknown("Conversation")}) == [
            "NOT_FOUND"
        ]
    assert await api.mutation_failed(name, given) == ["UNAUTHENTICATED"]
    assert (await chat.row()).state == "OPEN"


@pytest.mark.parametrize("name", STEPS)
async def test_step_without_a_change_publishes_nothing(
    world: World, api: Client, name: str
) -> None:
    chat = await Chat.open(world, api)
    client = api.signed_in(chat.customer)
    await step(client, name, chat)
    recorded = await world.journal()
    assert {topic.partition(":")[0] for topic, _, kind in recorded if kind.endswith("updated")} == {
        "conversation",
        "user",
        "vendor",
    }
    await step(client, name, chat)
    assert await world.journal() == recorded
