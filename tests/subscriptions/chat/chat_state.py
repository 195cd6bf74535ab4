"""A client's local state of its conversations, and how it applies changes."""

import asyncio
import copy
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from tests.client import Client

PATIENCE = 20

MESSAGE = """
id sequence side kind notice text clientMessageId editedAt deletedAt sentAt receipt
sender { id } replyTo { id } offer { id }"""
CONVERSATION = """
id state createdAt lastMessageAt lastSequence firstAskedAt firstAnsweredAt
readByUser readByVendor deliveredToUser deliveredToVendor
user { id } vendor { id } assignee { id } lastMessage { id text }"""
WHOLE = f"{CONVERSATION} unreadMessages messages(last: 50) {{ changesAfter nodes {{ {MESSAGE} }} }}"
ONE = f"query ($id: ID!) {{ conversation(id: $id) {{ {WHOLE} }} }}"
ALL = f"""
{{ viewer {{ unreadMessages conversations(first: 20) {{ changesAfter nodes {{ {WHOLE} }} }} }} }}"""

CHANGE = f"""
__typename ... on Change {{ cursor }}
... on MessageSent {{ message {{ {MESSAGE} conversation {{ {CONVERSATION} }} }} }}
... on MessageEdited {{ message {{ {MESSAGE} conversation {{ {CONVERSATION} }} }} }}
... on MessageDeleted {{ message {{ {MESSAGE} conversation {{ {CONVERSATION} }} }} }}
... on ReadReceiptUpdated {{ conversation {{ {CONVERSATION} }} reader {{ id }} readSequence }}
... on ConversationUpdated {{ conversation {{ {CONVERSATION} }} }}"""
ONE_CHANGES = f"""
subscription ($id: ID!, $after: String) {{
  conversationChanges(conversationId: $id, after: $after) {{ {CHANGE} }}
}}"""
ALL_CHANGES = f"subscription ($after: String) {{ inboxChanges(after: $after) {{ {CHANGE} }} }}"

Json = dict[str, Any]
ReadChanges = Callable[[str], Awaitable[list[Json]]]


@dataclass
class State:
    """Conversations by id, their messages by id, and the matching journal cursor."""

    cursor: str
    conversations: dict[str, Json]
    unread: int

    def after(self, changes: list[Json], me: str) -> "State":
        """Return the state of the user `me` after these changes."""
        known = State(self.cursor, copy.deepcopy(self.conversations), 0)
        for change in changes:
            known.cursor = change["cursor"]
            known._apply(copy.deepcopy(change), me)
        known.unread = sum(one["unreadMessages"] for one in known.conversations.values())
        return known

    def _apply(self, change: Json, me: str) -> None:
        """Replace changed objects by id, and update the viewer's unread counts."""
        message = change.get("message")
        fields = message.pop("conversation") if message else change["conversation"]
        conversation = self.conversations.setdefault(
            fields["id"], {"unreadMessages": 0, "messages": {}}
        )
        conversation |= fields
        messages: dict[str, Json] = conversation["messages"]
        mine = "USER" if fields["user"]["id"] == me else "VENDOR"
        if message:
            known = messages.get(message["id"])
            if known is None:
                conversation["unreadMessages"] += _waits(message, mine)
            elif _waits(known, mine) and not _waits(message, mine):
                conversation["unreadMessages"] -= message["id"] in _unread(conversation, mine)
            messages[message["id"]] = message
        elif change["__typename"] == "ReadReceiptUpdated" and change["reader"]["id"] == me:
            conversation["unreadMessages"] = sum(
                _waits(one, mine) and one["sequence"] > change["readSequence"]
                for one in messages.values()
            )
        for one in messages.values():
            one["receipt"] = _receipt(conversation, one)


def _waits(message: Json, mine: str) -> bool:
    """Return whether a message counts as unread for one's own side."""
    received = message["side"] != mine and message["kind"] != "NOTICE"
    return bool(received and message["deletedAt"] is None)


def _unread(conversation: Json, mine: str) -> list[str]:
    """Return the ids of the unread messages: the last ones that count, as many as are unread."""
    ordered = sorted(conversation["messages"].values(), key=lambda one: int(one["sequence"]))
    waiting = [one["id"] for one in ordered if _waits(one, mine)]
    return waiting[len(waiting) - conversation["unreadMessages"] :]


def _receipt(conversation: Json, message: Json) -> str:
    other = "Vendor" if message["side"] == "USER" else "User"
    if message["sequence"] <= conversation[f"readBy{other}"]:
        return "READ"
    return "DELIVERED" if message["sequence"] <= conversation[f"deliveredTo{other}"] else "SENT"


async def one(api: Client, id: str) -> State:
    """Fetch a conversation as the caller sees it now."""
    found = (await api.ask(ONE, id=id))["conversation"]
    cursor = found["messages"]["changesAfter"]
    return State(cursor, {id: _by_id(found)}, found["unreadMessages"])


async def inbox(api: Client) -> State:
    """Fetch all conversations that the caller takes part in."""
    viewer = (await api.ask(ALL))["viewer"]
    page = viewer["conversations"]
    found = {one["id"]: _by_id(one) for one in page["nodes"]}
    return State(page["changesAfter"], found, viewer["unreadMessages"])


def _by_id(conversation: Json) -> Json:
    nodes = conversation["messages"]["nodes"]
    return conversation | {"messages": {message["id"]: message for message in nodes}}


@asynccontextmanager
async def subscribed(api: Client, query: str, **variables: str) -> AsyncIterator[ReadChanges]:
    """Subscribe, and yield a function that returns all changes up to a cursor."""
    body = {"query": query, "variables": variables}
    headers = api.headers | {"Accept": "text/event-stream"}
    async with api.http.stream("POST", "/graphql", json=body, headers=headers) as response:
        lines = response.aiter_lines()

        async def read_changes(until: str) -> list[Json]:
            changes: list[Json] = []
            last = variables["after"]
            async with asyncio.timeout(PATIENCE):
                while last != until:
                    line = await anext(lines)
                    if line.startswith("data: {"):
                        answer = orjson.loads(line.removeprefix("data: "))
                        assert "errors" not in answer, answer
                        (change,) = answer["data"].values()
                        changes.append(change)
                        last = change["cursor"]
            return changes

        yield read_changes
