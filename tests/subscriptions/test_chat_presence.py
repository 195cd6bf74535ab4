"""Subscriptions to typing and presence."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import httpx
import pytest
from strawberry.relay import from_base64

from core.security.signing_keys import SigningKeys
from core.settings import Settings
from models.identity.accounts import User
from models.identity.api_tokens import ApiScope
from models.vendors import MemberRole
from services.chat import presence
from tests.client import Client, gid, unknown
from tests.factories.chat import Chat
from tests.factories.vendors import outsider
from tests.factories.world import World
from tests.subscriptions.inside import Inside, inside
from tests.subscriptions.talking import Talker
from tests.subscriptions.test_chat import Talk, refusal

TYPING = "subscription ($id: ID!) { typing(conversationId: $id) { users { id name } } }"
PRESENCE = """subscription ($ids: [ID!]!) {
  presence(userIds: $ids) { user { id } online lastSeenAt }
}"""


@pytest.fixture
async def talk(settings: Settings, world: World, keys: SigningKeys) -> AsyncIterator[Talk]:
    async with inside(settings) as server, AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=server.url, timeout=20))
        yield Talk(await Chat.open(world, Client(http, keys)), server, stack)


async def types(server: Inside, chat: Chat, user: User, *, typing: bool) -> None:
    conversation_id = UUID(from_base64(chat.id)[1])
    await server.app.typing.set(conversation_id, user.id, typing)


async def test_the_other_side_sees_who_types(talk: Talk) -> None:
    chat = talk.chat
    talkers = [await talk.follows(user, TYPING) for user in (chat.customer, chat.member)]
    for talker in talkers:
        assert await talker.change() == {"users": []}
    await types(talk.server, chat, chat.customer, typing=True)
    for talker in talkers:
        (user,) = (await talker.change())["users"]
        assert user == {"id": gid(chat.customer), "name": chat.customer.name}
    await types(talk.server, chat, chat.customer, typing=False)
    for talker in talkers:
        assert await talker.change() == {"users": []}
    (group,) = talk.server.endpoint.groups.groups
    assert len(group.subscribers) == 2


async def test_who_types_is_forgotten_without_another_word(talk: Talk) -> None:
    chat = talk.chat
    talk.server.app.typing.marks.seconds = 1.0
    talker = await talk.follows(chat.member, TYPING)
    assert await talker.change() == {"users": []}
    await types(talk.server, chat, chat.customer, typing=True)
    assert len((await talker.change())["users"]) == 1
    assert await talker.change() == {"users": []}


async def test_who_comes_later_sees_who_types_now(talk: Talk) -> None:
    await types(talk.server, talk.chat, talk.chat.customer, typing=True)
    for _ in range(2):
        talker = await talk.follows(talk.chat.member, TYPING)
        assert len((await talker.change())["users"]) == 1


@pytest.mark.parametrize("kind", ["a stranger", "another vendor's owner", "an admin"])
async def test_nobody_else_sees_who_types_or_who_is_there(
    talk: Talk, world: World, kind: str
) -> None:
    somebody = await outsider(world, talk.chat.vendor, kind)
    assert await refusal(await talk.follows(somebody, TYPING)) == "NOT_FOUND"
    for other in (talk.chat.customer, talk.chat.member):
        asked = await talk.follows(somebody, PRESENCE, ids=[gid(other)])
        assert await refusal(asked) == "NOT_FOUND"
    nobody = await talk.follows(talk.chat.customer, PRESENCE, ids=[unknown("User")])
    assert await refusal(nobody) == "NOT_FOUND"


async def test_a_right_that_is_withdrawn_ends_it(talk: Talk) -> None:
    talker = await talk.follows(talk.chat.member, TYPING)
    await talker.change()
    await talk.chat.world.leaves(talk.chat.member)
    await types(talk.server, talk.chat, talk.chat.customer, typing=True)
    assert await refusal(talker) == "NOT_FOUND"


async def test_colleagues_see_each_other_and_no_strangers(talk: Talk, world: World) -> None:
    """Whether they name themselves beside them or not."""
    chat, colleague, stranger = talk.chat, await world.user(), await world.user()
    await world.member(chat.vendor, colleague, MemberRole.STAFF)
    talker = await talk.follows(chat.member, PRESENCE, ids=[gid(colleague)])
    assert (await talker.change())["user"] == {"id": gid(colleague)}
    for ids in ([stranger], [chat.member, stranger], [chat.member, colleague, stranger]):
        asked = await talk.follows(chat.member, PRESENCE, ids=[gid(user) for user in ids])
        assert await refusal(asked) == "NOT_FOUND"


async def test_a_customer_follows_those_of_the_vendor_whom_they_see(
    talk: Talk, world: World
) -> None:
    """Authors, readers and the assignee of their conversation, and no other member."""
    chat = talk.chat
    members = [await world.user() for _ in range(4)]
    for member in members:
        await world.member(chat.vendor, member, MemberRole.STAFF)
    silent, writer, reader, assignee = members
    await chat.send(chat.customer)
    await chat.send(writer)
    await chat.read(reader, 1)
    row = await chat.row()
    row.assignee_id = assignee.id
    await world.save(row)
    for member in (writer, reader, assignee):
        talker = await talk.follows(chat.customer, PRESENCE, ids=[gid(member)])
        assert (await talker.change())["online"] is False
    both = [gid(silent), gid(writer)]
    assert await refusal(await talk.follows(chat.customer, PRESENCE, ids=both)) == "NOT_FOUND"
    talker = await talk.follows(silent, PRESENCE, ids=[gid(chat.customer)])
    assert (await talker.change())["online"] is True


async def test_blocking_hides_who_is_there_from_both(talk: Talk) -> None:
    chat = talk.chat
    await chat.send(chat.member)
    pairs = [(chat.member, chat.customer), (chat.customer, chat.member)]
    for one, other in pairs:
        assert "online" in await (await talk.follows(one, PRESENCE, ids=[gid(other)])).change()
    await chat.block(chat.customer)
    for one, other in pairs:
        assert await refusal(await talk.follows(one, PRESENCE, ids=[gid(other)])) == "NOT_FOUND"


async def test_a_user_is_there_while_a_socket_is_open(talk: Talk, world: World) -> None:
    """Members see each other and the customer, who sees them."""
    chat, colleague = talk.chat, await world.user()
    await world.member(chat.vendor, colleague, MemberRole.STAFF)
    ids = [gid(chat.customer), gid(chat.member), gid(colleague)]
    talker = await talk.follows(chat.member, PRESENCE, ids=ids)
    told: dict[str, Any] = {}
    while len(told) < 3 or not told[gid(chat.member)]:
        change = await talker.change()
        told[change["user"]["id"]] = change["online"]
    assert told == {gid(chat.customer): False, gid(chat.member): True, gid(colleague): False}
    token = talk.api.signed_in(chat.customer).headers["Authorization"].partition(" ")[2]
    url = talk.server.url
    async with Talker.connected(url, token), Talker.connected(url, token):
        came = await talker.change()
        assert (came["user"]["id"], came["online"]) == (gid(chat.customer), True)
    left = await talker.change()
    assert (left["user"]["id"], left["online"]) == (gid(chat.customer), False)
    assert left["lastSeenAt"] is not None


async def test_a_program_with_a_token_is_not_its_user(talk: Talk, world: World) -> None:
    """Whether the user is there does not depend on what it does."""
    chat, url = talk.chat, talk.server.url
    _, secret = await world.api_token(chat.customer, ApiScope.READ)
    program = await talk.follows_by(secret, TYPING)
    assert await program.change() == {"users": []}
    talker = await talk.follows(chat.member, PRESENCE, ids=[gid(chat.customer)])
    assert (await talker.change())["online"] is False
    token = talk.api.signed_in(chat.customer).headers["Authorization"].partition(" ")[2]
    async with Talker.connected(url, token):
        assert (await talker.change())["online"] is True
    left = await talker.change()
    assert left["online"] is False
    assert left["lastSeenAt"] is not None


async def test_users_of_a_process_that_was_killed_leave(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When their marks are over, without a word from anybody."""
    app = talk.server.app
    dead = presence.PresenceTracker(app.settings.redis, app.pubsub)
    dead.marks.seconds = 1.5
    await dead.came(talk.chat.customer.id)
    talker = await talk.follows(talk.chat.member, PRESENCE, ids=[gid(talk.chat.customer)])
    assert [(await talker.change())["online"] for _ in range(2)] == [True, False]
    await dead.marks.close()


async def test_at_most_a_hundred_people_at_once(talk: Talk) -> None:
    for ids in ([], [gid(talk.chat.customer)] * 101):
        talker = await talk.follows(talk.chat.member, PRESENCE, ids=ids)
        assert await refusal(talker) == "BAD_USER_INPUT"


async def test_without_redis_presence_is_unknown(
    settings: Settings, world: World, keys: SigningKeys
) -> None:
    """No typing is shown, and nothing fails."""
    without = settings.model_copy(update={"redis_url": "redis://127.0.0.1:1"})
    async with inside(without) as server, AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=server.url, timeout=20))
        talk = Talk(await Chat.open(world, Client(http, keys)), server, stack)
        await types(server, talk.chat, talk.chat.customer, typing=True)
        talker = await talk.follows(talk.chat.member, TYPING)
        assert await talker.change() == {"users": []}
        talker = await talk.follows(talk.chat.member, PRESENCE, ids=[gid(talk.chat.customer)])
        assert await talker.change() == {
            "user": {"id": gid(talk.chat.customer)},
            "online": None,
            "lastSeenAt": None,
        }
