"""Reading conversations: the list of them, the messages in one, and who may see either."""

import pytest

from models.identity.accounts import User
from models.vendors import MemberRole
from tests.client import Client, gid, unknown
from tests.factories.chat import Chat
from tests.factories.world import World
from tests.resolvers.paging import CONNECTION, walk

PAGES = "($first: Int, $after: String, $last: Int, $before: String"
PAGE = "first: $first, after: $after, last: $last, before: $before"
LIST = f"""query {PAGES}, $state: ConversationState) {{ viewer {{
  conversations({PAGE}, state: $state) {{ totalCount changesAfter {CONNECTION} }}
}} }}"""
MESSAGES = f"""query {PAGES}, $id: ID!) {{ conversation(id: $id) {{
  messages({PAGE}) {{ totalCount changesAfter {CONNECTION} edges {{ node {{ sequence }} }} }}
}} }}"""
ONE = "query ($id: ID!) { conversation(id: $id) { id } node(id: $id) { id } }"


async def conversations(client: Client, state: str | None = None) -> list[str]:
    found = (await client.ask(LIST, state=state))["viewer"]["conversations"]
    ids = [node["id"] for node in found["nodes"]]
    assert found["totalCount"] == len(ids)
    return ids


async def test_conversations_of_a_user_and_of_members_the_latest_first(
    world: World, api: Client
) -> None:
    first, second, strange = [await Chat.open(world, api) for _ in range(3)]
    await world.member(second.vendor, first.member, MemberRole.STAFF)
    mine = await Chat.between(world, api, first.member, strange.vendor, strange.member)
    for chat in (mine, first, second):
        await chat.send(chat.customer)
    client = api.signed_in(first.member)
    assert await conversations(client) == [second.id, first.id, mine.id]
    await first.send(first.customer)
    assert await conversations(client) == [first.id, second.id, mine.id]
    assert await conversations(api.signed_in(first.customer)) == [first.id]
    assert await conversations(api.signed_in(await world.user())) == []
    assert await conversations(api.signed_in(await world.admin())) == []


async def test_conversations_of_one_state(world: World, api: Client) -> None:
    opened, archived, blocked = [await Chat.open(world, api) for _ in range(3)]
    user = await world.user()
    for chat in (opened, archived, blocked):
        await world.member(chat.vendor, user, MemberRole.STAFF)
    client = api.signed_in(user)
    assert await client.refusal_codes("archiveConversation", {"conversationId": archived.id}) == []
    await blocked.block(user)
    assert await conversations(client, "OPEN") == [opened.id]
    assert await conversations(client, "ARCHIVED") == [archived.id]
    assert await conversations(client, "BLOCKED") == [blocked.id]
    assert len(await conversations(client)) == 3


async def test_conversations_in_pages_both_ways(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    ids = [chat.id]
    for _ in range(6):
        one = await Chat.between(world, api, await world.user(), chat.vendor, chat.member)
        ids.insert(0, one.id)
    client = api.signed_in(chat.member)
    assert await walk(client, LIST, "viewer.conversations", first=3) == ids
    assert await walk(client, LIST, "viewer.conversations", last=3) == ids


async def test_messages_in_pages_both_ways(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    other = await Chat.between(world, api, await world.user(), chat.vendor, chat.member)
    sent = []
    for number in range(7):
        sent.append((await chat.send([chat.customer, chat.member][number % 2]))["id"])
        await other.send(chat.member)
    client = api.signed_in(chat.customer)
    assert await walk(client, MESSAGES, "conversation.messages", id=chat.id, first=3) == sent
    assert await walk(client, MESSAGES, "conversation.messages", id=chat.id, last=3) == sent
    newest = (await client.ask(MESSAGES, id=chat.id, last=2))["conversation"]["messages"]
    assert [edge["node"]["sequence"] for edge in newest["edges"]] == [6, 7]
    assert newest["totalCount"] == 7


@pytest.mark.parametrize(
    "page", [{"first": 101}, {"last": 101}, {"first": -1}, {"first": 1, "last": 1}, {"after": "x"}]
)
async def test_messages_of_a_page_there_cannot_be(
    world: World, api: Client, page: dict[str, int | str]
) -> None:
    chat = await Chat.open(world, api)
    client = api.signed_in(chat.customer)
    assert await client.failed(MESSAGES, id=chat.id, **page) == ["BAD_USER_INPUT"]
    assert await client.failed(LIST, **page) == ["BAD_USER_INPUT"]


async def test_cursors_of_changes_advance(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    client = api.signed_in(chat.member)

    async def cursors() -> tuple[str, str]:
        inbox = (await client.ask(LIST))["viewer"]["conversations"]["changesAfter"]
        thread = (await client.ask(MESSAGES, id=chat.id))["conversation"]["messages"]
        return inbox, thread["changesAfter"]

    before = await cursors()
    assert await cursors() == before
    await chat.send(chat.customer)
    after = await cursors()
    assert before[0] != after[0]
    assert before[1] != after[1]


async def people(world: World, chat: Chat) -> list[User]:
    """Return users that don't take part in the conversation, some of them nearly so."""
    rival, neighbour = await world.user(), await world.user()
    await world.vendor(rival)
    await Chat.between(world, chat.api, neighbour, chat.vendor, chat.member)
    return [rival, neighbour, await world.user(), await world.admin()]


async def test_conversation_for_its_participants(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    seen = {"id": chat.id}
    for user in (chat.customer, chat.member):
        assert await api.signed_in(user).ask(ONE, id=chat.id) == {
            "conversation": seen,
            "node": seen,
        }
    nothing = {"conversation": None, "node": None}
    for user in await people(world, chat):
        assert await api.signed_in(user).ask(ONE, id=chat.id) == nothing
    assert await api.ask(ONE, id=chat.id) == nothing
    assert await api.ask(ONE, id=unknown("Conversation")) == nothing


async def test_conversation_by_an_id_of_another_type(world: World, api: Client) -> None:
    query = "query ($id: ID!) { conversation(id: $id) { id } }"
    assert await api.failed(query, id=gid(await world.vendor())) == ["BAD_USER_INPUT"]


async def test_conversation_has_the_time_of_the_first_answer(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    query = "query ($id: ID!) { conversation(id: $id) { firstAskedAt firstAnsweredAt } }"

    async def times() -> tuple[str | None, str | None]:
        found = (await api.signed_in(chat.member).ask(query, id=chat.id))["conversation"]
        return found["firstAskedAt"], found["firstAnsweredAt"]

    await chat.send(chat.member, "Welcome")
    assert await times() == (None, None)
    asked = await chat.send(chat.customer)
    assert await times() == (asked["sentAt"], None)
    answer = await chat.send(chat.member)
    await chat.send(chat.customer)
    await chat.send(chat.member)
    assert await times() == (asked["sentAt"], answer["sentAt"])
