"""Cancellations, postponements and moves of dates, carried out for the tickets by a job."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from models.base import Row, enum_column, foreign_key, timestamp
from models.events.tickets import MAX_REASON_LENGTH, CancelReason
from models.personal_data import keep_rows, of_others
from models.text import one_line_constraint

REFUND_RIGHT_DAYS = 14  # after a date got another time
POSTPONED_DAYS = 2 * 365  # without a new time
MAX_REFUSAL_CODE_LENGTH = 60


class DateChangeKind(StrEnum):
    CANCELLED = "CANCELLED"
    POSTPONED = "POSTPONED"
    MOVED = "MOVED"


class RefundChoice(StrEnum):
    """Whether tickets of a cancelled date are refunded, whatever the policy of their sale."""

    ALL = "ALL"
    NONE = "NONE"


class DateCancelDraft(BaseModel, frozen=True):
    """Validated input of a cancellation. Holders read the reason."""

    refund: RefundChoice
    reason: CancelReason | None = None


class DateChange(Row, table=True):
    """A change of a date with what it means for the tickets, which a job does in batches.

    `revision` is that of the date since the change. `after_id` is the last ticket whose holder the
    job has notified, and `done_at` the time at which nothing was left to do.
    """

    __tablename__ = "event_date_change"
    __table_args__ = (
        UniqueConstraint("event_date_id", "revision"),
        one_line_constraint("reason"),
        CheckConstraint("kind = 'CANCELLED' OR refund = 'NONE'", name="refund"),
        CheckConstraint("revision >= 1", name="revision"),
        CheckConstraint("tickets >= 0", name="tickets"),
        Index("event_date_change_open_idx", "created_at", postgresql_where=text("done_at IS NULL")),
    )
    __privacy__ = keep_rows(of="changed_by_id", id="after_id", none="reason revision tickets")

    event_date_id: UUID = foreign_key("event_date", index=False)
    kind: DateChangeKind = enum_column(DateChangeKind)
    refund: RefundChoice = enum_column(RefundChoice, default=RefundChoice.NONE)
    reason: CancelReason | None = Field(default=None, max_length=MAX_REASON_LENGTH)
    revision: int
    changed_by_id: UUID = foreign_key("user")
    after_id: UUID | None = None
    tickets: int = 0
    done_at: datetime | None = timestamp(default=None)

    @property
    def cancels(self) -> bool:
        return self.kind is DateChangeKind.CANCELLED

    def refund_right_until(self, starts_at: datetime) -> datetime | None:
        """Return the time until which holders can have their money back, None without a right.

        A date without a new time is given one, or cancelled, before that of POSTPONED ends.
        """
        if self.kind is DateChangeKind.POSTPONED:
            return self.created_at + timedelta(days=POSTPONED_DAYS)
        if self.kind is DateChangeKind.MOVED:
            return min(starts_at, self.created_at + timedelta(days=REFUND_RIGHT_DAYS))
        return None


class TicketRefundState(StrEnum):
    """`DUE → GRANTED / REFUSED`. A REFUSED one can be tried again."""

    DUE = "DUE"
    GRANTED = "GRANTED"
    REFUSED = "REFUSED"


class TicketRefund(Row, table=True):
    """The refund of tickets of one line of an order that a cancelled date owes.

    `tickets` are those that were cancelled with the date, `units` those of the line that went back.
    """

    __tablename__ = "ticket_refund"
    __table_args__ = (
        CheckConstraint("tickets >= 1", name="tickets"),
        CheckConstraint("units >= 0", name="units"),
        CheckConstraint("(state = 'REFUSED') = (code IS NOT NULL)", name="code"),
        CheckConstraint(f"code ~ '^[A-Z_]{{1,{MAX_REFUSAL_CODE_LENGTH}}}$'", name="code_format"),
        UniqueConstraint("order_line_id"),
        Index("ticket_refund_change_id_idx", "change_id", "state", "id"),
    )
    __privacy__ = of_others(none="tickets units code")

    change_id: UUID = foreign_key("event_date_change", index=False)
    order_line_id: UUID = foreign_key("order_line", index=False)
    state: TicketRefundState = enum_column(TicketRefundState, default=TicketRefundState.DUE)
    tickets: int
    units: int = 0
    code: str | None = Field(default=None, max_length=MAX_REFUSAL_CODE_LENGTH)
