"""Bookings: appointments of users, and their places in classes."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlmodel import Field

from models.base import (
    DEFERRED,
    Row,
    enum_column,
    json,
    optional_foreign_key,
    timestamp,
)
from models.bookings.setting_up.policies import (
    MAX_RESCHEDULES,
    MAX_TIERS,
    CancelQuote,
    refund_bps,
    refund_until,
)
from models.bookings.setting_up.services import MAX_SERVICE_PRICE
from models.errors import Refusal
from models.personal_data import blank_values
from models.pricing.amounts import BPS, share
from models.sealed_columns import sealed
from models.text import Paragraphs

HOLD_MINUTES = 10
MAX_HOLD_MINUTES = 30
REQUEST_HOURS = 48  # in which a vendor answers, at most until the start
PAY_HOURS = 24  # in which a customer pays what was approved, at most until the start
NO_SHOW_MINUTES = 10  # after the start
NO_SHOWS = 2  # at a vendor, after which its visits are paid online
ARRIVAL_HOURS = 12  # before the start, from which a customer can have arrived
EARLY_MINUTES = 60  # before the start, from which the visit of one who has arrived can be over
OVER_HOURS = 12  # after the end, when a booking is completed by itself
MAX_HELD = 10  # bookings of a user at a vendor that are not confirmed, a series is one
MAX_HELD_TIMES = 52  # of them, after which there is no other one
UNDO_DAYS = 7  # of a no-show
BookingNote = Annotated[str, Paragraphs(1_000)]
BookingReason = Annotated[str, Paragraphs(500)]


class BookingState(StrEnum):
    """`HELD → CONFIRMED` if it is free, `HELD → REQUESTED → CONFIRMED / DECLINED` with approval,
    `HELD → PENDING_PAYMENT → CONFIRMED` if it is paid, then `COMPLETED / CANCELLED / NO_SHOW`.

    One that is approved and paid online is `HELD → REQUESTED → HELD → PENDING_PAYMENT → CONFIRMED`.
    What is not paid or answered in time becomes EXPIRED.
    """

    HELD = "HELD"
    REQUESTED = "REQUESTED"
    PENDING_PAYMENT = "PENDING_PAYMENT"
    CONFIRMED = "CONFIRMED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    NO_SHOW = "NO_SHOW"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"


S = BookingState
TRANSITIONS = {
    S.HELD: {S.CONFIRMED, S.REQUESTED, S.PENDING_PAYMENT, S.CANCELLED, S.EXPIRED},
    S.REQUESTED: {S.CONFIRMED, S.HELD, S.DECLINED, S.CANCELLED, S.EXPIRED},
    S.PENDING_PAYMENT: {S.CONFIRMED, S.HELD, S.CANCELLED, S.EXPIRED},
    S.CONFIRMED: {S.COMPLETED, S.CANCELLED, S.NO_SHOW},
    S.COMPLETED: {S.NO_SHOW},
    S.NO_SHOW: {S.COMPLETED, S.CONFIRMED},
    S.EXPIRED: {S.CONFIRMED},  # by late money that takes its time again
    S.CANCELLED: set[BookingState](),
    S.DECLINED: set[BookingState](),
}
OCCUPYING = frozenset({S.HELD, S.REQUESTED, S.PENDING_PAYMENT, S.CONFIRMED})
UNVISITED = frozenset({S.DECLINED, S.CANCELLED, S.EXPIRED})  # ended before the visit
_OCCUPYING = "state IN ('HELD', 'REQUESTED', 'PENDING_PAYMENT', 'CONFIRMED')"
# A vendor learns more of a booking than its time once it is asked for, ordered or confirmed.
PRESENTED = frozenset({S.REQUESTED, S.DECLINED, S.PENDING_PAYMENT, S.CONFIRMED})
# From PENDING_PAYMENT it is the order that is cancelled.
CANCELLABLE = frozenset({S.HELD, S.REQUESTED, S.CONFIRMED})
del S


class BookingSource(StrEnum):
    ONLINE = "ONLINE"
    DESK = "DESK"
    WAITLIST = "WAITLIST"


class CancelledBy(StrEnum):
    CUSTOMER = "CUSTOMER"
    VENDOR = "VENDOR"


class Booking(Row, table=True):
    """A time of a service that a user has, or had.

    The promise is the wall time at the vendor's place (`local_start`, `fold`, `time_zone`);
    `starts_at` is made of it. A booking that moves keeps its id and counts `revision`. It has
    claims of its own, or a place in a meeting of a class, for as long as its state occupies one.
    Prices and the terms of cancelling are those of the time of booking. A customer without an
    account is a sealed name and address of a desk booking, whose `user_id` is None.
    """

    __table_args__ = (
        UniqueConstraint("id", "vendor_id"),
        ForeignKeyConstraint(
            ["service_id", "vendor_id"], ["service.id", "service.vendor_id"], **DEFERRED
        ),
        UniqueConstraint("series_id", "number"),
        CheckConstraint(
            "starts_at < ends_at AND ends_at <= starts_at + interval '24 hours'", name="span"
        ),
        CheckConstraint("fold IN (0, 1)", name="fold"),
        CheckConstraint("revision >= 0", name="revision"),
        CheckConstraint("coming_revision BETWEEN 0 AND revision", name="coming_revision"),
        CheckConstraint("(series_id IS NULL) = (number IS NULL)", name="series"),
        CheckConstraint("number BETWEEN 0 AND 51", name="number"),
        CheckConstraint(f"price BETWEEN 0 AND {MAX_SERVICE_PRICE}", name="price"),
        CheckConstraint("due_online BETWEEN 0 AND price", name="due_online"),
        CheckConstraint(
            "paid_online >= 0 AND (paid_online = 0 OR order_line_id IS NOT NULL)",
            name="paid_online",
        ),
        CheckConstraint(
            "due_balance BETWEEN 0 AND greatest(price - due_online, 0)", name="due_balance"
        ),
        CheckConstraint(
            "paid_balance BETWEEN 0 AND greatest(paid_online, 0)"
            " AND (balance_line_id IS NOT NULL OR greatest(paid_balance, due_balance) = 0)",
            name="paid_balance",
        ),
        CheckConstraint("paid_at_desk >= 0", name="paid_at_desk"),
        CheckConstraint(f"jsonb_array_length(refund_tiers) <= {MAX_TIERS}", name="refund_tiers"),
        CheckConstraint(f"no_show_bps BETWEEN 0 AND {BPS}", name="no_show_bps"),
        CheckConstraint(f"refund_cap_bps BETWEEN 0 AND {BPS}", name="refund_cap_bps"),
        CheckConstraint(f"moves_left BETWEEN 0 AND {MAX_RESCHEDULES}", name="moves_left"),
        CheckConstraint(
            "state NOT IN ('HELD', 'REQUESTED') OR expires_at IS NOT NULL", name="expires_at"
        ),
        CheckConstraint("expires_at <= hard_until", name="hard_until"),
        CheckConstraint("(state = 'CANCELLED') = (cancelled_by IS NOT NULL)", name="cancelled_by"),
        CheckConstraint("user_id IS NOT NULL OR source = 'DESK'", name="user_id"),
        CheckConstraint(
            "state <> 'COMPLETED' AND state <> 'NO_SHOW' OR confirmed_at IS NOT NULL",
            name="confirmed_at",
        ),
        CheckConstraint("char_length(note) BETWEEN 1 AND 1000", name="note"),
        CheckConstraint("char_length(reason) BETWEEN 1 AND 500", name="reason"),
        CheckConstraint("state <> 'PENDING_PAYMENT' OR order_line_id IS NOT NULL", name="order"),
        Index(
            "booking_meeting_user_key",
            "meeting_id",
            "user_id",
            unique=True,
            postgresql_where=sql(_OCCUPYING),
        ),
        Index("booking_wait_key", "wait_id", unique=True, postgresql_where=sql(_OCCUPYING)),
        Index("booking_meeting_id_idx", "meeting_id"),
        Index("booking_user_id_idx", "user_id", "starts_at", "id"),
        Index("booking_vendor_id_idx", "vendor_id", "starts_at", "id"),
        Index("booking_service_id_idx", "service_id", "starts_at"),
        Index("booking_staff_id_idx", "staff_id", "starts_at"),
        Index("booking_order_line_id_idx", "order_line_id"),
        Index("booking_balance_line_id_idx", "balance_line_id"),
        Index("booking_visit_id_idx", "visit_id"),
        Index(
            "booking_guest_idx",
            "vendor_id",
            "ends_at",
            postgresql_where=sql("guest_name IS NOT NULL"),
        ),
        Index("booking_expires_at_idx", "expires_at", postgresql_where=sql(_OCCUPYING)),
        Index("booking_open_idx", "user_id", "service_id", postgresql_where=sql(_OCCUPYING)),
    )
    __privacy__ = blank_values(
        personal="note",
        none=(
            "local_start fold time_zone revision price due_online paid_online refund_tiers"
            " due_balance paid_balance"
            " refund_cap_bps no_show_bps moves_left move_minutes number reason currency"
            " coming_revision paid_at_desk visit_id"
        ),
    )

    user_id: UUID | None = optional_foreign_key("user", index=False)
    vendor_id: UUID
    service_id: UUID
    staff_id: UUID | None = optional_foreign_key("resource", index=False)
    meeting_id: UUID | None = optional_foreign_key("class_meeting", index=False)
    pet_id: UUID | None = optional_foreign_key("pet")
    series_id: UUID | None = optional_foreign_key("booking_series", index=False)
    number: int | None = Field(default=None, sa_type=SmallInteger)  # in its series
    wait_id: UUID | None = optional_foreign_key("booking_wait")
    visit_id: UUID | None = Field(default=None)  # of those that were held together
    order_line_id: UUID | None = optional_foreign_key("order_line", index=False)
    balance_line_id: UUID | None = optional_foreign_key("order_line", index=False)  # of the rest
    starts_at: datetime = timestamp()
    ends_at: datetime = timestamp()
    local_start: datetime = Field(sa_column=Column(DateTime(timezone=False), nullable=False))
    fold: int = 0
    time_zone: str = Field(max_length=64)
    state: BookingState = enum_column(BookingState, default=BookingState.HELD)
    source: BookingSource = enum_column(BookingSource, default=BookingSource.ONLINE)
    revision: int = 0
    coming_revision: int | None = None  # for which the customer confirmed that they come
    expires_at: datetime | None = timestamp(default=None)
    hard_until: datetime | None = timestamp(default=None)
    approved_at: datetime | None = timestamp(default=None)
    confirmed_at: datetime | None = timestamp(default=None)
    arrived_at: datetime | None = timestamp(default=None)
    ended_at: datetime | None = timestamp(default=None)
    cancelled_by: CancelledBy | None = enum_column(CancelledBy, default=None, nullable=True)
    reason: str | None = Field(default=None, max_length=500)
    currency: str = Field(max_length=3)
    price: int = Field(sa_type=BigInteger)
    due_online: int = Field(default=0, sa_type=BigInteger)
    paid_online: int = Field(default=0, sa_type=BigInteger)  # without what was refunded
    due_balance: int = Field(default=0, sa_type=BigInteger)  # of the rest, that was paid online
    paid_balance: int = Field(default=0, sa_type=BigInteger)  # in `paid_online`, by its own line
    paid_at_desk: int = Field(default=0, sa_type=BigInteger)  # the sum of its visit payments
    refund_tiers: list[list[int]] = json(default_factory=list)
    refund_cap_bps: int = BPS  # the least that a cancellation gave when the customer moved it
    no_show_bps: int = 0
    moves_left: int = 3
    move_minutes: int = 0
    note: str | None = Field(default=None, max_length=1_000)
    guest_name: bytes | None = sealed(optional=True)
    guest_email: bytes | None = sealed(optional=True)
    guest_phone: bytes | None = sealed(optional=True)

    @property
    def occupies(self) -> bool:
        return self.state in OCCUPYING

    @property
    def is_presented(self) -> bool:
        """Return whether the vendor was asked for it or got it: it is, or was, more than a hold."""
        asked = self.state in PRESENTED or self.source is BookingSource.DESK
        return asked or self.approved_at is not None or self.confirmed_at is not None

    @property
    def is_coming(self) -> bool:
        """Return whether the customer confirmed that they come at this time."""
        return self.coming_revision == self.revision

    def is_over(self, moment: datetime) -> bool:
        return self.ends_at <= moment

    def ensure_can_become(self, state: BookingState) -> None:
        if state not in TRANSITIONS[self.state]:
            raise InvalidBookingState(
                "A booking that is {state} cannot become {wanted}.", state=self.state, wanted=state
            )

    def ensure_revision(self, revision: int) -> None:
        if revision != self.revision:
            raise BookingChanged(self.revision)

    def is_held(self, moment: datetime) -> bool:
        """Return whether the user can still confirm it. An expired one may not be ended yet."""
        return (
            self.state is BookingState.HELD
            and self.expires_at is not None
            and moment < self.expires_at
        )

    def is_expired(self, moment: datetime) -> bool:
        """Return whether its time to be confirmed or answered is over. It may not be ended yet."""
        return self.expires_at is not None and self.expires_at <= moment

    def cut_answer_time(self, starts_at: datetime) -> None:
        """Let a request that moves end at its new start at the latest."""
        if self.expires_at is not None:
            self.expires_at = min(self.expires_at, starts_at)

    def refund_bps(self, moment: datetime) -> int:
        """Return the basis points that a customer who cancels at a moment gets back."""
        return min(self.refund_cap_bps, refund_bps(self.refund_tiers, self.starts_at, moment))

    def cancel_quote(self, moment: datetime) -> CancelQuote | None:
        """Return what the customer gets back. None if they cannot cancel any more."""
        if self.state not in CANCELLABLE or self.starts_at <= moment:
            return None
        bps = self.refund_bps(moment)
        until = refund_until(self.refund_tiers, self.starts_at, moment, most=bps)
        return CancelQuote(bps, share(self.paid_online, bps), until)

    @property
    def no_show_fee(self) -> int:
        """Return what is kept of a customer who does not come, at most what was paid online."""
        return min(self.paid_online, share(self.price, self.no_show_bps))

    @property
    def due_at_visit(self) -> int:
        """Return what is left of the price to pay at the visit, in minor units.

        Online, more or less is paid for the same part of the price: taxes come on top of some
        prices, and promo codes take off.
        """
        if self.state in UNVISITED:
            return 0
        return max(0, self.price - self.due_online - self.due_balance - self.paid_at_desk)

    @property
    def line_ids(self) -> list[UUID]:
        """Return the lines of orders in which it is paid: that of the rest first."""
        return [id for id in (self.balance_line_id, self.order_line_id) if id is not None]

    def complete_from(self) -> datetime:
        """Return the moment from which the visit can be over."""
        early = timedelta(minutes=EARLY_MINUTES if self.arrived_at is not None else 0)
        return self.starts_at - early

    def no_show_from(self) -> datetime:
        return self.starts_at + timedelta(minutes=NO_SHOW_MINUTES)


class InvalidBookingState(Refusal):
    code = "BOOKING_STATE"
    message = "The booking's state does not allow this. Reload the booking."
    meaning = "The state of the booking does not allow this."
    remedy = "Refetch the booking, and offer what its state allows."


class BookingChanged(Refusal):
    """The booking was moved in the meantime. `revision` is the current one."""

    message = "This booking was moved in the meantime. Reload it."
    meaning = "The revision in the input is not that of the booking."
    remedy = "Refetch the booking, show its time, and let the user confirm the change."

    def __init__(self, revision: int) -> None:
        self.revision = revision
        super().__init__()


class BookingHoldExpired(Refusal):
    message = "This booking is not held any more. Reload it, or choose a time again."
    meaning = "The booking is not HELD any more: it expired, was released, or is in an order."
    remedy = "Refetch the booking. If it expired, let the user choose a time again."


class HeldBookingLimit(Refusal):
    message = "You hold {most} bookings here that are not confirmed. Confirm or release one first."
    meaning = "The user has the maximum number of bookings at the vendor that are not confirmed."
    remedy = "Show those bookings, and offer to confirm or release them."


class BookingLimit(Refusal):
    message = "You have {most} bookings of this service already. Cancel one first."
    meaning = "The user has as many bookings to come as the service allows."
    remedy = "Show the user's bookings of the service."
