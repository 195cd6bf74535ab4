"""A vendor's desk: what its members answer by."""

import strawberry

from engine.context import Info
from engine.errors import mutation
from engine.types import decode_id
from schema.chat.conversations import Conversation
from schema.chat.desk import CannedReply
from schema.chat.desk_inputs import (
    AssignConversationInput,
    AssignConversationPayload,
    DeleteCannedReplyInput,
    DeleteCannedReplyPayload,
    SaveCannedReplyInput,
    SaveCannedReplyPayload,
    SaveChatHoursInput,
    SaveChatHoursPayload,
)
from schema.identity.types import User
from schema.vendors.types import Vendor
from services.chat import assignments, desk


@strawberry.type
class DeskMutation:
    """For a vendor's members."""

    @mutation("Keep a text that is sent often, or change it. For all members but scanners.")
    async def save_canned_reply(
        self, info: Info, input: SaveCannedReplyInput
    ) -> SaveCannedReplyPayload:
        changed = input.canned_reply_id
        async with info.context.transaction() as session:
            reply = await desk.save_canned_reply(
                session,
                info.context.viewer,
                vendor_id=decode_id(input.vendor_id, Vendor),
                canned_reply_id=decode_id(changed, CannedReply) if changed else None,
                draft=input.draft(),
            )
        return SaveCannedReplyPayload(canned_reply=CannedReply.of(reply))

    @mutation("Delete a canned reply. For all members but scanners.")
    async def delete_canned_reply(
        self, info: Info, input: DeleteCannedReplyInput
    ) -> DeleteCannedReplyPayload:
        async with info.context.transaction() as session:
            await desk.delete_canned_reply(
                session,
                info.context.viewer,
                canned_reply_id=decode_id(input.canned_reply_id, CannedReply),
            )
        return DeleteCannedReplyPayload(deleted_id=input.canned_reply_id)

    @mutation("Say when somebody answers in the chat. For the vendor's managers and owners.")
    async def save_chat_hours(self, info: Info, input: SaveChatHoursInput) -> SaveChatHoursPayload:
        async with info.context.transaction() as session:
            vendor = await desk.save_chat_hours(
                session,
                info.context.viewer,
                vendor_id=decode_id(input.vendor_id, Vendor),
                hours=input.hours(),
            )
        return SaveChatHoursPayload(vendor=Vendor.of(vendor))

    @mutation(
        "Have a member of the vendor look after a conversation. Every member takes what nobody has,"
        " and gives back what is theirs; managers and owners decide for all."
    )
    async def assign_conversation(
        self, info: Info, input: AssignConversationInput
    ) -> AssignConversationPayload:
        async with info.context.transaction() as session:
            conversation = await assignments.assign_conversation(
                session,
                info.context.viewer,
                conversation_id=decode_id(input.conversation_id, Conversation),
                member_id=decode_id(input.member_id, User) if input.member_id else None,
            )
        return AssignConversationPayload(conversation=Conversation.of(conversation))
