"""Messages and their earlier versions."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import CheckConstraint, Index, UniqueConstraint, false, text
from sqlmodel import Field

from core.clock import now
from core.text.search_text import searchable
from models.base import UNREAD, Row, enum_column, foreign_key, optional_foreign_key, timestamp
from models.chat.conversations import Conversation, Side
from models.errors import InvalidInput, Refusal
from models.personal_data import blank_values, delete_rows
from models.search import terms_index
from models.text import Identifier, Paragraphs

MAX_MESSAGE_LENGTH = 4_000
EDIT_WINDOW = timedelta(minutes=15)

MessageText = Annotated[str, Paragraphs(MAX_MESSAGE_LENGTH)]
OptionalMessageText = Annotated[str, Paragraphs(MAX_MESSAGE_LENGTH, min_length=0)]
ClientMessageId = Annotated[str, Identifier(100)]


class MessageKind(StrEnum):
    """A message's kind. AUTO_REPLY and NOTICE have no sender."""

    TEXT = "TEXT"
    IMAGE = "IMAGE"
    FILE = "FILE"
    OFFER = "OFFER"
    AUTO_REPLY = "AUTO_REPLY"
    NOTICE = "NOTICE"


class NoticeKind(StrEnum):
    """A kind of system notice, which both sides see."""

    ASSIGNED = "ASSIGNED"
    ARCHIVED = "ARCHIVED"
    REOPENED = "REOPENED"


class Receipt(StrEnum):
    """A message's delivery status on the other side."""

    SENT = "SENT"
    DELIVERED = "DELIVERED"
    READ = "READ"


class Message(Row, table=True):
    """A message, with the `user_messages` and `notices` of the conversation up to it.

    A `discounted` message was deleted, and is no longer among those that can be unread. Messages
    that the release before the column deleted meanwhile still are.
    """

    __table_args__ = (
        UniqueConstraint("conversation_id", "sequence"),
        UniqueConstraint("conversation_id", "sender_id", "client_message_id"),
        CheckConstraint("sequence >= 1", name="sequence"),
        CheckConstraint(
            "least(user_messages, notices) >= 0 AND user_messages + notices <= sequence",
            name="tally",
        ),
        CheckConstraint("char_length(text) <= 4000", name="text"),
        CheckConstraint("(sender_id IS NULL) = (kind IN ('AUTO_REPLY', 'NOTICE'))", name="sender"),
        CheckConstraint(
            "(sender_id IS NULL) = (client_message_id IS NULL)", name="client_message_id"
        ),
        CheckConstraint(
            """CASE kind
            WHEN 'IMAGE' THEN upload_id IS NOT NULL AND num_nonnulls(offer_id, notice) = 0
            WHEN 'FILE' THEN upload_id IS NOT NULL AND num_nonnulls(offer_id, notice) = 0
            WHEN 'OFFER' THEN offer_id IS NOT NULL AND num_nonnulls(upload_id, notice) = 0
            WHEN 'NOTICE' THEN notice IS NOT NULL AND num_nonnulls(offer_id, upload_id) = 0
            ELSE num_nonnulls(offer_id, upload_id, notice) = 0
                AND (text <> '' OR deleted_at IS NOT NULL)
            END IS TRUE""",
            name="content",
        ),
        CheckConstraint("deleted_at IS NULL OR text = ''", name="deleted"),
        CheckConstraint("deleted_at IS NOT NULL OR NOT discounted", name="discounted"),
        Index(
            "message_discounted_idx",
            "conversation_id",
            "sequence",
            postgresql_where=text("discounted"),
        ),
        terms_index("message"),
        Index("message_sender_id_idx", "sender_id"),
        Index("message_upload_id_key", "upload_id", unique=True),
    )
    __privacy__ = blank_values(
        of="sender_id",
        personal="text client_message_id search_text",
        none="sequence user_messages notices",
        blank={
            "text": "''",
            "search_text": "''",
            "client_message_id": "id::text",
            "kind": "CASE WHEN upload_id IS NULL THEN kind ELSE 'TEXT' END",
            "upload_id": "NULL",
            "deleted_at": "coalesce(deleted_at, now())",
        },
    )

    conversation_id: UUID = foreign_key("conversation", index=False)
    sequence: int
    side: Side = enum_column(Side)
    sender_id: UUID | None = optional_foreign_key("user", index=False)
    kind: MessageKind = enum_column(MessageKind, default=MessageKind.TEXT)
    notice: NoticeKind | None = enum_column(NoticeKind, default=None, nullable=True)
    text: OptionalMessageText = ""
    offer_id: UUID | None = optional_foreign_key("offer")
    upload_id: UUID | None = optional_foreign_key("upload", index=False)
    reply_to_id: UUID | None = optional_foreign_key("message", index=False)
    client_message_id: ClientMessageId | None = Field(default=None, max_length=100)
    user_messages: int = 0
    notices: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    edited_at: datetime | None = timestamp(default=None)
    deleted_at: datetime | None = timestamp(default=None)
    discounted: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    search_text: str = Field(default="", sa_column_kwargs={"server_default": "", "info": UNREAD})

    def change_text(self, text: str, conversation: Conversation) -> None:
        """Set the text, and the terms by which it is found.

        Among them are the sides of the conversation, so that the index skips messages of others: a
        common word is in millions of them. No word contains a colon.
        """
        self.text = text
        sides = f"user:{conversation.user_id} vendor:{conversation.vendor_id}"
        self.search_text = f"{sides} {searchable(text)}" if text else ""

    def matches(self, draft: "MessageDraft", text: str) -> bool:
        """Return whether a draft equals this message, originally with `text`."""
        mine = (text, self.offer_id, self.upload_id, self.reply_to_id)
        return mine == (draft.text, draft.offer_id, draft.upload_id, draft.reply_to_id)

    @property
    def was_changed(self) -> bool:
        return self.edited_at is not None or self.deleted_at is not None

    @property
    def shown_offer_id(self) -> UUID | None:
        return self.offer_id if self.deleted_at is None else None

    @property
    def shown_upload_id(self) -> UUID | None:
        return self.upload_id if self.deleted_at is None else None

    def receipt(self, conversation: Conversation) -> Receipt:
        """Return the delivery status, from the other side's positions."""
        read, delivered = conversation.positions_of(self.side.other)
        if self.sequence <= read:
            return Receipt.READ
        return Receipt.DELIVERED if self.sequence <= delivered else Receipt.SENT

    def ensure_changeable(self) -> None:
        """Raise if deleted or older than 15 minutes. The caller must check the sender."""
        if self.deleted_at is not None:
            raise MessageAlreadyDeleted
        if now() - self.created_at > EDIT_WINDOW:
            raise MessageTooOld


class VersionKind(StrEnum):
    EDITED = "EDITED"
    DELETED = "DELETED"


class MessageVersion(Row, table=True):
    """A message's text before an edit or deletion, kept for reports."""

    __tablename__ = "message_version"
    __privacy__ = delete_rows(of="message_id", personal="text")

    message_id: UUID = foreign_key("message")
    kind: VersionKind = enum_column(VersionKind)
    text: OptionalMessageText


class MessageDraft(BaseModel, frozen=True):
    """Validated new message: text, an upload or an offer, each with optional text."""

    client_message_id: ClientMessageId
    text: OptionalMessageText = ""
    upload_id: UUID | None = None
    offer_id: UUID | None = None
    reply_to_id: UUID | None = None

    def ensure_valid_content(self) -> None:
        if not (self.text or self.upload_id or self.offer_id):
            raise InvalidInput(
                "The message is empty. Add text, a file or an offer.", field=["text"]
            )
        if self.upload_id and self.offer_id:
            raise InvalidInput(
                "A message can contain a file or an offer, not both.", field=["offerId"]
            )


class MessageEdit(BaseModel, frozen=True):
    text: MessageText


class MessageTooOld(Refusal):
    message = "A message can only be edited or deleted within 15 minutes of sending it."
    meaning = "The message was sent more than 15 minutes ago, so it can no longer be changed."
    remedy = "Hide the buttons to edit and to delete it."


class MessageAlreadyDeleted(Refusal):
    message = "This message was deleted and cannot be changed."
    meaning = "The message was deleted, so it cannot be edited."
    remedy = "Refetch the message."


class MessageIdReused(Refusal):
    message = "This message was mistaken for another one. Send it again."
    meaning = "This `clientMessageId` was already used in this conversation for another message."
    remedy = "Generate a new one for each message. Reuse it only to retry the same message."
