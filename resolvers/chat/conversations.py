"""Conversations: started, read, archived, blocked, assigned."""

from typing import Annotated
from uuid import UUID

import strawberry

from dataloaders.chat import visible_conversation
from engine.context import Info
from engine.ids import id_of, optional_id_of
from engine.mutation import mutation
from engine.types import field
from models.chat import conversations as rows
from models.chat.contacts import ConversationLimitReached
from models.errors import InvalidInput, NotFound
from models.quotas import DailyLimitReached
from models.vendors import VendorSuspended
from schema.chat.conversations import Conversation
from schema.chat.inputs import ConversationId, StartConversationInput
from services.chat import assignments, conversations, read_state
from services.journal.topics import conversation_topic

ReadUpTo = Annotated[
    int, strawberry.argument(description="The sequence number of the last message that was read.")
]
DeliveredUpTo = Annotated[
    int, strawberry.argument(description="The sequence number of the last delivered message.")
]
Typing = Annotated[bool, strawberry.argument(description="False if the viewer has stopped typing.")]
Archived = Annotated[bool, strawberry.argument(description="False reopens the conversation.")]
Blocked = Annotated[
    bool,
    strawberry.argument(description="False lifts the viewer's own block, not the other side's."),
]
AssigneeId = Annotated[
    UUID | None, optional_id_of("User", "The id of a member's user. Null removes the assignment.")
]


ConversationNodeId = Annotated[UUID, id_of("Conversation")]


@strawberry.type
class ConversationQuery:
    @field("Returns a conversation. Null if it doesn't exist or the viewer can't see it.")
    async def conversation(self, info: Info, id: ConversationNodeId) -> Conversation | None:
        await info.context.cursor(conversation_topic(id))  # before its state
        found = await info.context.loaders[visible_conversation].load(id)
        return Conversation.wrap_optional(found)


@strawberry.type
class ConversationMutation:
    @mutation(
        conversation=Conversation,
        raises=(
            InvalidInput,
            NotFound,
            rows.ConversationBlocked,
            ConversationLimitReached,
            DailyLimitReached,
            VendorSuspended,
        ),
        repeatable="a contact has one conversation about a subject",
    )
    async def start_conversation(
        self, info: Info, input: StartConversationInput
    ) -> rows.Conversation:
        """Start a conversation, or return the one that these two have about this subject.

        Not with a vendor that is suspended.
        """
        subject_kind, subject_id = input.subject()
        async with info.context.transaction(input.vendor_id) as session:
            return await conversations.start_conversation(
                session,
                info.context.viewer,
                vendor_id=input.vendor_id,
                subject_kind=subject_kind,
                subject_id=subject_id,
            )

    @mutation(
        conversation=Conversation, raises=(InvalidInput, NotFound), repeatable="sets a position"
    )
    async def mark_read(
        self, info: Info, conversation_id: ConversationId, sequence: ReadUpTo
    ) -> rows.Conversation:
        """Mark messages as read. An earlier number than before has no effect."""
        async with info.context.transaction(conversation_id) as session:
            return await read_state.mark_read(
                session, info.context.viewer, conversation_id=conversation_id, sequence=sequence
            )

    @mutation(
        conversation=Conversation, raises=(InvalidInput, NotFound), repeatable="sets a position"
    )
    async def mark_delivered(
        self, info: Info, conversation_id: ConversationId, sequence: DeliveredUpTo
    ) -> rows.Conversation:
        """Mark messages as delivered to a device of the viewer."""
        async with info.context.transaction(conversation_id) as session:
            return await read_state.mark_delivered(
                session, info.context.viewer, conversation_id=conversation_id, sequence=sequence
            )

    @mutation(raises=(NotFound, rows.ConversationBlocked), repeatable="sets a state")
    async def set_typing(
        self, info: Info, conversation_id: ConversationId, typing: Typing = True
    ) -> None:
        """Show the viewer as typing. Repeat every 30 seconds, and pass false after 12 seconds
        without input. Expires after 45 seconds, and when the viewer sends a message.
        """
        viewer = info.context.viewer
        async with info.context.read_session() as session:
            await conversations.ensure_may_write(session, viewer, conversation_id)
        await info.context.app.typing.set(conversation_id, viewer.require_user(), typing)

    @mutation(
        conversation=Conversation,
        raises=(NotFound, rows.ConversationBlocked),
        repeatable="sets a state",
    )
    async def archive_conversation(
        self, info: Info, conversation_id: ConversationId, archived: Archived = True
    ) -> rows.Conversation:
        """Archive a conversation for both sides. The next message reopens it."""
        async with info.context.transaction() as session:
            return await conversations.archive_conversation(
                session,
                info.context.viewer,
                conversation_id=conversation_id,
                archived=archived,
            )

    @mutation(conversation=Conversation, raises=(NotFound,), repeatable="sets a state")
    async def block_conversation(
        self, info: Info, conversation_id: ConversationId, blocked: Blocked = True
    ) -> rows.Conversation:
        """Block the other side in all conversations of these two. Requires the vendor's STAFF role
        or higher, if the viewer is not the user.
        """
        async with info.context.transaction() as session:
            return await conversations.block_conversation(
                session,
                info.context.viewer,
                conversation_id=conversation_id,
                blocked=blocked,
            )

    @mutation(
        conversation=Conversation,
        raises=(InvalidInput, NotFound, rows.ConversationBlocked, rows.ConversationAlreadyAssigned),
        repeatable="sets a state",
    )
    async def assign_conversation(
        self, info: Info, conversation_id: ConversationId, member_id: AssigneeId = None
    ) -> rows.Conversation:
        """Assign a conversation to a member of the vendor. All members can take one that is not
        assigned and give back their own. The MANAGER and OWNER roles can assign every one.
        """
        async with info.context.transaction() as session:
            return await assignments.assign_conversation(
                session,
                info.context.viewer,
                conversation_id=conversation_id,
                member_id=member_id,
            )
