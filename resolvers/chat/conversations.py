"""Conversations: begun, read, put away, blocked."""

import strawberry

from dataloaders.chat import visible_conversation
from engine.arguments import NodeId
from engine.context import Info
from engine.errors import mutation
from engine.types import decode_id, field
from schema.chat.conversation_steps import (
    ArchiveConversationInput,
    ArchiveConversationPayload,
    BlockConversationInput,
    BlockConversationPayload,
    MarkDeliveredInput,
    MarkDeliveredPayload,
    MarkReadInput,
    MarkReadPayload,
    SetTypingInput,
    SetTypingPayload,
    StartConversationInput,
    StartConversationPayload,
)
from schema.chat.conversations import Conversation
from schema.vendors.types import Vendor
from services.chat import conversations, read_state
from services.journal.topics import conversation_topic


@strawberry.type
class ChatQuery:
    """For those who take part, and for admins where a message was reported."""

    @field("A conversation; null if there is none by this id that the viewer may see.")
    async def conversation(self, info: Info, id: NodeId) -> Conversation | None:
        conversation_id = decode_id(id, Conversation)
        await info.context.cursor(conversation_topic(conversation_id))  # before its state
        found = await info.context.loaders[visible_conversation].load(conversation_id)
        return Conversation.maybe(found)


@strawberry.type
class ChatMutation:
    """Users talk with vendors, and members for theirs."""

    @mutation("Begin to talk about something, or find where one does already.")
    async def start_conversation(
        self, info: Info, input: StartConversationInput
    ) -> StartConversationPayload:
        vendor_id = decode_id(input.vendor_id, Vendor)
        subject_kind, subject_id = input.subject()
        async with info.context.transaction(hot_row=vendor_id) as session:
            conversation = await conversations.start_conversation(
                session,
                info.context.viewer,
                vendor_id=vendor_id,
                subject_kind=subject_kind,
                subject_id=subject_id,
            )
        return StartConversationPayload(conversation=Conversation.of(conversation))

    @mutation("Tell how far one has read. Reading is never undone.")
    async def mark_read(self, info: Info, input: MarkReadInput) -> MarkReadPayload:
        conversation_id = decode_id(input.conversation_id, Conversation)
        async with info.context.transaction(hot_row=conversation_id) as session:
            conversation = await read_state.mark_read(
                session,
                info.context.viewer,
                conversation_id=conversation_id,
                sequence=input.sequence,
            )
        return MarkReadPayload(conversation=Conversation.of(conversation))

    @mutation("Tell how far a device of the viewer has the messages.")
    async def mark_delivered(self, info: Info, input: MarkDeliveredInput) -> MarkDeliveredPayload:
        conversation_id = decode_id(input.conversation_id, Conversation)
        async with info.context.transaction(hot_row=conversation_id) as session:
            conversation = await read_state.mark_delivered(
                session,
                info.context.viewer,
                conversation_id=conversation_id,
                sequence=input.sequence,
            )
        return MarkDeliveredPayload(conversation=Conversation.of(conversation))

    @mutation(
        "Tell the others that one types: again every 30 seconds, and no more after 12 of quiet."
        " A message ends it, and it is forgotten after 45 seconds."
    )
    async def set_typing(self, info: Info, input: SetTypingInput) -> SetTypingPayload:
        conversation_id, viewer = (
            decode_id(input.conversation_id, Conversation),
            info.context.viewer,
        )
        async with info.context.read_session() as session:
            await conversations.ensure_may_write(session, viewer, conversation_id)
        await info.context.app.typing.set(conversation_id, viewer.require_user(), input.typing)
        return SetTypingPayload()

    @mutation("Put a conversation away, or take it out again, for both sides.")
    async def archive_conversation(
        self, info: Info, input: ArchiveConversationInput
    ) -> ArchiveConversationPayload:
        async with info.context.transaction() as session:
            conversation = await conversations.archive_conversation(
                session,
                info.context.viewer,
                conversation_id=decode_id(input.conversation_id, Conversation),
                archived=input.archived,
            )
        return ArchiveConversationPayload(conversation=Conversation.of(conversation))

    @mutation(
        "Block the other side in all that one has with it, or lift that. For a vendor by its STAFF"
        " and above."
    )
    async def block_conversation(
        self, info: Info, input: BlockConversationInput
    ) -> BlockConversationPayload:
        async with info.context.transaction() as session:
            conversation = await conversations.block_conversation(
                session,
                info.context.viewer,
                conversation_id=decode_id(input.conversation_id, Conversation),
                blocked=input.blocked,
            )
        return BlockConversationPayload(conversation=Conversation.of(conversation))
