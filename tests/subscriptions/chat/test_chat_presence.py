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
from models.scopes import ApiScope
from models.vendors import MemberRole
from services.chat import presence
from tests.client import Client, gid, unknown
from tests.factories.chat import Chat
from tests.factories.vendors import outsider
from tests.factories.world import World
from tests.subscriptions.chat.test_chat import LiveChat, refusal
from tests.subscriptions.in_process_server import InProcessServer, serve_in_process
from tests.subscriptions.websocket_client import WebSocketClient

TYPING = "subscription ($id: ID!) { typing(conversationId: $id) { users { id name } } }"
PRESENCE = """subscription ($ids: [ID!]!) {
  presence(userIds: $ids) { user { id } online lastSeenAt }
}"""


@pytest.fixture
async def live_chat(settings: Settings, world: World, keys: SigningKeys) -> AsyncIterator[LiveChat]:
    async with serve_in_process(settings) as server, AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=server.url, timeout=20))
        yield LiveChat(await Chat.open(world, Client(http, keys)), server, stack)


async def types(server: InProcessServer, chat: Chat, user: User, *, typing: bool) -> None:
    conversation_id = UUID(from_base64(chat.id)[1])
    await server.app.typing.set(conversation_id, user.id, typing)


async def test_the_other_side_receives_typing(live_chat: LiveChat) -> None:
    chat = live_chat.chat
    connections = [await live_chat.subscribe(user, TYPING) for user in (chat.customer, chat.member)]
    for connection in connections:
        assert await connection.change() == {"users": []}
    await types(live_chat.server, chat, chat.customer, typing=True)
    for connection in connections:
        (user,) = (await connection.change())["users"]
        assert user == {"id": gid(chat.customer), "name": chat.customer.name}
    await types(live_chat.server, chat, chat.customer, typing=False)
    for connection in connections:
        assert await connection.change() == {"users": []}
    (group,) = live_chat.server.endpoint.groups.groups
    assert len(group.subscribers) == 2


async def test_typing_expires(live_chat: LiveChat) -> None:
    chat = live_chat.chat
    live_chat.server.app.typing.marks.seconds = 1.0
    connection = await live_chat.subscribe(chat.member, TYPING)
    assert await connection.change() == {"users": []}
    await types(live_chat.server, chat, chat.customer, typing=True)
    assert len((await connection.change())["users"]) == 1
    assert await connection.change() == {"users": []}


async def test_a_late_subscriber_receives_current_typing(live_chat: LiveChat) -> None:
    await types(live_chat.server, live_chat.chat, live_chat.chat.customer, typing=True)
    for _ in range(2):
        connection = await live_chat.subscribe(live_chat.chat.member, TYPING)
        assert len((await connection.change())["users"]) == 1


@pytest.mark.parametrize("kind", ["a stranger", "another vendor's owner", "an admin"])
async def test_non_participants_see_neither_typing_nor_presence(
    live_chat: LiveChat, world: World, kind: str
) -> None:
    other_user = await outsider(world, live_chat.chat.vendor, kind)
    assert await refusal(await live_chat.subscribe(other_user, TYPING)) == "NOT_FOUND"
    for other in (live_chat.chat.customer, live_chat.chat.member):
        asked = await live_chat.subscribe(other_user, PRESENCE, ids=[gid(other)])
        assert await refusal(asked) == "NOT_FOUND"
    unknown_user = await live_chat.subscribe(
        live_chat.chat.customer, PRESENCE, ids=[unknown("User")]
    )
    assert await refusal(unknown_user) == "NOT_FOUND"


async def test_a_revoked_right_ends_the_subscription(live_chat: LiveChat) -> None:
    connection = await live_chat.subscribe(live_chat.chat.member, TYPING)
    await connection.change()
    await live_chat.chat.world.leaves(live_chat.chat.member)
    await types(live_chat.server, live_chat.chat, live_chat.chat.customer, typing=True)
    assert await refusal(connection) == "NOT_FOUND"


async def test_colleagues_see_each_other_and_no_strangers(
    live_chat: LiveChat, world: World
) -> None:
    """Whether they name themselves beside them or not."""
    chat, colleague, stranger = live_chat.chat, await world.user(), await world.user()
    await world.member(chat.vendor, colleague, MemberRole.STAFF)
    connection = await live_chat.subscribe(chat.member, PRESENCE, ids=[gid(colleague)])
    assert (await connection.change())["user"] == {"id": gid(colleague)}
    for ids in ([stranger], [chat.member, stranger], [chat.member, colleague, stranger]):
        asked = await live_chat.subscribe(chat.member, PRESENCE, ids=[gid(user) for user in ids])
        assert await refusal(asked) == "NOT_FOUND"


async def test_a_customer_subscribes_to_presence_of_visible_members(
    live_chat: LiveChat, world: World
) -> None:
    """Authors, readers and the assignee of their conversation, and no other member."""
    chat = live_chat.chat
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
        connection = await live_chat.subscribe(chat.customer, PRESENCE, ids=[gid(member)])
        assert (await connection.change())["online"] is False
    both = [gid(silent), gid(writer)]
    assert (
        await refusal(await live_chat.subscribe(chat.customer, PRESENCE, ids=both)) == "NOT_FOUND"
    )
    connection = await live_chat.subscribe(silent, PRESENCE, ids=[gid(chat.customer)])
    assert (await connection.change())["online"] is True


async def test_blocking_hides_presence_from_both(live_chat: LiveChat) -> None:
    chat = live_chat.chat
    await chat.send(chat.member)
    pairs = [(chat.member, chat.customer), (chat.customer, chat.member)]
    for one, other in pairs:
        assert (
            "online" in await (await live_chat.subscribe(one, PRESENCE, ids=[gid(other)])).change()
        )
    await chat.block(chat.customer)
    for one, other in pairs:
        assert (
            await refusal(await live_chat.subscribe(one, PRESENCE, ids=[gid(other)])) == "NOT_FOUND"
        )


async def test_a_user_is_online_while_a_socket_is_open(live_chat: LiveChat, world: World) -> None:
    """Members see each other and the customer, who sees them."""
    chat, colleague = live_chat.chat, await world.user()
    await world.member(chat.vendor, colleague, MemberRole.STAFF)
    ids = [gid(chat.customer), gid(chat.member), gid(colleague)]
    connection = await live_chat.subscribe(chat.member, PRESENCE, ids=ids)
    presences: dict[str, Any] = {}
    while len(presences) < 3 or not presences[gid(chat.member)]:
        change = await connection.change()
        presences[change["user"]["id"]] = change["online"]
    assert presences == {gid(chat.customer): False, gid(chat.member): True, gid(colleague): False}
    token = live_chat.api.signed_in(chat.customer).headers["Authorization"].partition(" ")[2]
    url = live_chat.server.url
    async with WebSocketClient.connected(url, token), WebSocketClient.connected(url, token):
        came = await connection.change()
        assert (came["user"]["id"], came["online"]) == (gid(chat.customer), True)
    left = await connection.change()
    assert (left["user"]["id"], left["online"]) == (gid(chat.customer), False)
    assert left["lastSeenAt"] is not None


async def test_an_api_token_does_not_make_its_user_online(
    live_chat: LiveChat, world: World
) -> None:
    """Sockets with an API token do not affect the user's presence."""
    chat, url = live_chat.chat, live_chat.server.url
    _, secret = await world.api_token(chat.customer, ApiScope.READ)
    program = await live_chat.subscribe_with(secret, TYPING)
    assert await program.change() == {"users": []}
    connection = await live_chat.subscribe(chat.member, PRESENCE, ids=[gid(chat.customer)])
    assert (await connection.change())["online"] is False
    token = live_chat.api.signed_in(chat.customer).headers["Authorization"].partition(" ")[2]
    async with WebSocketClient.connected(url, token):
        assert (await connection.change())["online"] is True
    left = await connection.change()
    assert left["online"] is False
    assert left["lastSeenAt"] is not None


async def test_users_of_a_process_that_was_killed_leave(
    live_chat: LiveChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their presence marks expire without another publication."""
    app = live_chat.server.app
    dead = presence.PresenceTracker(app.settings.redis, app.pubsub)
    dead.marks.seconds = 1.5
    await dead.came(live_chat.chat.customer.id)
    connection = await live_chat.subscribe(
        live_chat.chat.member, PRESENCE, ids=[gid(live_chat.chat.customer)]
    )
    assert [(await connection.change())["online"] for _ in range(2)] == [True, False]
    await dead.marks.close()


async def test_at_most_a_hundred_people_at_once(live_chat: LiveChat) -> None:
    for ids in ([], [gid(live_chat.chat.customer)] * 101):
        connection = await live_chat.subscribe(live_chat.chat.member, PRESENCE, ids=ids)
        assert await refusal(connection) == "BAD_USER_INPUT"


async def test_without_redis_presence_is_unknown(
    settings: Settings, world: World, keys: SigningKeys
) -> None:
    """No typing is shown, and nothing fails."""
    without = settings.model_copy(update={"redis_url": "redis://127.0.0.1:1"})
    async with serve_in_process(without) as server, AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=server.url, timeout=20))
        live_chat = LiveChat(await Chat.open(world, Client(http, keys)), server, stack)
        await types(server, live_chat.chat, live_chat.chat.customer, typing=True)
        connection = await live_chat.subscribe(live_chat.chat.member, TYPING)
        assert await connection.change() == {"users": []}
        connection = await live_chat.subscribe(
            live_chat.chat.member, PRESENCE, ids=[gid(live_chat.chat.customer)]
        )
        assert await connection.change() == {
            "user": {"id": gid(live_chat.chat.customer)},
            "online": None,
            "lastSeenAt": None,
        }
