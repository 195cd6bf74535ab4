"""Messages of conversations."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.chat import conversation_by_id, message_by_id, visible_message
from dataloaders.identity import user_by_id
from dataloaders.offers import shown_offer
from dataloaders.uploads import upload_by_id
from engine.connections import Connection
from engine.types import Rows, column, field, loaded, related
from models.chat import messages as rows
from models.chat.conversations import Conversation as ConversationRow
from schema.chat.conversations import Conversation
from schema.chat.enums import MessageKind, NoticeKind, Receipt, Side
from schema.lazy import LazyMessage, LazyUser
from schema.offers.types import Offer
from schema.uploads.types import Upload


@strawberry.type(
    description="A message in a conversation. A deleted message keeps its sequence number, but"
    " loses its content."
)
class Message(Rows[rows.Message], relay.Node, access=visible_message):
    id: relay.NodeID[UUID]
    sequence: int = column("The message's number in the conversation, from 1 and without gaps.")
    side: Side = column("The side that sent the message.")
    kind: MessageKind = column("The kind of content.")
    notice: NoticeKind | None = column("The change that a NOTICE reports. Null for other kinds.")
    text: str = column("The text. Empty if the message was deleted.")
    client_message_id: str | None = column("The id that the sender's client chose.")
    edited_at: datetime | None = column("The time of the last edit.")
    deleted_at: datetime | None = column("The time at which the message was deleted.")
    sent_at: datetime = column("The time at which the message was sent.", of="created_at")
    sender: LazyUser | None = related(
        user_by_id, by="sender_id", description="The sender. Null for automatic messages."
    )
    conversation: Conversation = related(
        conversation_by_id, by="conversation_id", description="The conversation."
    )
    reply_to: LazyMessage | None = related(
        message_by_id, by="reply_to_id", description="The message that this one answers."
    )

    offer: Offer | None = related(
        shown_offer,
        by="shown_offer_id",
        description="The attached offer. Null without one, or if the message or the offer is gone.",
        needs=("offer_id", "deleted_at"),
    )
    upload: Upload | None = related(
        upload_by_id,
        by="shown_upload_id",
        description="The attached image or file. Null without one, or if the message was deleted.",
        needs=("upload_id", "deleted_at"),
    )

    @loaded(
        conversation_by_id,
        by="conversation_id",
        description="How far the message has got on the other side.",
        needs=("conversation_id", "side", "sequence"),
    )
    def receipt(
        root: strawberry.Parent[rows.Message], conversation: ConversationRow | None
    ) -> Receipt:
        return root.receipt(conversation) if conversation else Receipt.SENT


@strawberry.type(description="A page of messages.")
class MessageConnection(Connection[Message]):
    @field(
        "A cursor to pass as `after` to `conversationChanges`, to receive every change since this"
        " page was read. Null for search results.",
        needs=(),
    )
    def changes_after(self) -> str | None:
        return self.journal_cursor
