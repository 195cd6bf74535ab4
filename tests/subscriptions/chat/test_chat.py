"""Conversations and inboxes as they are followed by both sides."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from core.security.signing_keys import SigningKeys
from core.settings import Settings
from models.identity.accounts import User
from models.scopes import ApiScope
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.chat import Chat
from tests.factories.vendors import outsider
from tests.factories.world import World
from tests.subscriptions.in_process_server import InProcessServer, serve_in_process
from tests.subscriptions.metric_increases import MetricIncreases
from tests.subscriptions.websocket_client import WebSocketClient

FIELDS = """
  __typename
  ... on Change { cursor }
  ... on MessageSent { message { id text sender { id } conversation { id } } }
  ... on MessageEdited { message { id text } }
  ... on MessageDeleted { message { id text deletedAt } }
  ... on ReadReceiptUpdated { conversation { id } reader { id } readSequence deliveredSequence }
  ... on ConversationUpdated { conversation { id state } }
"""
IN_ONE = f"""subscription ($id: ID!, $after: String) {{
  conversationChanges(conversationId: $id, after: $after) {{ {FIELDS} }}
}}"""
IN_ALL = f"""subscription ($after: String) {{
  inboxChanges(after: $after) {{ {FIELDS}
    ... on RedemptionCreated {{ redemption {{ id outcome }} }}
    ... on VoucherUpdated {{ voucher {{ id state code }} }}
    ... on NotificationsChanged {{
      unreadCount notification {{ id subject {{ __typename id }} }}
    }}
  }}
}}"""
AFTER_STATE = "query ($id: ID!) { conversation(id: $id) { messages { changesAfter } } }"
AFTER_INBOX = "{ viewer { conversations { changesAfter } } }"


@dataclass
class LiveChat:
    """A conversation, at a server in this process."""

    chat: Chat
    server: InProcessServer
    stack: AsyncExitStack

    @property
    def api(self) -> Client:
        return self.chat.api

    async def subscribe(self, user: User, query: str = IN_ONE, **variables: Any) -> WebSocketClient:
        signed = self.api.signed_in(user)
        token = signed.headers["Authorization"].partition(" ")[2]
        return await self.subscribe_with(token, query, **variables)

    async def subscribe_with(
        self, token: str, query: str = IN_ONE, **variables: Any
    ) -> WebSocketClient:
        connection = await self.stack.enter_async_context(
            WebSocketClient.connected(self.server.url, token)
        )
        await connection.subscribe(query, {"id": self.chat.id} | variables)
        return connection

    async def after_state(self, user: User) -> str:
        found = await self.api.signed_in(user).ask(AFTER_STATE, id=self.chat.id)
        cursor: str = found["conversation"]["messages"]["changesAfter"]
        return cursor

    async def after_inbox(self, user: User) -> str:
        found = await self.api.signed_in(user).ask(AFTER_INBOX)
        cursor: str = found["viewer"]["conversations"]["changesAfter"]
        return cursor


@pytest.fixture
async def live_chat(settings: Settings, world: World, keys: SigningKeys) -> AsyncIterator[LiveChat]:
    async with serve_in_process(settings) as server, AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=server.url, timeout=20))
        yield LiveChat(await Chat.open(world, Client(http, keys)), server, stack)


async def refusal(connection: WebSocketClient) -> str:
    """Return the code of the error, which must be the first message."""
    message = await connection.receive()
    errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
    code: str = errors[0]["extensions"]["code"]
    return code


async def test_both_sides_receive_each_change_once(live_chat: LiveChat) -> None:
    chat = live_chat.chat
    start = await live_chat.after_state(chat.customer)
    connections = [
        await live_chat.subscribe(user, after=start) for user in (chat.customer, chat.member)
    ]
    await live_chat.server.settles(subscribers=2)
    increases = MetricIncreases()
    sent = await chat.send(chat.customer, "Hi")
    edit = {"messageId": sent["id"], "text": "Hello"}
    assert (await live_chat.api.signed_in(chat.customer).do("editMessage", edit))["errors"] == []
    await chat.read(chat.member, 1)
    gone = {"messageId": sent["id"]}
    assert (await live_chat.api.signed_in(chat.customer).do("deleteMessage", gone))["errors"] == []
    put_away = {"conversationId": chat.id}
    assert (await live_chat.api.signed_in(chat.member).do("archiveConversation", put_away))[
        "errors"
    ] == []
    for connection in connections:
        changes = [await connection.change() for _ in range(6)]
        assert [one["__typename"] for one in changes] == [
            "MessageSent",
            "MessageEdited",
            "ReadReceiptUpdated",
            "MessageDeleted",
            "MessageSent",
            "ConversationUpdated",
        ]
        assert changes[0]["message"]["id"] == sent["id"]
        assert changes[0]["message"]["sender"] == sent["sender"]
        assert changes[2]["readSequence"] == changes[2]["deliveredSequence"] == 1
        assert changes[3]["message"]["text"] == ""
        assert changes[5]["conversation"] == {"id": chat.id, "state": "ARCHIVED"}
        assert len({one["cursor"] for one in changes}) == 6
    assert increases["haat_live_executions_total"] == 6, "for both sides together"


async def test_missed_changes_are_replayed_on_reconnection(live_chat: LiveChat) -> None:
    chat = live_chat.chat
    start = await live_chat.after_state(chat.customer)
    sent = [await chat.send(chat.customer, text) for text in ("one", "two", "three")]
    connection = await live_chat.subscribe(chat.member, after=start)
    changes = [await connection.change() for _ in sent]
    assert [one["message"]["id"] for one in changes] == [one["id"] for one in sent]
    again = await live_chat.subscribe(chat.member, after=changes[1]["cursor"])
    assert (await again.change())["message"]["id"] == sent[2]["id"]


@pytest.mark.parametrize("kind", ["a stranger", "another vendor's owner", "an admin"])
async def test_non_participants_cannot_subscribe_to_a_conversation(
    live_chat: LiveChat, world: World, kind: str
) -> None:
    other_user = await outsider(world, live_chat.chat.vendor, kind)
    connection = await live_chat.subscribe(other_user)
    assert await refusal(connection) == "NOT_FOUND"


async def test_an_admin_subscribes_to_a_reported_conversation(
    live_chat: LiveChat, world: World
) -> None:
    chat, admin = live_chat.chat, await world.admin()
    sent = await chat.send(chat.customer, "Rude")
    report = {"messageId": sent["id"], "reason": "ABUSE"}
    assert (await live_chat.api.signed_in(chat.member).do("reportMessage", report))["errors"] == []
    connection, member = await live_chat.subscribe(admin), await live_chat.subscribe(chat.member)
    await live_chat.server.settles(subscribers=2)
    increases = MetricIncreases()
    again = await chat.send(chat.customer, "Sorry")
    for one in (connection, member):
        assert (await one.change())["message"]["id"] == again["id"]
    assert increases["haat_live_executions_total"] == 2, "admins have a group of their own"


async def test_an_api_token_of_an_admin_gives_no_access_to_reported_conversations(
    live_chat: LiveChat, world: World
) -> None:
    """But those that its user takes part in."""
    chat, admin = live_chat.chat, await world.admin()
    sent = await chat.send(chat.customer, "Rude")
    report = {"messageId": sent["id"], "reason": "ABUSE"}
    assert await live_chat.api.signed_in(chat.member).refusal_codes("reportMessage", report) == []
    _, secret = await world.api_token(admin, ApiScope.READ)
    assert await refusal(await live_chat.subscribe_with(secret)) == "NOT_FOUND"
    await world.member(chat.vendor, admin, MemberRole.STAFF)
    connection = await live_chat.subscribe_with(secret)
    await live_chat.server.settles(subscribers=1)
    again = await chat.send(chat.customer, "Sorry")
    assert (await connection.change())["message"]["id"] == again["id"]


async def test_an_inbox_has_all_that_concerns_a_person(live_chat: LiveChat, world: World) -> None:
    """For the owner of a voucher its state, for the members of its vendor the redemption."""
    chat = live_chat.chat
    voucher = await world.voucher(await world.offer(chat.vendor), chat.customer)
    users = (chat.customer, chat.member)
    connections = [
        await live_chat.subscribe(user, IN_ALL, after=await live_chat.after_inbox(user))
        for user in users
    ]
    sent = await chat.send(chat.customer)
    attempt = {
        "vendorId": gid(chat.vendor),
        "idempotencyKey": "once",
        "token": voucher.token,
    }
    done = await live_chat.api.signed_in(chat.member).do(
        "redeemVoucher", attempt, "redemption { id }"
    )
    assert done["errors"] == []
    changes = [[await connection.change() for _ in range(2)] for connection in connections]
    assert [one[0]["message"]["id"] for one in changes] == [sent["id"]] * 2
    assert changes[0][1]["__typename"] == "VoucherUpdated"
    assert changes[0][1]["voucher"]["state"] == "REDEEMED"
    assert changes[0][1]["voucher"]["code"] == voucher.code, "it is the owner's own"
    assert changes[1][1]["__typename"] == "RedemptionCreated"
    assert changes[1][1]["redemption"]["id"] == done["redemption"]["id"]


async def test_an_inbox_receives_notifications_and_reads_of_its_owner(
    live_chat: LiveChat, world: World
) -> None:
    """On two devices, of which one reads."""
    chat = live_chat.chat
    voucher = await world.voucher(await world.offer(chat.vendor), chat.customer)
    start = await live_chat.after_inbox(chat.customer)
    devices = [await live_chat.subscribe(chat.customer, IN_ALL, after=start) for _ in range(2)]
    attempt = {
        "vendorId": gid(chat.vendor),
        "idempotencyKey": "once",
        "token": voucher.token,
    }
    assert await live_chat.api.signed_in(chat.member).refusal_codes("redeemVoucher", attempt) == []
    for device in devices:
        assert (await device.change())["__typename"] == "VoucherUpdated"
        made = await device.change()
        assert (made["__typename"], made["unreadCount"]) == ("NotificationsChanged", 1)
        assert made["notification"]["subject"] == {"__typename": "Voucher", "id": gid(voucher)}
    given = {"upTo": made["notification"]["id"]}
    assert (
        await live_chat.api.signed_in(chat.customer).refusal_codes("markNotificationsRead", given)
        == []
    )
    for device in devices:
        read = await device.change()
        assert (read["unreadCount"], read["notification"]) == (0, None)


async def test_an_inbox_of_both_sides_of_a_conversation_has_each_change_once(
    live_chat: LiveChat, world: World
) -> None:
    """A member also receives the other conversations of the vendor, each change once."""
    chat, both = live_chat.chat, live_chat.chat.customer
    await world.member(chat.vendor, both, MemberRole.STAFF)
    other = await Chat.between(world, live_chat.api, await world.user(), chat.vendor, chat.member)
    start = await live_chat.after_inbox(both)
    sent = [(await chat.send(chat.member))["id"], (await other.send(other.customer))["id"]]
    live = await live_chat.subscribe(both, IN_ALL, after=start)
    changes = [(await live.change())["message"]["id"] for _ in sent]
    assert sorted(changes) == sorted(sent)
    last = await chat.send(chat.member)
    assert (await live.change())["message"]["id"] == last["id"]


async def test_an_inbox_ends_when_its_owner_works_elsewhere(
    live_chat: LiveChat, world: World
) -> None:
    chat = live_chat.chat
    start = await live_chat.after_inbox(chat.member)
    connection = await live_chat.subscribe(chat.member, IN_ALL, after=start)
    await chat.send(chat.customer)
    assert (await connection.change())["__typename"] == "MessageSent"
    await world.member(await world.vendor(), chat.member, MemberRole.STAFF)
    await chat.send(chat.customer)
    assert await refusal(connection) == "CURSOR_EXPIRED"
    late = await live_chat.subscribe(chat.member, IN_ALL, after=start)
    assert await refusal(late) == "CURSOR_EXPIRED"
    anew = await live_chat.subscribe(
        chat.member, IN_ALL, after=await live_chat.after_inbox(chat.member)
    )
    await live_chat.server.settles(subscribers=1)
    await chat.send(chat.customer)
    assert (await anew.change())["__typename"] == "MessageSent"


async def test_a_former_member_receives_no_more_changes(live_chat: LiveChat) -> None:
    chat = live_chat.chat
    connections = [await live_chat.subscribe(user) for user in (chat.customer, chat.member)]
    await live_chat.server.settles(subscribers=2)
    await chat.world.leaves(chat.member)
    await chat.send(chat.customer)
    assert (await connections[0].change())["__typename"] == "MessageSent"
    assert await refusal(connections[1]) == "NOT_FOUND"
