"""Fields of User about conversations."""

from dataclasses import replace
from typing import Annotated, Any

import strawberry

from core.keyset import Listing
from engine.arguments import MESSAGE_SEARCH_COST, PUBLIC_COUNT_COST
from engine.connections import LiveConnection, connection
from engine.context import Info
from engine.permissions import visible_to_self
from engine.types import field
from schema.chat.conversations import Conversation, viewer_topics
from schema.chat.enums import ConversationState
from schema.chat.messages import MessageConnection
from services.chat.conversations import list_conversations
from services.chat.read_state import find_unread
from services.chat.search import search_messages

InState = Annotated[
    ConversationState | None,
    strawberry.argument(
        description="Returns conversations in this state. If omitted, in any state."
    ),
]
SearchedWords = Annotated[
    str,
    strawberry.argument(
        description='Words to search for: all of them, "a phrase", or -without a word. Words of at'
        " least 3 letters match as the start of a word, and any part of a text without spaces, such"
        " as Chinese. Case, accents and widths do not count. At most 100 characters."
    ),
]


@strawberry.type
class ChatUserFields:
    """A base of User, not a type of the schema."""

    @visible_to_self
    @field("The number of unread messages in all conversations. Visible to the user.", needs=())
    async def unread_messages(self, info: Info) -> int | None:
        await info.context.cursor(*await viewer_topics(info))  # before the state that it belongs to
        async with info.context.read_session() as session:
            return await find_unread(session, info.context.viewer)

    @visible_to_self
    @connection(
        LiveConnection[Conversation] | None,
        "Conversations of the user, and of the vendors where they are a member, by last message,"
        " newest first. Subscription: `inboxChanges`. Visible to the user.",
        needs=(),
    )
    async def conversations(self, info: Info, state: InState = None) -> Listing[Any]:
        listed = list_conversations(info.context.viewer, state)
        return replace(listed, topics=await viewer_topics(info))

    @visible_to_self
    @connection(
        MessageConnection | None,
        "Messages of the user's conversations that match the search, newest first, at most 1,000."
        " Visible to the user.",
        needs=(),
        argument_costs={"search": MESSAGE_SEARCH_COST},
        count_cost=PUBLIC_COUNT_COST,
    )
    def messages(self, info: Info, search: SearchedWords) -> Listing[Any]:
        return search_messages(info.context.viewer, search)
