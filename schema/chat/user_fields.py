"""What a person finds in conversations: fields of User."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from core.keyset import Window
from engine.arguments import After, Before, First, Last
from engine.context import Info
from engine.permissions import own
from engine.types import field
from schema.chat.enums import ConversationState
from services.chat.conversations import list_conversations
from services.chat.log import inbox_topics
from services.chat.messages import search_messages
from services.chat.read_state import find_unread

if TYPE_CHECKING:
    from schema.chat.conversations import ConversationConnection
    from schema.chat.messages import MessageConnection


@strawberry.type
class ChatUserFields:
    """One's own and those of the vendors one works at; no type of the schema itself."""

    @own
    @field("How many messages wait for this person, in all conversations.")
    async def unread_messages(self, info: Info) -> int | None:
        await _cursor(info)  # before what it goes with, as `conversations` has it
        async with info.context.read_session() as session:
            return await find_unread(session, info.context.viewer)

    @own
    @field("Conversations with vendors and, for members, with users; the latest first.")
    async def conversations(
        self,
        info: Info,
        state: Annotated[
            ConversationState | None,
            strawberry.argument(description="In this state; absent: in any."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Annotated["ConversationConnection", strawberry.lazy("schema.chat.conversations")] | None:
        from schema.chat.conversations import ConversationConnection  # noqa: PLC0415 - it needs User

        cursor = await _cursor(info)
        listed = list_conversations(info.context.viewer, state)
        window = Window(first, after, last, before)
        page = await ConversationConnection.fetch(info, *listed, window)
        page.changes_after = cursor
        return page

    @own
    @field("Messages with all of the searched words in one's conversations, the latest first.")
    async def messages(
        self,
        info: Info,
        search: Annotated[
            str,
            strawberry.argument(
                description='Up to 100 characters: words, "words in a row", or -without.'
            ),
        ],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Annotated["MessageConnection", strawberry.lazy("schema.chat.messages")] | None:
        from schema.chat.messages import MessageConnection  # noqa: PLC0415 - as above

        found = search_messages(info.context.viewer, search)
        return await MessageConnection.fetch(info, *found, Window(first, after, last, before))


async def _cursor(info: Info) -> str:
    """Where `inboxChanges` goes on from what is read after this."""
    async with info.context.read_session() as session:
        topics = await inbox_topics(session, info.context.viewer)
    return await info.context.cursor(*topics)
