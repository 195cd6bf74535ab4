"""What a person finds in conversations: fields of User."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from core.keyset import Window
from schema.arguments import After, Before, First, Last
from schema.base import computed
from schema.context import Info
from schema.enums import ConversationState
from schema.private import own
from services.chat import list_conversations
from services.messages import search_messages
from services.reads import find_unread
from services.thread import inbox_topics

if TYPE_CHECKING:
    from schema.chat import ConversationConnection
    from schema.chat_messages import MessageConnection


@strawberry.type
class Inbox:
    """One's own and those of the vendors one works at; no type of the schema itself."""

    @own
    @computed("How many messages wait for this person, in all conversations.")
    async def unread_messages(self, info: Info) -> int | None:
        await _cursor(info)  # before what it goes with, as `conversations` has it
        async with info.context.reading() as session:
            return await find_unread(session, info.context.viewer)

    @own
    @computed("Conversations with vendors and, for members, with users; the latest first.")
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
    ) -> Annotated["ConversationConnection", strawberry.lazy("schema.chat")] | None:
        from schema.chat import ConversationConnection  # noqa: PLC0415 - it needs User

        cursor = await _cursor(info)
        listed = list_conversations(info.context.viewer, state)
        window = Window(first, after, last, before)
        page = await ConversationConnection.fetch(info, *listed, window)
        page.changes_after = cursor
        return page

    @own
    @computed("Messages with all of the searched words in one's conversations, the latest first.")
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
    ) -> Annotated["MessageConnection", strawberry.lazy("schema.chat_messages")] | None:
        from schema.chat_messages import MessageConnection  # noqa: PLC0415 - as above

        found = search_messages(info.context.viewer, search)
        return await MessageConnection.fetch(info, *found, Window(first, after, last, before))


async def _cursor(info: Info) -> str:
    """Where `inboxChanges` goes on from what is read after this."""
    async with info.context.reading() as session:
        topics = await inbox_topics(session, info.context.viewer)
    return await info.context.cursor(*topics)
