"""After every chat mutation, the old state plus the received changes equals the fetched state: for
the user, the member who may have called it, and a colleague.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, get_named_type

from app import create_schema
from core.clock import now
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from tests.client import Client, gid
from tests.factories.world import World
from tests.running import Server
from tests.subscriptions.chat import chat_state
from tests.subscriptions.chat.chat_state import (
    ALL_CHANGES,
    ONE_CHANGES,
    PATIENCE,
    State,
    subscribed,
)
from tests.subscriptions.chat.thread import Thread

Given = Callable[[Thread], dict[str, Any]]


@dataclass(frozen=True)
class Act:
    """A mutation by one participant, after earlier ones."""

    name: str
    role: str
    given: Given
    first: tuple["Act", ...] = ()
    silent: bool = False  # no participant's state changes

    def __str__(self) -> str:
        return "-".join([self.name, self.role, *(f"after-{one.name}" for one in self.first)])

    async def do(self, thread: Thread) -> None:
        await thread.do(self.role, self.name, self.given(thread))


def here(**more: Any) -> Given:
    return lambda thread: {"conversationId": thread.id} | more


def message(message_ids: str, **more: Any) -> Given:
    return lambda thread: {"messageId": thread.message_ids[message_ids]} | more


def draft(**more: Any) -> Given:
    return here(clientMessageId="another", **more)


def vendor(thread: Thread) -> dict[str, Any]:
    return {"vendorId": thread.vendor}


def assigned(role: str | None) -> Given:
    return lambda thread: here(memberId=role and gid(thread.people[role]))(thread)


def closed(thread: Thread) -> dict[str, Any]:
    """Hours that it is not now, wherever the vendor is."""
    spans = [{"weekday": (now().isoweekday() + 2) % 7 + 1, "opens": "09:00", "closes": "10:00"}]
    return {"vendorId": thread.vendor, "spans": spans, "autoReply": "Back on Monday."}


ARCHIVED = Act("archiveConversation", "member", here())
BLOCKED = Act("blockConversation", "user", here())
ASSIGNED = Act("assignConversation", "colleague", assigned("member"))
CLOSED = Act("saveChatHours", "colleague", closed)
ACTS = [
    Act("startConversation", "user", vendor, silent=True),
    Act("startConversation", "user", vendor, (ARCHIVED,)),
    Act("startConversation", "user", lambda thread: vendor(thread) | {"subjectId": thread.offer}),
    Act("sendMessage", "user", draft(text="And today?")),
    Act("sendMessage", "user", draft(text="And today?"), (ARCHIVED,)),
    Act("sendMessage", "user", draft(text="And today?"), (CLOSED,)),
    Act("sendMessage", "member", draft(text="Never on Sunday.")),
    Act("sendMessage", "colleague", lambda thread: draft(offerId=thread.offer)(thread)),
    Act(
        "sendMessage",
        "colleague",
        lambda thread: draft(text="No.", replyToId=thread.message_ids["And on Sunday?"])(thread),
    ),
    Act("editMessage", "user", message("And on Sunday?", text="And on Monday?")),
    Act("editMessage", "member", message("Until six.", text="Until seven.")),
    Act("deleteMessage", "user", message("And on Sunday?")),
    Act("deleteMessage", "member", message("Until six.")),
    Act("markRead", "member", here(sequence=3)),
    Act("markRead", "colleague", here(sequence=1)),
    Act("markRead", "user", here(sequence=3)),
    Act("markDelivered", "member", here(sequence=3)),
    Act("markDelivered", "user", here(sequence=3)),
    Act("setTyping", "user", here(), silent=True),
    Act("archiveConversation", "user", here()),
    ARCHIVED,
    Act("archiveConversation", "user", here(archived=False), (ARCHIVED,)),
    BLOCKED,
    Act("blockConversation", "member", here()),
    Act("blockConversation", "member", here(), (BLOCKED,), silent=True),
    Act("blockConversation", "user", here(blocked=False), (BLOCKED,)),
    ASSIGNED,
    Act("assignConversation", "member", assigned("member")),
    Act("assignConversation", "member", assigned(None), (ASSIGNED,)),
    Act("reportMessage", "user", message("Until six.", reason="SPAM"), silent=True),
    Act("reportMessage", "member", message("Are you open?", reason="OTHER"), silent=True),
]


@pytest.fixture
async def thread(server: Server, world: World, keys: SigningKeys) -> AsyncIterator[Thread]:
    async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE) as http:
        yield await Thread.begin(world, Client(http, keys))


@pytest.mark.parametrize("act", ACTS, ids=str)
async def test_old_state_plus_changes_equals_fetched_state(thread: Thread, act: Act) -> None:
    for one in act.first:
        await one.do(thread)
    views = [View(thread, role, whole) for role in thread.people for whole in (False, True)]
    before = [await view.fetch() for view in views]
    async with AsyncExitStack() as stack:
        live = [
            await stack.enter_async_context(view.subscribe(known))
            for view, known in zip(views, before, strict=True)
        ]
        await act.do(thread)
        after = [await view.fetch() for view in views]
        assert (after == before) == act.silent
        for view, known, now, read_changes in zip(views, before, after, live, strict=True):
            assert known.after(await read_changes(now.cursor), view.me) == now, view
            async with view.subscribe(known) as read_later:
                assert known.after(await read_later(now.cursor), view.me) == now, view


async def test_a_change_that_is_not_published_is_missed(thread: Thread) -> None:
    """The control."""
    view = View(thread, "user", whole=True)
    await thread.chat.read(thread.chat.member, 3)
    before = await view.fetch()
    await thread.chat.send(thread.chat.member, "Never on Sunday.")
    await thread.chat.send(thread.chat.member, "Nor on Monday.")
    now = await view.fetch()
    async with view.subscribe(before) as read_changes:
        changes = await read_changes(now.cursor)
    assert before.after(changes, view.me) == now
    for dropped in changes:
        others = [change for change in changes if change is not dropped]
        assert before.after(others, view.me) != now


def test_every_mutation_that_concerns_a_conversation_is_here(settings: Settings) -> None:
    schema = create_schema(settings)._schema
    assert schema.mutation_type
    concerned = {
        name
        for name, field in schema.mutation_type.fields.items()
        for payload in [get_named_type(field.type)]
        if "input" in field.args
        for given in [get_named_type(field.args["input"].type)]
        if isinstance(payload, GraphQLObjectType) and isinstance(given, GraphQLInputObjectType)
        if {"conversation", "message"} & payload.fields.keys()
        or {"conversationId", "messageId"} & given.fields.keys()
    }
    assert {act.name for act in ACTS} == concerned


@dataclass(frozen=True)
class View:
    """A participant's view: one conversation, or the whole inbox."""

    thread: Thread
    role: str
    whole: bool

    @property
    def me(self) -> str:
        return gid(self.thread.people[self.role])

    async def fetch(self) -> State:
        api = self.thread.api(self.role)
        if self.whole:
            return await chat_state.inbox(api)
        return await chat_state.one(api, self.thread.id)

    def subscribe(self, known: State) -> Any:
        api = self.thread.api(self.role)
        if self.whole:
            return subscribed(api, ALL_CHANGES, after=known.cursor)
        return subscribed(api, ONE_CHANGES, after=known.cursor, id=self.thread.id)
