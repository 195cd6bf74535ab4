"""Contacts: pairs of a user and a vendor, and their blocks."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint

from core.clock import now
from models.base import Row, foreign_key, timestamp
from models.chat.conversations import ConversationBlocked, Side
from models.errors import Refusal
from models.personal_data import keep_rows


class Contact(Row, table=True):
    """The relation between a user and a vendor, created with their first conversation.

    Starting a conversation and blocking lock this row first, which serializes them.
    """

    __table_args__ = (
        UniqueConstraint("user_id", "vendor_id"),
        CheckConstraint("conversations BETWEEN 0 AND 100", name="conversations"),
    )
    __privacy__ = keep_rows(none="conversations")

    user_id: UUID = foreign_key("user", index=False)
    vendor_id: UUID = foreign_key("vendor")
    blocked_by_user_at: datetime | None = timestamp(default=None)
    blocked_by_vendor_at: datetime | None = timestamp(default=None)
    conversations: int = 0

    @property
    def blocked(self) -> bool:
        return self.blocked_by_user_at is not None or self.blocked_by_vendor_at is not None

    def block(self, side: Side, *, blocked: bool) -> None:
        """Set or remove a side's block. A side can remove only its own."""
        at = now() if blocked else None
        if side is Side.USER:
            self.blocked_by_user_at = at and (self.blocked_by_user_at or at)
        else:
            self.blocked_by_vendor_at = at and (self.blocked_by_vendor_at or at)

    def blocked_by(self, side: Side) -> bool:
        at = self.blocked_by_user_at if side is Side.USER else self.blocked_by_vendor_at
        return at is not None

    def ensure_unblocked(self) -> None:
        if self.blocked:
            raise ConversationBlocked


class ConversationLimitReached(Refusal):
    message = (
        "There are already 100 conversations between this user and this vendor. Continue in one"
        " of them."
    )
    meaning = "The user and the vendor already have 100 conversations."
    remedy = "Continue in an existing conversation."
    constraint = "contact_conversations_check"
