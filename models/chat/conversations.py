"""Conversations between a user and a vendor, and both sides' read positions."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, false, text
from sqlmodel import Field, SQLModel

from core.clock import now
from models.base import DEFERRED, Row, enum_column, foreign_key, open_enum_column, timestamp
from models.errors import InvalidInput, Refusal
from models.personal_data import keep_rows


class Side(StrEnum):
    """A side of a conversation."""

    USER = "USER"
    VENDOR = "VENDOR"

    @property
    def other(self) -> "Side":
        return Side.VENDOR if self is Side.USER else Side.USER


class ConversationState(StrEnum):
    """`OPEN ⇄ ARCHIVED`. BLOCKED while either side blocks the other; then the previous state."""

    OPEN = "OPEN"
    ARCHIVED = "ARCHIVED"
    BLOCKED = "BLOCKED"


class SubjectKind(StrEnum):
    """The kind of a conversation's subject. ORDER is the vendor's part of an order."""

    OFFER = "OFFER"
    VOUCHER = "VOUCHER"
    ORDER = "ORDER"
    BOOKING = "BOOKING"


class MessageCounts(NamedTuple):
    """Messages up to a position: in total, from the user, and system notices.

    Deleted messages of the user and of the vendor are in these numbers too.
    """

    messages: int = 0
    user_messages: int = 0
    notices: int = 0
    user_deleted: int = 0
    vendor_deleted: int = 0

    def received_by(self, side: Side) -> int:
        """Return the messages of the other side that can be unread.

        Notices have no sender, and deleted messages no content: they are never unread.
        """
        if side is Side.VENDOR:
            return self.user_messages - self.user_deleted
        vendor_messages = self.messages - self.user_messages - self.notices
        return vendor_messages - self.vendor_deleted


class Conversation(Row, table=True):
    """One conversation per user, vendor and subject. Messages are numbered from 1 without gaps.

    Messages not counted in `user_messages` or `notices` are the vendor's. A side's positions are
    the furthest of its participants.
    """

    __table_args__ = (
        UniqueConstraint("user_id", "vendor_id", "subject_id", postgresql_nulls_not_distinct=True),
        CheckConstraint("(subject_id IS NULL) = (subject_kind IS NULL)", name="subject"),
        CheckConstraint(
            "least(user_messages, notices) >= 0 AND user_messages + notices <= last_sequence",
            name="tally",
        ),
        CheckConstraint(
            "user_deleted BETWEEN 0 AND user_messages AND"
            " vendor_deleted BETWEEN 0 AND last_sequence - user_messages - notices",
            name="withdrawn",
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
            **DEFERRED,
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
    __privacy__ = keep_rows(
        id="subject_id",
        none=(
            "last_sequence user_messages notices user_deleted vendor_deleted user_read"
            " user_delivered vendor_read vendor_delivered"
        ),
    )

    user_id: UUID = foreign_key("user", index=False)
    vendor_id: UUID = foreign_key("vendor", index=False)
    subject_kind: SubjectKind | None = open_enum_column(SubjectKind, default=None, nullable=True)
    subject_id: UUID | None = None
    state: ConversationState = enum_column(ConversationState, default=ConversationState.OPEN)
    was_archived: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    assignee_id: UUID | None = None

    last_sequence: int = 0
    user_messages: int = 0
    notices: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    user_deleted: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    vendor_deleted: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    last_message_at: datetime = timestamp(default_factory=now)
    user_read: int = 0
    user_delivered: int = 0
    vendor_read: int = 0
    vendor_delivered: int = 0

    first_asked_at: datetime | None = timestamp(default=None)
    first_answered_at: datetime | None = timestamp(default=None)
    auto_replied_at: datetime | None = timestamp(default=None)

    def side_of(self, person_id: UUID) -> Side:
        """Return a participant's side: all but the user act for the vendor."""
        return Side.USER if person_id == self.user_id else Side.VENDOR

    def inbox_owner(self, side: Side) -> UUID:
        """Return the owner of the inbox for messages to a side."""
        return self.user_id if side is Side.USER else self.vendor_id

    def ensure_writable(self) -> None:
        """Raise if blocked. An archived conversation is writable: a message reopens it."""
        if self.state is ConversationState.BLOCKED:
            raise ConversationBlocked

    def archive(self) -> bool:
        """Return whether the state changed."""
        self.ensure_writable()
        changed = self.state is ConversationState.OPEN
        self.state = ConversationState.ARCHIVED
        return changed

    def reopen(self) -> bool:
        """Return whether the state changed."""
        self.ensure_writable()
        changed = self.state is ConversationState.ARCHIVED
        self.state = ConversationState.OPEN
        return changed

    def block(self, *, blocked: bool) -> bool:
        """Return whether the state changed."""
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
        """Return the seconds until a member's first answer; None without one."""
        if self.first_asked_at is None or self.first_answered_at is None:
            return None
        return round((self.first_answered_at - self.first_asked_at).total_seconds())

    def ensure_assignable_by(self, member_id: UUID) -> None:
        """Raise `ConversationAlreadyAssigned` if another member is assigned."""
        if self.assignee_id not in {None, member_id}:
            raise ConversationAlreadyAssigned

    def assign(self, member_id: UUID | None) -> None:
        """Assign a member, or None. Refuses the customer, who would not be notified as a member."""
        if member_id == self.user_id:
            raise InvalidInput(
                "A conversation cannot be assigned to its own customer. Choose another member.",
                field=["memberId"],
            )
        self.assignee_id = member_id

    def count_deleted(self, side: Side) -> None:
        """Count a deleted message of a side, which can no longer be unread."""
        if side is Side.USER:
            self.user_deleted += 1
        else:
            self.vendor_deleted += 1

    def record_response_times(self, side: Side, at: datetime) -> None:
        """Store the times of the first question and of its first answer.

        The answer is never earlier than the question, even if two servers' clocks differ.
        """
        if side is Side.USER:
            self.first_asked_at = self.first_asked_at or at
        elif self.first_asked_at:
            self.first_answered_at = self.first_answered_at or max(at, self.first_asked_at)

    def advance(self, side: Side, place: "Participant") -> None:
        """Move a side's positions forward to a participant's."""
        if side is Side.USER:
            self.user_read = max(self.user_read, place.read)
            self.user_delivered = max(self.user_delivered, place.delivered)
        else:
            self.vendor_read = max(self.vendor_read, place.read)
            self.vendor_delivered = max(self.vendor_delivered, place.delivered)

    def positions_of(self, side: Side) -> tuple[int, int]:
        """Return a side's read and delivered positions."""
        if side is Side.USER:
            return self.user_read, self.user_delivered
        return self.vendor_read, self.vendor_delivered

    def unread(self, side: Side, place: "Participant | None") -> int:
        """Return how many messages of the other side are unread."""
        return self.counts.received_by(side) - (
            place.counts if place else MessageCounts()
        ).received_by(side)

    @property
    def counts(self) -> MessageCounts:
        return MessageCounts(
            self.last_sequence,
            self.user_messages,
            self.notices,
            self.user_deleted,
            self.vendor_deleted,
        )


class Participant(SQLModel, table=True):
    """A user's read position in a conversation, with the message counts there.

    A new member of a vendor has read everything: up to `joined_at_sequence`, without having seen
    it, so customers do not see the member because of it.
    """

    __table_args__ = (
        CheckConstraint("read BETWEEN 0 AND delivered", name="place"),
        CheckConstraint("joined_at_sequence BETWEEN 0 AND delivered", name="joined_at_sequence"),
        CheckConstraint(
            "least(user_messages, notices) >= 0 AND user_messages + notices <= read",
            name="tally",
        ),
        CheckConstraint(
            "user_deleted BETWEEN 0 AND user_messages AND"
            " vendor_deleted BETWEEN 0 AND read - user_messages - notices",
            name="withdrawn",
        ),
        Index("participant_user_id_idx", "user_id"),
    )
    __privacy__ = keep_rows(
        none=("read delivered user_messages notices user_deleted vendor_deleted joined_at_sequence")
    )

    conversation_id: UUID = foreign_key("conversation", primary_key=True, index=False)
    user_id: UUID = foreign_key("user", primary_key=True, index=False)
    read: int = 0
    delivered: int = 0
    user_messages: int = 0
    notices: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    user_deleted: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    vendor_deleted: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    joined_at_sequence: int = Field(default=0, sa_column_kwargs={"server_default": "0"})

    @property
    def counts(self) -> MessageCounts:
        return MessageCounts(
            self.read, self.user_messages, self.notices, self.user_deleted, self.vendor_deleted
        )

    def begin_to_see(self, sequence: int) -> bool:
        """Note that a new member has seen the last message from before they joined.

        Returns whether that is news.
        """
        is_news = 0 < sequence == self.read == self.joined_at_sequence
        self.joined_at_sequence -= is_news
        return is_news

    def advance(self, side: Side, up_to_sequence: MessageCounts) -> int:
        """Mark as read up to a message. Returns how many from the other side were unread."""
        newly = up_to_sequence.received_by(side) - self.counts.received_by(side)
        self.read, self.user_messages, self.notices = up_to_sequence[:3]
        self.user_deleted, self.vendor_deleted = up_to_sequence[3:]
        self.delivered = max(self.delivered, self.read)
        return newly


class Inbox(SQLModel, table=True):
    """Counts the messages ever received by a user or vendor and not deleted.

    Incremented and decremented, never recomputed.
    """

    __privacy__ = keep_rows(of="owner_id", id="owner_id", none="received")

    owner_id: UUID = Field(primary_key=True)
    received: int = 0


class InboxReader(SQLModel, table=True):
    """Counts the messages of an inbox that a user has read; the rest are unread."""

    __tablename__ = "inbox_reader"
    __table_args__ = (CheckConstraint("read >= 0", name="read"),)
    __privacy__ = keep_rows(id="owner_id", none="read")

    owner_id: UUID = Field(primary_key=True)
    user_id: UUID = foreign_key("user", primary_key=True, index=False)
    read: int = 0


class ConversationBlocked(Refusal):
    message = "This conversation is blocked, so you cannot send messages in it."
    meaning = "One side of the conversation blocks the other, so it is read-only."
    remedy = (
        "Refetch the conversation's `state`. The side that blocked can unblock with"
        " `blockConversation`."
    )


class ConversationAlreadyAssigned(Refusal):
    message = "This conversation is assigned to another member. A manager can reassign it."
    meaning = "The conversation is assigned to another member, and the viewer is not a manager."
    remedy = "Refetch the conversation's `assignee`."
