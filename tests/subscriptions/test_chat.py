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
from models.identity.api_tokens import ApiScope
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.chat import Chat
from tests.factories.vendors import outsider
from tests.factories.world import World
from tests.subscriptions.counted import Counted
from tests.subscriptions.inside import Inside, inside
from tests.subscriptions.talking import Talker

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
class Talk:
    """A conversation, at a server in this process."""

    chat: Chat
    server: Inside
    stack: AsyncExitStack

    @property
    def api(self) -> Client:
        return self.chat.api

    async def follows(self, user: User, query: str = IN_ONE, **variables: Any) -> Talker:
        signed = self.api.signed_in(user)
        token = signed.headers["Authorization"].partition(" ")[2]
        return await self.follows_by(token, query, **variables)

    async def follows_by(self, token: str, query: str = IN_ONE, **variables: Any) -> Talker:
        talker = await self.stack.enter_async_context(Talker.connected(self.server.url, token))
        await talker.subscribe(query, {"id": self.chat.id} | variables)
        return talker

    async def after_state(self, user: User) -> str:
        found = await self.api.signed_in(user).ask(AFTER_STATE, id=self.chat.id)
        cursor: str = found["conversation"]["messages"]["changesAfter"]
        return cursor

    async def after_inbox(self, user: User) -> str:
        found = await self.api.signed_in(user).ask(AFTER_INBOX)
        cursor: str = found["viewer"]["conversations"]["changesAfter"]
        return cursor


@pytest.fixture
async def talk(settings: Settings, world: World, keys: SigningKeys) -> AsyncIterator[Talk]:
    async with inside(settings) as server, AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=server.url, timeout=20))
        yield Talk(await Chat.open(world, Client(http, keys)), server, stack)


async def refusal(talker: Talker) -> str:
    """Return the code of the error, which must be the first message."""
    message = await talker.heard()
    errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
    code: str = errors[0]["extensions"]["code"]
    return code


async def test_both_sides_are_told_all_that_happens_once(talk: Talk) -> None:
    chat = talk.chat
    start = await talk.after_state(chat.customer)
    talkers = [await talk.follows(user, after=start) for user in (chat.customer, chat.member)]
    await talk.server.settles(subscribers=2)
    counted = Counted()
    sent = await chat.send(chat.customer, "Hi")
    edit = {"messageId": sent["id"], "text": "Hello"}
    assert (await talk.api.signed_in(chat.customer).do("editMessage", edit))["errors"] == []
    await chat.read(chat.member, 1)
    gone = {"messageId": sent["id"]}
    assert (await talk.api.signed_in(chat.customer).do("deleteMessage", gone))["errors"] == []
    put_away = {"conversationId": chat.id}
    assert (await talk.api.signed_in(chat.member).do("archiveConversation", put_away))[
        "errors"
    ] == []
    for talker in talkers:
        told = [await talker.change() for _ in range(6)]
        assert [one["__typename"] for one in told] == [
            "MessageSent",
            "MessageEdited",
            "ReadReceiptUpdated",
            "MessageDeleted",
            "MessageSent",
            "ConversationUpdated",
        ]
        assert told[0]["message"]["id"] == sent["id"]
        assert told[0]["message"]["sender"] == sent["sender"]
        assert told[2]["readSequence"] == told[2]["deliveredSequence"] == 1
        assert told[3]["message"]["text"] == ""
        assert told[5]["conversation"] == {"id": chat.id, "state": "ARCHIVED"}
        assert len({one["cursor"] for one in told}) == 6
    assert counted["haat_live_executions_total"] == 6, "for both sides together"


async def test_what_was_missed_is_told_on_return(talk: Talk) -> None:
    chat = talk.chat
    start = await talk.after_state(chat.customer)
    sent = [await chat.send(chat.customer, text) for text in ("one", "two", "three")]
    talker = await talk.follows(chat.member, after=start)
    told = [await talker.change() for _ in sent]
    assert [one["message"]["id"] for one in told] == [one["id"] for one in sent]
    again = await talk.follows(chat.member, after=told[1]["cursor"])
    assert (await again.change())["message"]["id"] == sent[2]["id"]


@pytest.mark.parametrize("kind", ["a stranger", "another vendor's owner", "an admin"])
async def test_nobody_else_follows_a_conversation(talk: Talk, world: World, kind: str) -> None:
    somebody = await outsider(world, talk.chat.vendor, kind)
    talker = await talk.follows(somebody)
    assert await refusal(talker) == "NOT_FOUND"


async def test_an_admin_follows_where_a_message_was_reported(talk: Talk, world: World) -> None:
    chat, admin = talk.chat, await world.admin()
    sent = await chat.send(chat.customer, "Rude")
    report = {"messageId": sent["id"], "reason": "ABUSE"}
    assert (await talk.api.signed_in(chat.member).do("reportMessage", report))["errors"] == []
    talker, member = await talk.follows(admin), await talk.follows(chat.member)
    await talk.server.settles(subscribers=2)
    counted = Counted()
    again = await chat.send(chat.customer, "Sorry")
    for one in (talker, member):
        assert (await one.change())["message"]["id"] == again["id"]
    assert counted["haat_live_executions_total"] == 2, "admins have a group of their own"


async def test_a_program_of_an_admin_follows_no_reported_conversation(
    talk: Talk, world: World
) -> None:
    """But those that its user takes part in."""
    chat, admin = talk.chat, await world.admin()
    sent = await chat.send(chat.customer, "Rude")
    report = {"messageId": sent["id"], "reason": "ABUSE"}
    assert await talk.api.signed_in(chat.member).refused("reportMessage", report) == []
    _, secret = await world.api_token(admin, ApiScope.READ)
    assert await refusal(await talk.follows_by(secret)) == "NOT_FOUND"
    await world.member(chat.vendor, admin, MemberRole.STAFF)
    talker = await talk.follows_by(secret)
    await talk.server.settles(subscribers=1)
    again = await chat.send(chat.customer, "Sorry")
    assert (await talker.change())["message"]["id"] == again["id"]


async def test_an_inbox_has_all_that_concerns_a_person(talk: Talk, world: World) -> None:
    """For the owner of a voucher its state, for the members of its vendor the redemption."""
    chat = talk.chat
    voucher = await world.voucher(await world.offer(chat.vendor), chat.customer)
    users = (chat.customer, chat.member)
    talkers = [
        await talk.follows(user, IN_ALL, after=await talk.after_inbox(user)) for user in users
    ]
    sent = await chat.send(chat.customer)
    attempt = {
        "vendorId": gid(chat.vendor),
        "idempotencyKey": "once",
        "token": voucher.token,
    }
    done = await talk.api.signed_in(chat.member).do("redeemVoucher", attempt, "redemption { id }")
    assert done["errors"] == []
    told = [[await talker.change() for _ in range(2)] for talker in talkers]
    assert [one[0]["message"]["id"] for one in told] == [sent["id"]] * 2
    assert told[0][1]["__typename"] == "VoucherUpdated"
    assert told[0][1]["voucher"]["state"] == "REDEEMED"
    assert told[0][1]["voucher"]["code"] == voucher.code, "it is the owner's own"
    assert told[1][1]["__typename"] == "RedemptionCreated"
    assert told[1][1]["redemption"]["id"] == done["redemption"]["id"]


async def test_an_inbox_has_what_its_owner_is_told_and_has_read(talk: Talk, world: World) -> None:
    """On two devices, of which one reads."""
    chat = talk.chat
    voucher = await world.voucher(await world.offer(chat.vendor), chat.customer)
    start = await talk.after_inbox(chat.customer)
    devices = [await talk.follows(chat.customer, IN_ALL, after=start) for _ in range(2)]
    attempt = {
        "vendorId": gid(chat.vendor),
        "idempotencyKey": "once",
        "token": voucher.token,
    }
    assert await talk.api.signed_in(chat.member).refused("redeemVoucher", attempt) == []
    for device in devices:
        assert (await device.change())["__typename"] == "VoucherUpdated"
        made = await device.change()
        assert (made["__typename"], made["unreadCount"]) == ("NotificationsChanged", 1)
        assert made["notification"]["subject"] == {"__typename": "Voucher", "id": gid(voucher)}
    given = {"upTo": made["notification"]["id"]}
    assert await talk.api.signed_in(chat.customer).refused("markNotificationsRead", given) == []
    for device in devices:
        read = await device.change()
        assert (read["unreadCount"], read["notification"]) == (0, None)


async def test_an_inbox_of_both_sides_of_a_conversation_has_each_change_once(
    talk: Talk, world: World
) -> None:
    """A member also receives the other conversations of the vendor, each change once."""
    chat, both = talk.chat, talk.chat.customer
    await world.member(chat.vendor, both, MemberRole.STAFF)
    other = await Chat.between(world, talk.api, await world.user(), chat.vendor, chat.member)
    start = await talk.after_inbox(both)
    sent = [(await chat.send(chat.member))["id"], (await other.send(other.customer))["id"]]
    live = await talk.follows(both, IN_ALL, after=start)
    told = [(await live.change())["message"]["id"] for _ in sent]
    assert sorted(told) == sorted(sent)
    last = await chat.send(chat.member)
    assert (await live.change())["message"]["id"] == last["id"]


async def test_an_inbox_ends_when_its_owner_works_elsewhere(talk: Talk, world: World) -> None:
    chat = talk.chat
    start = await talk.after_inbox(chat.member)
    talker = await talk.follows(chat.member, IN_ALL, after=start)
    await chat.send(chat.customer)
    assert (await talker.change())["__typename"] == "MessageSent"
    await world.member(await world.vendor(), chat.member, MemberRole.STAFF)
    await chat.send(chat.customer)
    assert await refusal(talker) == "CURSOR_EXPIRED"
    late = await talk.follows(chat.member, IN_ALL, after=start)
    assert await refusal(late) == "CURSOR_EXPIRED"
    anew = await talk.follows(chat.member, IN_ALL, after=await talk.after_inbox(chat.member))
    await talk.server.settles(subscribers=1)
    await chat.send(chat.customer)
    assert (await anew.change())["__typename"] == "MessageSent"


async def test_who_is_no_member_any_more_hears_no_more(talk: Talk) -> None:
    chat = talk.chat
    talkers = [await talk.follows(user) for user in (chat.customer, chat.member)]
    await talk.server.settles(subscribers=2)
    await chat.world.leaves(chat.member)
    await chat.send(chat.customer)
    assert (await talkers[0].change())["__typename"] == "MessageSent"
    assert await refusal(talkers[1]) == "NOT_FOUND"
