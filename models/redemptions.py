"""Vouchers and attempts to redeem them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, StringConstraints, field_validator
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, Index, false, text
from sqlmodel import Field

from core.clock import now
from core.security.codes import SEPARATORS, strip_noise
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
from models.errors import InvalidValue, Refusal
from models.personal_data import blank_values
from models.text import OneLine, one_line_constraint
from models.vendors import Vendor

# Not a `Name`: it can be a host name, and appears in no mail.
DeviceId = Annotated[str, OneLine(100, min_length=0)]


class VoucherState(StrEnum):
    """`CLAIMED → REDEEMED / EXPIRED / CANCELLED`."""

    CLAIMED = "CLAIMED"
    REDEEMED = "REDEEMED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"


class RedemptionOutcome(StrEnum):
    APPROVED = "APPROVED"
    HELD = "HELD"
    BLOCKED = "BLOCKED"
    REFUSED = "REFUSED"


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

    The signed token is stored so that an idempotent retry returns the same one.
    """

    __table_args__ = (
        Index(
            "voucher_claim_number_key",
            "offer_id",
            "user_id",
            "claim_number",
            unique=True,
            postgresql_where=text("state <> 'CANCELLED'"),
        ),
        Index("voucher_user_id_idx", "user_id", "created_at", "id"),
        Index("voucher_offer_id_state_idx", "offer_id", "state"),
        CheckConstraint("claim_number BETWEEN 1 AND 20", name="claim_number"),
        CheckConstraint("(state = 'REDEEMED') = (redeemed_at IS NOT NULL)", name="redeemed_at"),
        CheckConstraint("(state = 'CANCELLED') = (cancelled_at IS NOT NULL)", name="cancelled_at"),
        CheckConstraint("held_at IS NULL OR state = 'CLAIMED'", name="held_at"),
    )
    __privacy__ = blank_values(
        secrets="code token",
        none="claim_number generation",
        blank={"code": "right(replace(id::text, '-', ''), 11)", "token": "''"},
    )

    offer_id: UUID = foreign_key("offer", index=False)
    vendor_id: UUID = foreign_key("vendor")
    user_id: UUID = foreign_key("user", index=False)
    claim_number: int
    code: str = Field(max_length=11, unique=True)
    token: str
    generation: int = 1
    state: VoucherState = enum_column(VoucherState, default=VoucherState.CLAIMED)
    starts_at: datetime = timestamp()
    expires_at: datetime = timestamp()
    redeemed_at: datetime | None = timestamp(default=None)
    cancelled_at: datetime | None = timestamp(default=None)
    held_at: datetime | None = timestamp(default=None)

    @property
    def is_held(self) -> bool:
        """Return whether an attempt to redeem the voucher is being checked."""
        return self.held_at is not None

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


class Redemption(Row, table=True):
    """A redemption attempt, stored even if refused. `voucher_id` is None if unknown.

    `typed` attempts had a code instead of a QR code's token.
    """

    __table_args__ = (
        Index(
            "redemption_approved_key",
            "voucher_id",
            unique=True,
            postgresql_where=text("outcome = 'APPROVED'"),
        ),
        Index(
            "redemption_held_key",
            "voucher_id",
            unique=True,
            postgresql_where=text("outcome = 'HELD'"),
        ),
        Index("redemption_vendor_id_idx", "vendor_id", "created_at", "id"),
        Index("redemption_voucher_id_idx", "voucher_id", "created_at", "id"),
        one_line_constraint("device_id"),
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
        personal="latitude longitude device_id",
        none="score",
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
    scanner_id: UUID | None = optional_foreign_key("scanner")
    typed: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    score: int | None = None
    advised: RedemptionOutcome | None = open_enum_column(
        RedemptionOutcome, default=None, nullable=True
    )
    counters: CounterState | None = enum_column(CounterState, default=None, nullable=True)
    scored_by_id: UUID | None = optional_foreign_key("fraud_settings")
    measures: dict[str, float] | None = json(default=None, sa_column_kwargs={"info": UNREAD})

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
        return self.created_at if self.outcome is RedemptionOutcome.APPROVED else None


def _not_blank(code: str) -> str:
    """Refuse a code of nothing but noise: an empty form is no attempt to redeem a voucher."""
    if not strip_noise(code, SEPARATORS):
        raise InvalidValue("Must not be empty.")
    return code


MAX_ACCURACY = 1_000_000  # metres


class GeoPoint(BaseModel, frozen=True):
    """A location in degrees north and east (WGS 84), and its accuracy in metres if it is known."""

    latitude: Annotated[float, Range(ge=-90, le=90)]
    longitude: Annotated[float, Range(ge=-180, le=180)]
    accuracy: Annotated[float, Range(ge=0, le=MAX_ACCURACY)] | None = None


ScannedToken = Annotated[
    str,
    StringConstraints(max_length=2_000),
    AfterValidator(strip_noise),
    StringConstraints(min_length=1),
]
MAX_CODE_LENGTH = 100
TypedCode = Annotated[
    str, StringConstraints(max_length=MAX_CODE_LENGTH), AfterValidator(_not_blank)
]


class RedemptionRequest(BaseModel, frozen=True):
    """Validated input of a redemption: the QR code's token, or the typed code."""

    token: ScannedToken | None = None
    code: TypedCode | None = None
    location: GeoPoint | None = None
    device_id: DeviceId | None = None

    @field_validator("device_id")
    @classmethod
    def omit_empty_device_id(cls, device_id: str | None) -> str | None:
        return device_id or None


class VoucherNotCancellable(Refusal):
    message = "This voucher cannot be cancelled."
    meaning = "The voucher is already redeemed, expired or cancelled."
    remedy = "Refetch the voucher's `state`."
