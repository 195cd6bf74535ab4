"""Messages: sent, edited, deleted."""

from typing import Annotated

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.chat import messages as rows
from models.chat.conversations import ConversationBlocked
from models.errors import InvalidInput, NotFound
from models.quotas import DailyLimitReached
from models.validation import parse
from schema.chat.inputs import OwnMessageId, SendMessageInput
from schema.chat.messages import Message
from services.chat import messages

NewText = Annotated[str, strawberry.argument(description="The new text, 1 to 4,000 characters.")]


@strawberry.type
class MessageMutation:
    @mutation(
        message=Message,
        raises=(
            InvalidInput,
            NotFound,
            ConversationBlocked,
            rows.MessageIdReused,
            DailyLimitReached,
        ),
    )
    async def send_message(self, info: Info, input: SendMessageInput) -> rows.Message:
        """Send a message. Reopens an archived conversation."""
        viewer = info.context.viewer
        async with info.context.transaction(input.conversation_id) as session:
            return await messages.send_message(
                session,
                viewer,
                info.context.app.typing,
                conversation_id=input.conversation_id,
                draft=input.draft(),
            )

    @mutation(
        message=Message,
        raises=(
            InvalidInput,
            NotFound,
            ConversationBlocked,
            rows.MessageTooOld,
            rows.MessageAlreadyDeleted,
        ),
        repeatable="sets a text",
    )
    async def edit_message(
        self, info: Info, message_id: OwnMessageId, text: NewText
    ) -> rows.Message:
        """Edit a message. Only the sender can edit it, within 15 minutes of sending."""
        async with info.context.transaction() as session:
            return await messages.edit_message(
                session,
                info.context.viewer,
                message_id=message_id,
                edit=parse(rows.MessageEdit, text=text),
            )

    @mutation(
        message=Message,
        raises=(NotFound, rows.MessageTooOld, rows.MessageAlreadyDeleted),
        repeatable="sets a state",
    )
    async def delete_message(self, info: Info, message_id: OwnMessageId) -> rows.Message:
        """Delete a message's content. Only the sender can delete it, within 15 minutes of sending.
        Its sequence number stays.
        """
        async with info.context.transaction() as session:
            return await messages.delete_message(
                session, info.context.viewer, message_id=message_id
            )
