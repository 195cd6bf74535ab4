"""Conversations: begun, read, put away, blocked."""

import strawberry

from dataloaders.chat import visible_conversation
from schema.arguments import NodeId
from schema.base import computed, key
from schema.chat import Conversation
from schema.chat_steps import (
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
from schema.context import Info
from schema.errors import mutation
from schema.vendors import Vendor
from services import chat, reads
from services.journal import conversation_topic


@strawberry.type
class ChatQuery:
    """For those who take part, and for admins where a message was reported."""

    @computed("A conversation; null if there is none by this id that the viewer may see.")
    async def conversation(self, info: Info, id: NodeId) -> Conversation | None:
        conversation_id = key(id, Conversation)
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
        vendor_id = key(input.vendor_id, Vendor)
        subject_kind, subject_id = input.subject()
        async with info.context.transaction(gate=vendor_id) as session:
            conversation = await chat.start_conversation(
                session,
                info.context.viewer,
                vendor_id=vendor_id,
                subject_kind=subject_kind,
                subject_id=subject_id,
            )
        return StartConversationPayload(conversation=Conversation.of(conversation))

    @mutation("Tell how far one has read. Reading is never undone.")
    async def mark_read(self, info: Info, input: MarkReadInput) -> MarkReadPayload:
        conversation_id = key(input.conversation_id, Conversation)
        async with info.context.transaction(gate=conversation_id) as session:
            conversation = await reads.mark_read(
                session,
                info.context.viewer,
                conversation_id=conversation_id,
                sequence=input.sequence,
            )
        return MarkReadPayload(conversation=Conversation.of(conversation))

    @mutation("Tell how far a device of the viewer has the messages.")
    async def mark_delivered(self, info: Info, input: MarkDeliveredInput) -> MarkDeliveredPayload:
        conversation_id = key(input.conversation_id, Conversation)
        async with info.context.transaction(gate=conversation_id) as session:
            conversation = await reads.mark_delivered(
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
        conversation_id, viewer = key(input.conversation_id, Conversation), info.context.viewer
        async with info.context.reading() as session:
            await chat.ensure_may_write(session, viewer, conversation_id)
        await info.context.house.typing.set(conversation_id, viewer.signed_in, input.typing)
        return SetTypingPayload()

    @mutation("Put a conversation away, or take it out again, for both sides.")
    async def archive_conversation(
        self, info: Info, input: ArchiveConversationInput
    ) -> ArchiveConversationPayload:
        async with info.context.transaction() as session:
            conversation = await chat.archive_conversation(
                session,
                info.context.viewer,
                conversation_id=key(input.conversation_id, Conversation),
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
            conversation = await chat.block_conversation(
                session,
                info.context.viewer,
                conversation_id=key(input.conversation_id, Conversation),
                blocked=input.blocked,
            )
        return BlockConversationPayload(conversation=Conversation.of(conversation))
