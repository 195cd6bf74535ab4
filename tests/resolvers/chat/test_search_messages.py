"""Searching messages, only in the viewer's own conversations."""

import pytest

from models.identity.accounts import User
from models.vendors import MemberRole
from tests.client import Client
from tests.factories.chat import Chat
from tests.factories.world import World
from tests.resolvers.paging import CONNECTION, walk

SEARCH = f"""query (
  $search: String!, $first: Int, $after: String, $last: Int, $before: String
) {{ viewer {{ messages(
  search: $search, first: $first, after: $after, last: $last, before: $before
) {{ totalCount changesAfter {CONNECTION} edges {{ node {{ text }} }} }} }} }}"""


async def texts(client: Client, search: str) -> list[str]:
    found = (await client.ask(SEARCH, search=search))["viewer"]["messages"]
    assert found["changesAfter"] is None
    content = [edge["node"]["text"] for edge in found["edges"]]
    assert found["totalCount"] == len(content)
    return content


async def test_search_messages_by_words(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    for words in ("Is the café open?", "The café opens at nine", "Bäckerei zu", "चाय है?"):
        await chat.send(chat.customer, words)
    client = api.signed_in(chat.member)
    assert await texts(client, "CAFÉ") == ["The café opens at nine", "Is the café open?"]
    assert await texts(client, "nine café") == ["The café opens at nine"]
    assert await texts(client, '"café open"') == ["Is the café open?"]
    assert await texts(client, "café -nine") == ["Is the café open?"]
    assert await texts(client, "nine or zu") == ["Bäckerei zu", "The café opens at nine"]
    assert await texts(client, "bäckerei") == ["Bäckerei zu"]
    assert await texts(client, "चाय") == ["चाय है?"]
    assert await texts(client, "tea") == []


@pytest.mark.parametrize(
    ("content", "search"),
    [
        ("Where is order-1234?", "1234"),
        ("Where is order-1234?", "order-1234"),
        ("Where is order-1234?", '"order 1234"'),
        ("We are in München", "munchen"),
        ("I send my resume", "résumé"),
        ("A café-bar", "CAFE -tea"),
    ],
)
async def test_search_messages_by_parts_and_without_accents(
    world: World, api: Client, content: str, search: str
) -> None:
    chat = await Chat.open(world, api)
    await chat.send(chat.customer, content)
    await chat.send(chat.customer, "Nothing of the kind: order 5678, tea")
    assert await texts(api.signed_in(chat.member), search) == [content]


@pytest.mark.parametrize("search", ["use", "user", "ven", "vend", "vendo", "vendor", "'user':*"])
async def test_a_search_does_not_match_the_sides_of_all_messages(
    world: World, api: Client, search: str
) -> None:
    """They are stored beside the words, as `user:` and `vendor:` with an id."""
    chat = await Chat.open(world, api)
    for words in ("Hello", "Two users asked", "The vendors know", "I use Vendor, user", "order 1"):
        await chat.send(chat.customer, words)
    expected = ["I use Vendor, user"]
    expected += ["The vendors know"] if "v" in search else ["Two users asked"]
    assert await texts(api.signed_in(chat.customer), search) == expected
    assert await texts(api.signed_in(chat.member), search) == expected
    assert await texts(api.signed_in(chat.member), f"order {search}") == []


async def test_search_messages_in_ones_own_conversations_alone(world: World, api: Client) -> None:
    chat, other = await Chat.open(world, api), await Chat.open(world, api)
    neighbour = await Chat.between(world, api, await world.user(), chat.vendor, chat.member)
    await chat.send(chat.customer, "secret of the customer")
    await neighbour.send(neighbour.customer, "secret of the neighbour")
    await other.send(other.customer, "secret of the others")

    async def found(user: User) -> list[str]:
        content = await texts(api.signed_in(user), "secret")
        return sorted(words.split()[-1] for words in content)

    users = [chat.customer, chat.member, neighbour.customer, other.member]
    users += [await world.user(), await world.admin()]
    assert [await found(user) for user in users] == [
        ["customer"],
        ["customer", "neighbour"],
        ["neighbour"],
        ["others"],
        [],
        [],
    ]


async def test_search_messages_by_the_sides_of_a_conversation_finds_none(
    world: World, api: Client
) -> None:
    """The index has them, so that it skips messages of others."""
    chat, other = await Chat.open(world, api), await Chat.open(world, api)
    for one in (chat, other):
        await one.send(one.customer, "tumbler")
    for id in (chat.customer.id, chat.vendor.id, other.customer.id, other.vendor.id):
        for term in (f"user:{id}", f"vendor:{id}", f'"vendor:{id}"', f"'vendor:{id}'", id.hex):
            assert await texts(api.signed_in(chat.member), term) == []


async def test_search_messages_ignores_earlier_versions(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    client = api.signed_in(chat.customer)
    first, second = [await chat.send(chat.customer, "tumbler") for _ in range(2)]
    edit = {"messageId": first["id"], "text": "cup"}
    assert await client.refusal_codes("editMessage", edit) == []
    assert await client.refusal_codes("deleteMessage", {"messageId": second["id"]}) == []
    assert await texts(client, "tumbler") == []
    assert await texts(client, "cup") == ["cup"]


async def test_search_messages_of_a_vendor_one_has_left(world: World, api: Client) -> None:
    chat, colleague = await Chat.open(world, api), await world.user()
    member = await world.member(chat.vendor, colleague, MemberRole.OWNER)
    await chat.send(chat.customer, "tumbler")
    assert await texts(api.signed_in(colleague), "tumbler") == ["tumbler"]
    async with world.database.session() as session, session.begin():
        await session.delete(member)
    assert await texts(api.signed_in(colleague), "tumbler") == []


async def test_search_messages_without_a_word_finds_all_with_text(
    world: World, api: Client
) -> None:
    """No notices, and nothing that was unsaid."""
    chat = await Chat.open(world, api)
    client = api.signed_in(chat.customer)
    unsaid = [await chat.send(chat.customer, text) for text in ("tumbler", "cup", "saucer")][2]
    assert await client.refusal_codes("deleteMessage", {"messageId": unsaid["id"]}) == []
    assert await client.refusal_codes("archiveConversation", {"conversationId": chat.id}) == []
    assert await texts(client, "-cup") == ["tumbler"]


async def test_search_messages_in_pages_both_ways(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    ids = [(await chat.send(chat.member, f"tumbler {n}"))["id"] for n in range(7)][::-1]
    client = api.signed_in(chat.customer)
    assert await walk(client, SEARCH, "viewer.messages", search="tumbler", first=3) == ids
    assert await walk(client, SEARCH, "viewer.messages", search="tumbler", last=3) == ids


@pytest.mark.parametrize("search", ["", " ", "x" * 101, "a\0b"])
async def test_search_messages_for_an_invalid_text(world: World, api: Client, search: str) -> None:
    client = api.signed_in(await world.user())
    assert await client.failed(SEARCH, search=search) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("search", ["-", "& | !", "'", '"', "a:*", "\\", "(", "<->", "!!a", "der"])
async def test_search_messages_for_anything_else_breaks_nothing(
    world: World, api: Client, search: str
) -> None:
    chat = await Chat.open(world, api)
    await chat.send(chat.customer, "der die das")
    assert len(await texts(api.signed_in(chat.customer), search)) == (search == "der")
