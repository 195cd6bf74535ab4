"""Vouchers and attempts to redeem them."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, false, text
from sqlmodel import Field

from core.clock import now
from models.base import (
    UNREAD,
    Row,
    enum_column,
    foreign_key,
    json,
    open_enum_column,
    optional_foreign_key,
    timestamp,
)
from models.errors import Refusal
from models.events.check_in.scans import ScanLight, ScanMode
from models.personal_data import blank_values
from models.text import OneLine, one_line_constraint
from models.vendors import Vendor

REVERSAL_DAYS = 30
MAX_GENERATION = 1_000
MAX_REASON_LENGTH = 300
ReasonText = Annotated[str, OneLine(MAX_REASON_LENGTH, min_length=3)]
# Not a `Name`: it can be a host name, and appears in no mail.
DeviceId = Annotated[str, OneLine(100, min_length=0)]


class VoucherState(StrEnum):
    """`CLAIMED → REDEEMED / EXPIRED / CANCELLED`.

    A reversal makes `REDEEMED → CLAIMED`, or CANCELLED if the time of the voucher is over.
    """

    CLAIMED = "CLAIMED"
    REDEEMED = "REDEEMED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"


class RedemptionOutcome(StrEnum):
    APPROVED = "APPROVED"
    HELD = "HELD"
    BLOCKED = "BLOCKED"
    REFUSED = "REFUSED"
    DOUBLE = "DOUBLE"


class RedemptionReason(StrEnum):
    """The reason for the outcome of a redemption."""

    APPROVED = "APPROVED"
    EXPIRED = "EXPIRED"
    NOT_YET = "NOT_YET"
    ALREADY_REDEEMED = "ALREADY_REDEEMED"
    OTHER_VENDOR = "OTHER_VENDOR"
    CANCELLED = "CANCELLED"
    BAD_SIGNATURE = "BAD_SIGNATURE"
    OLD_GENERATION = "OLD_GENERATION"
    WRONG_TYPE = "WRONG_TYPE"
    UNKNOWN = "UNKNOWN"
    VENDOR_SUSPENDED = "VENDOR_SUSPENDED"
    USER_SUSPENDED = "USER_SUSPENDED"
    NOT_ACCEPTED = "NOT_ACCEPTED"
    BEING_CHECKED = "BEING_CHECKED"
    SUSPECTED_FRAUD = "SUSPECTED_FRAUD"
    NOT_CHECKED = "NOT_CHECKED"


class CounterState(StrEnum):
    """Whether the counters of the risk score were complete when an attempt was scored."""

    COMPLETE = "COMPLETE"
    REBUILDING = "REBUILDING"
    LOST = "LOST"


REASONS_OF_STATE = {
    VoucherState.REDEEMED: RedemptionReason.ALREADY_REDEEMED,
    VoucherState.CANCELLED: RedemptionReason.CANCELLED,
    VoucherState.EXPIRED: RedemptionReason.EXPIRED,
}


class Voucher(Row, table=True):
    """An offer claimed by a user. `claim_number` counts the user's claims of it, from 1.

    `giver_id` is the user who claimed it and gave it away: the claim stays theirs, so that giving
    does not renew their limit. `holder_number` counts the vouchers of its holder, so that a user
    does not hold more than one may claim. `uses` counts its redemptions, reversed ones included.
    The signed token is stored so that an idempotent retry returns the same one. Its holder claimed
    it within about a kilometre of `claim_latitude` and `claim_longitude`.
    """

    __table_args__ = (
        Index(
            "voucher_claim_number_key",
            "offer_id",
            text("coalesce(giver_id, user_id)"),
            "claim_number",
            unique=True,
            postgresql_where=text("state <> 'CANCELLED'"),
        ),
        Index(
            "voucher_holder_number_key",
            "offer_id",
            "user_id",
            "holder_number",
            unique=True,
            postgresql_where=text("state <> 'CANCELLED'"),
        ),
        Index("voucher_user_id_idx", "user_id", "created_at", "id"),
        Index("voucher_offer_id_state_idx", "offer_id", "state"),
        CheckConstraint("claim_number BETWEEN 1 AND 20", name="claim_number"),
        CheckConstraint("holder_number BETWEEN 1 AND 20", name="holder_number"),
        CheckConstraint("giver_id <> user_id", name="giver"),
        CheckConstraint("uses >= 0", name="uses"),
        CheckConstraint(f"generation BETWEEN 1 AND {MAX_GENERATION}", name="generation"),
        CheckConstraint("(state = 'REDEEMED') = (redeemed_at IS NOT NULL)", name="redeemed_at"),
        CheckConstraint("(state = 'CANCELLED') = (cancelled_at IS NOT NULL)", name="cancelled_at"),
        CheckConstraint("held_at IS NULL OR state = 'CLAIMED'", name="held_at"),
        CheckConstraint("claim_latitude BETWEEN -90 AND 90", name="claim_latitude"),
        CheckConstraint("claim_longitude BETWEEN -180 AND 180", name="claim_longitude"),
        CheckConstraint(
            "num_nonnulls(claim_latitude, claim_longitude) <> 1", name="claim_location"
        ),
    )
    __privacy__ = blank_values(
        secrets="code token",
        personal="claim_latitude claim_longitude",
        id="giver_id",
        none="claim_number holder_number generation uses",
        blank={
            "code": "right(replace(id::text, '-', ''), 11)",
            "token": "''",
            "claim_latitude": "NULL",
            "claim_longitude": "NULL",
        },
    )

    offer_id: UUID = foreign_key("offer", index=False)
    vendor_id: UUID = foreign_key("vendor")
    user_id: UUID = foreign_key("user", index=False)
    giver_id: UUID | None = optional_foreign_key("user")
    claim_number: int
    holder_number: int
    code: str = Field(max_length=11, unique=True)
    token: str
    generation: int = 1
    uses: int = 0
    state: VoucherState = enum_column(VoucherState, default=VoucherState.CLAIMED)
    starts_at: datetime = timestamp()
    expires_at: datetime = timestamp()
    redeemed_at: datetime | None = timestamp(default=None)
    cancelled_at: datetime | None = timestamp(default=None)
    held_at: datetime | None = timestamp(default=None)
    claim_latitude: float | None = Field(default=None, sa_column_kwargs={"info": UNREAD})
    claim_longitude: float | None = Field(default=None, sa_column_kwargs={"info": UNREAD})

    @property
    def is_held(self) -> bool:
        """Return whether an attempt to redeem the voucher is being checked."""
        return self.held_at is not None

    @property
    def was_given(self) -> bool:
        return self.giver_id is not None

    def redemption_result(
        self, vendor: Vendor, *, holder_suspended: bool = False
    ) -> RedemptionReason:
        """Return the result of redeeming this voucher at a vendor now."""
        if self.vendor_id != vendor.id:
            return RedemptionReason.OTHER_VENDOR
        if self.state in REASONS_OF_STATE or self.is_held:
            return REASONS_OF_STATE.get(self.state, RedemptionReason.BEING_CHECKED)
        if self.expires_at <= now():
            return RedemptionReason.EXPIRED
        if vendor.suspended:
            return RedemptionReason.VENDOR_SUSPENDED
        if holder_suspended:
            return RedemptionReason.USER_SUSPENDED
        return RedemptionReason.NOT_YET if self.starts_at > now() else RedemptionReason.APPROVED

    def ensure_cancellable(self) -> None:
        if self.held_at is not None:
            raise VoucherNotCancellable("A voucher that is being checked cannot be cancelled.")
        if self.state is not VoucherState.CLAIMED:
            raise VoucherNotCancellable(
                "A voucher that is {state} cannot be cancelled.", state=self.state
            )

    def ensure_usable(self, moment: datetime) -> None:
        """Raise `VoucherNotUsable` unless the voucher can still be redeemed at a vendor."""
        over = self.state is not VoucherState.CLAIMED or self.expires_at <= moment
        if over or self.is_held:
            raise VoucherNotUsable

    def renew(self, code: str, token: str) -> None:
        """Give the voucher new codes: those of its former generations are refused.

        The token is that of the next generation. Raises `TooManyReissues`.
        """
        if self.generation >= MAX_GENERATION:
            raise TooManyReissues
        self.generation += 1
        self.code, self.token = code, token

    def take_back_redemption(self, moment: datetime) -> None:
        """Make a redeemed voucher usable again, or cancel it if its time is over."""
        self.redeemed_at = None
        if self.expires_at > moment:
            self.state = VoucherState.CLAIMED
        else:
            self.state, self.cancelled_at = VoucherState.CANCELLED, moment


class Redemption(Row, table=True):
    """A redemption attempt, stored even if refused. `voucher_id` is None if unknown.

    `typed` attempts had a code instead of a QR code's token. Those without a network have the time
    by the scanner's clock, `scanned_at`, and by the server's, `moment`. `scan_id` is the scanner's.
    """

    __table_args__ = (
        Index(
            "redemption_approved_key",
            "voucher_id",
            unique=True,
            postgresql_where=text("outcome = 'APPROVED' AND reversed_at IS NULL"),
        ),
        Index("redemption_scan_id_key", "scanner_id", "scan_id", unique=True),
        CheckConstraint("scan_id IS NULL OR scanner_id IS NOT NULL", name="scan_id"),
        CheckConstraint(
            "(mode = 'OFFLINE') = (scan_id IS NOT NULL"
            " AND num_nonnulls(seq, scanned_at, moment, shown) = 4)"
            " AND (mode = 'OFFLINE' OR num_nonnulls(seq, scanned_at, moment, shown) = 0)",
            name="mode_fits",
        ),
        Index(
            "redemption_held_key",
            "voucher_id",
            unique=True,
            postgresql_where=text("outcome = 'HELD'"),
        ),
        Index("redemption_vendor_id_idx", "vendor_id", "created_at", "id"),
        Index("redemption_scanner_id_idx", "scanner_id", "created_at", "id"),
        Index("redemption_voucher_id_idx", "voucher_id", "created_at", "id"),
        one_line_constraint("device_id"),
        one_line_constraint("reverse_reason"),
        CheckConstraint(
            "num_nonnulls(reversed_at, reversed_by_id, reverse_reason) IN (0, 3)", name="reversed"
        ),
        CheckConstraint("reversed_at IS NULL OR outcome = 'APPROVED'", name="reversed_of_approved"),
        CheckConstraint("(outcome = 'APPROVED') = (reason = 'APPROVED')", name="reason_fits"),
        CheckConstraint(
            "(outcome = 'BLOCKED') = (reason = 'SUSPECTED_FRAUD')"
            " AND (outcome <> 'HELD' OR reason = 'BEING_CHECKED')"
            " AND (reason <> 'BEING_CHECKED' OR outcome IN ('HELD', 'REFUSED'))",
            name="checked",
        ),
        CheckConstraint("score BETWEEN 0 AND 100", name="score"),
        CheckConstraint("advised IN ('APPROVED', 'HELD', 'BLOCKED')", name="advised"),
        CheckConstraint(
            "(score IS NULL) = (advised IS NULL) AND (score IS NULL) = (counters IS NULL)"
            " AND (score IS NULL) = (measures IS NULL)",
            name="scored",
        ),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
    )
    __privacy__ = blank_values(
        of="member_id voucher_id",
        id="reversed_by_id scan_id",
        none="reverse_reason seq generation clock_wrong score",
        personal="latitude longitude device_id",
        secrets="measures",
        blank={
            "measures": "CASE WHEN measures IS NULL THEN NULL ELSE '{}'::jsonb END",
            "latitude": "round(latitude::numeric, 1)::float8",
            "longitude": "round(longitude::numeric, 1)::float8",
        },
    )

    vendor_id: UUID = foreign_key("vendor", index=False)
    member_id: UUID = foreign_key("user")
    voucher_id: UUID | None = optional_foreign_key("voucher", index=False)
    outcome: RedemptionOutcome = enum_column(RedemptionOutcome)
    reason: RedemptionReason = enum_column(RedemptionReason)
    latitude: float | None = None
    longitude: float | None = None
    device_id: DeviceId | None = Field(default=None, max_length=100)
    scanner_id: UUID | None = optional_foreign_key("scanner", index=False)
    typed: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    score: int | None = None
    advised: RedemptionOutcome | None = open_enum_column(
        RedemptionOutcome, default=None, nullable=True
    )
    counters: CounterState | None = enum_column(CounterState, default=None, nullable=True)
    scored_by_id: UUID | None = optional_foreign_key("fraud_settings")
    measures: dict[str, float] | None = json(default=None, sa_column_kwargs={"info": UNREAD})

    mode: ScanMode = enum_column(
        ScanMode, default=ScanMode.ONLINE, sa_column_kwargs={"server_default": "ONLINE"}
    )
    scan_id: UUID | None = None
    seq: int | None = None
    generation: int | None = None
    scanned_at: datetime | None = timestamp(default=None)
    moment: datetime | None = timestamp(default=None)
    shown: ScanLight | None = enum_column(ScanLight, default=None)
    clock_wrong: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    reversed_at: datetime | None = timestamp(default=None)
    reversed_by_id: UUID | None = optional_foreign_key("user")
    reverse_reason: ReasonText | None = Field(default=None, max_length=MAX_REASON_LENGTH)

    @property
    def is_reversed(self) -> bool:
        return self.reversed_at is not None

    def ensure_reversible(self, moment: datetime) -> None:
        """Raise `NotReversible`: only what was redeemed in the last 30 days can be, and once."""
        if self.outcome is not RedemptionOutcome.APPROVED:
            raise NotReversible("Nothing was redeemed by this attempt, so nothing is taken back.")
        if self.is_reversed:
            raise NotReversible("This redemption was reversed already.")
        if self.created_at < moment - timedelta(days=REVERSAL_DAYS):
            raise NotReversible(
                "A redemption can be reversed for {days} days. This one is older.",
                days=REVERSAL_DAYS,
            )

    @property
    def reason_at_till(self) -> RedemptionReason:
        """Return the reason as the till may know it.

        A code is short enough to guess, so a till must not learn that one exists elsewhere.
        """
        guessed = self.typed and self.reason is RedemptionReason.OTHER_VENDOR
        return RedemptionReason.UNKNOWN if guessed else self.reason

    @property
    def guessed_voucher_id(self) -> UUID | None:
        """Return the voucher whose reason the till must not learn."""
        return None if self.reason_at_till is self.reason else self.voucher_id

    @property
    def redeemed_at(self) -> datetime | None:
        return self.attempted_at if self.outcome is RedemptionOutcome.APPROVED else None

    @property
    def attempted_at(self) -> datetime:
        return self.moment or self.created_at

    @property
    def handed_over(self) -> bool:
        """Return whether the scanner showed that the voucher is valid, and no one took it back."""
        if self.is_reversed:
            return False
        if self.mode is ScanMode.OFFLINE:
            return self.shown is ScanLight.GREEN
        return self.outcome in {RedemptionOutcome.APPROVED, RedemptionOutcome.DOUBLE}


class VoucherNotUsable(Refusal):
    message = "This voucher is redeemed, cancelled, expired or being checked."
    meaning = "The voucher is not CLAIMED, is being checked, or has expired, so it stays as it is."
    remedy = "Refetch the voucher's `state`."


class TooManyReissues(Refusal):
    message = "This voucher got new codes too often. Cancel it, and claim another one."
    meaning = "The voucher has the maximum number of generations."
    remedy = "Offer `cancelVoucher`."


class ScanIdUsed(Refusal):
    message = "This scan was sent before. Scan the voucher again."
    meaning = "The scanner used this `scanId` for another attempt."
    remedy = "Give each scan a new `scanId`. Repeat a call with the same idempotency key."
    constraint = "redemption_scan_id_key"


class NotReversible(Refusal):
    message = "This redemption cannot be reversed."
    meaning = "The attempt redeemed nothing, is reversed already, or is older than 30 days."
    remedy = "Show `message`. Refetch `outcome` and `reversedAt` of the redemption."


class VoucherNotCancellable(Refusal):
    message = "This voucher cannot be cancelled."
    meaning = "The voucher is already redeemed, expired or cancelled."
    remedy = "Refetch the voucher's `state`."
