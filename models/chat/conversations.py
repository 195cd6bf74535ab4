"""Conversations between a user and a vendor, and how far each side has read."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, false, text
from sqlmodel import Field, SQLModel

from core.clock import now
from models.base import Row, enum_column, foreign_key, timestamp
from models.errors import ErrorCode, InvalidInput, Refusal


class Side(StrEnum):
    """Which of the two somebody speaks for in a conversation."""

    USER = "USER"
    VENDOR = "VENDOR"

    @property
    def other(self) -> "Side":
        return Side.VENDOR if self is Side.USER else Side.USER


class ConversationState(StrEnum):
    """`OPEN ⇄ ARCHIVED`, and BLOCKED while either side blocks the other, then as before."""

    OPEN = "OPEN"
    ARCHIVED = "ARCHIVED"
    BLOCKED = "BLOCKED"


class SubjectKind(StrEnum):
    """What a conversation can be about."""

    OFFER = "OFFER"
    VOUCHER = "VOUCHER"


class MessageCounts(NamedTuple):
    """How many messages there are up to one: all of them, the user's, and notices."""

    messages: int = 0
    user_messages: int = 0
    notices: int = 0

    def received_by(self, side: Side) -> int:
        """How many of them are the other side's. Notices are nobody's, and so never unread."""
        if side is Side.VENDOR:
            return self.user_messages
        return self.messages - self.user_messages - self.notices


class Conversation(Row, table=True):
    """One per user, vendor and subject. Its messages are numbered from 1 without gaps.

    `user_messages` of the `last_sequence` messages are the user's, `notices` the house's, the rest
    the vendor's; what each side has read and what has reached it are the furthest of its members'
    places.
    """

    __table_args__ = (
        UniqueConstraint("user_id", "vendor_id", "subject_id", postgresql_nulls_not_distinct=True),
        CheckConstraint("(subject_id IS NULL) = (subject_kind IS NULL)", name="subject"),
        CheckConstraint(
            "least(user_messages, notices) >= 0 AND user_messages + notices <= last_sequence",
            name="tally",
        ),
        CheckConstraint(
            "user_read BETWEEN 0 AND user_delivered AND user_delivered <= last_sequence",
            name="user_place",
        ),
        CheckConstraint(
            "vendor_read BETWEEN 0 AND vendor_delivered AND vendor_delivered <= last_sequence",
            name="vendor_place",
        ),
        CheckConstraint("first_asked_at <= first_answered_at", name="first_answer"),
        ForeignKeyConstraint(
            ["assignee_id", "vendor_id"],
            ["vendor_member.user_id", "vendor_member.vendor_id"],
            ondelete="SET NULL (assignee_id)",
            deferrable=True,
            initially="DEFERRED",
        ),
        Index("conversation_user_id_idx", "user_id", "last_message_at", "id"),
        Index("conversation_vendor_id_idx", "vendor_id", "state", "last_message_at", "id"),
        Index("conversation_assignee_id_idx", "assignee_id", "state", "last_message_at", "id"),
        Index("conversation_first_asked_at_idx", "vendor_id", "first_asked_at"),
        Index(
            "conversation_unassigned_idx",
            "vendor_id",
            "state",
            "last_message_at",
            "id",
            postgresql_where=text("assignee_id IS NULL"),
        ),
        Index("conversation_subject_id_idx", "subject_id"),
    )

    user_id: UUID = foreign_key("user", index=False)
    vendor_id: UUID = foreign_key("vendor", index=False)
    subject_kind: SubjectKind | None = enum_column(SubjectKind, default=None, nullable=True)
    subject_id: UUID | None = None
    state: ConversationState = enum_column(ConversationState, default=ConversationState.OPEN)
    was_archived: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    assignee_id: UUID | None = None

    last_sequence: int = 0
    user_messages: int = 0
    notices: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    last_message_at: datetime = timestamp(default_factory=now)
    user_read: int = 0
    user_delivered: int = 0
    vendor_read: int = 0
    vendor_delivered: int = 0

    first_asked_at: datetime | None = timestamp(default=None)
    first_answered_at: datetime | None = timestamp(default=None)
    auto_replied_at: datetime | None = timestamp(default=None)

    def side_of(self, person_id: UUID) -> Side:
        """The side of somebody who takes part: whoever isn't the user speaks for the vendor."""
        return Side.USER if person_id == self.user_id else Side.VENDOR

    def inbox_owner(self, side: Side) -> UUID:
        """Whose inbox what is said to a side comes into."""
        return self.user_id if side is Side.USER else self.vendor_id

    def ensure_writable(self) -> None:
        """An archived conversation may be written to, which opens it again."""
        if self.state is ConversationState.BLOCKED:
            raise ConversationBlocked

    def archive(self) -> bool:
        """Whether that changed anything."""
        self.ensure_writable()
        changed = self.state is ConversationState.OPEN
        self.state = ConversationState.ARCHIVED
        return changed

    def reopen(self) -> bool:
        """Whether that changed anything."""
        self.ensure_writable()
        changed = self.state is ConversationState.ARCHIVED
        self.state = ConversationState.OPEN
        return changed

    def block(self, *, blocked: bool) -> bool:
        """Whether that changed anything."""
        if blocked is (self.state is ConversationState.BLOCKED):
            return False
        if blocked:
            self.was_archived = self.state is ConversationState.ARCHIVED
            self.state = ConversationState.BLOCKED
        else:
            self.state = ConversationState.ARCHIVED if self.was_archived else ConversationState.OPEN
        return True

    @property
    def first_answer_seconds(self) -> int | None:
        """None until a person has answered what the user asked."""
        if self.first_asked_at is None or self.first_answered_at is None:
            return None
        return round((self.first_answered_at - self.first_asked_at).total_seconds())

    def ensure_assignable_by(self, member_id: UUID) -> None:
        """That no other member looks after it."""
        if self.assignee_id not in {None, member_id}:
            raise ConversationAlreadyAssigned

    def assign(self, member_id: UUID | None) -> None:
        """Not to the user it is with, though they work there too: nobody would be told."""
        if member_id == self.user_id:
            raise InvalidInput(
                "The user of a conversation can't look after it.", field=["memberId"]
            )
        self.assignee_id = member_id

    def record_response_times(self, side: Side, at: datetime) -> None:
        """Keep when the user first asked, and when a person first answered that.

        No sooner than that by the clocks of two servers either.
        """
        if side is Side.USER:
            self.first_asked_at = self.first_asked_at or at
        elif self.first_asked_at:
            self.first_answered_at = self.first_answered_at or max(at, self.first_asked_at)

    def advance(self, side: Side, place: "Participant") -> None:
        """A side has read as far as the furthest of its people."""
        if side is Side.USER:
            self.user_read = max(self.user_read, place.read)
            self.user_delivered = max(self.user_delivered, place.delivered)
        else:
            self.vendor_read = max(self.vendor_read, place.read)
            self.vendor_delivered = max(self.vendor_delivered, place.delivered)

    def positions_of(self, side: Side) -> tuple[int, int]:
        """Up to which message a side has read, and up to which it has them."""
        if side is Side.USER:
            return self.user_read, self.user_delivered
        return self.vendor_read, self.vendor_delivered

    def unread(self, side: Side, place: "Participant | None") -> int:
        """How many of the other side's messages somebody who stands there has not read."""
        return self.counts.received_by(side) - (
            place.counts if place else MessageCounts()
        ).received_by(side)

    @property
    def counts(self) -> MessageCounts:
        return MessageCounts(self.last_sequence, self.user_messages, self.notices)


class Participant(SQLModel, table=True):
    """How far one person has read one conversation, and how many up to there were of which kind."""

    __table_args__ = (
        CheckConstraint("read BETWEEN 0 AND delivered", name="place"),
        CheckConstraint(
            "least(user_messages, notices) >= 0 AND user_messages + notices <= read",
            name="tally",
        ),
        Index("participant_user_id_idx", "user_id"),
    )

    conversation_id: UUID = foreign_key("conversation", primary_key=True, index=False)
    user_id: UUID = foreign_key("user", primary_key=True, index=False)
    read: int = 0
    delivered: int = 0
    user_messages: int = 0
    notices: int = Field(default=0, sa_column_kwargs={"server_default": "0"})

    @property
    def counts(self) -> MessageCounts:
        return MessageCounts(self.read, self.user_messages, self.notices)

    def advance(self, side: Side, up_to_sequence: MessageCounts) -> int:
        """Read on to a message; how many of the other side's came with that."""
        newly = up_to_sequence.received_by(side) - self.counts.received_by(side)
        self.read, self.user_messages, self.notices = up_to_sequence
        self.delivered = max(self.delivered, self.read)
        return newly


class Inbox(SQLModel, table=True):
    """How many messages have come for a user or for a vendor, ever. Never counted anew."""

    owner_id: UUID = Field(primary_key=True)
    received: int = 0


class InboxReader(SQLModel, table=True):
    """How many of an inbox's messages one person has read. What is left is the total unread."""

    __tablename__ = "inbox_reader"
    __table_args__ = (CheckConstraint("read >= 0", name="read"),)

    owner_id: UUID = Field(primary_key=True)
    user_id: UUID = foreign_key("user", primary_key=True, index=False)
    read: int = 0


class ConversationBlocked(Refusal):
    code = ErrorCode.CONVERSATION_BLOCKED
    message = "One side has blocked the other, so nothing can be written here."


class ConversationAlreadyAssigned(Refusal):
    code = ErrorCode.CONVERSATION_ALREADY_ASSIGNED
    message = "Somebody else looks after this conversation. A manager can hand it over."
