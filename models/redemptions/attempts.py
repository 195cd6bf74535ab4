"""Attempts to redeem vouchers."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, false, text
from sqlmodel import Field

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
from models.events.check_in.scans import ScanLight, ScanMode
from models.offers.rules import MAX_USES, OfferRuleKind, RuleResult
from models.personal_data import blank_values
from models.redemptions.refusals import (
    NotReversible,
)
from models.redemptions.states import (
    CounterState,
    OfflineBreach,
    RedemptionOutcome,
    RedemptionReason,
)
from models.text import OneLine, one_line_constraint

REVERSAL_DAYS = 30
MAX_REASON_LENGTH = 300
ReasonText = Annotated[str, OneLine(MAX_REASON_LENGTH, min_length=3)]
# Not a `Name`: it can be a host name, and appears in no mail.
DeviceId = Annotated[str, OneLine(100, min_length=0)]


class Redemption(Row, table=True):
    """A redemption attempt, stored even if refused. `voucher_id` is None if unknown.

    `typed` attempts had a code instead of a QR code's token. `use_no` numbers the uses of a voucher
    that stand, and `amount_minor` is what one takes from its balance or from the bill. `rule_facts`
    are what the failed rule needs and what was given. Those without a network have the time
    by the scanner's clock, `scanned_at`, and by the server's, `moment`. `scan_id` is the scanner's,
    `step` that of the rotating code, and `token_hash` that of the QR code, which a retry repeats.
    `bundle_at` is when the bundle was issued by which the scanner accepted the voucher, and
    `breach` the limit of it that the scanner has passed.
    """

    __table_args__ = (
        Index(
            "redemption_approved_key",
            "voucher_id",
            "use_no",
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
        CheckConstraint(f"use_no BETWEEN 1 AND {MAX_USES}", name="use_no"),
        CheckConstraint("amount_minor >= 0", name="amount"),
        CheckConstraint(
            "(reason <> 'RULE_FAILED' OR failed_rule IS NOT NULL)"
            " AND (failed_rule IS NULL) = (rule_facts IS NULL)",
            name="failed_rule",
        ),
        CheckConstraint("score BETWEEN 0 AND 100", name="score"),
        CheckConstraint(
            "(bundle_at IS NULL OR mode = 'OFFLINE')"
            " AND (breach IS NULL OR shown IS NOT DISTINCT FROM 'GREEN')",
            name="breach",
        ),
        Index(
            "redemption_bundle_at_idx",
            "scanner_id",
            "bundle_at",
            postgresql_where=text("shown = 'GREEN'"),
        ),
        Index("redemption_seq_idx", "scanner_id", "seq", postgresql_where=text("seq IS NOT NULL")),
        CheckConstraint("step >= 0", name="step"),
        CheckConstraint("octet_length(token_hash) = 32", name="token_hash"),
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
        none="reverse_reason seq generation step clock_wrong score use_no amount_minor rule_facts",
        personal="latitude longitude device_id",
        secrets="measures token_hash",
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
    bill_id: UUID | None = optional_foreign_key("bill")
    use_no: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    amount_minor: int | None = Field(default=None, sa_type=BigInteger)
    failed_rule: OfferRuleKind | None = open_enum_column(OfferRuleKind, default=None, nullable=True)
    rule_facts: dict[str, str | None] | None = json(default=None)
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
    step: int | None = None
    token_hash: bytes | None = None
    scanned_at: datetime | None = timestamp(default=None)
    moment: datetime | None = timestamp(default=None)
    shown: ScanLight | None = enum_column(ScanLight, default=None)
    clock_wrong: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    bundle_at: datetime | None = timestamp(default=None)
    breach: OfflineBreach | None = enum_column(OfflineBreach, default=None, nullable=True)
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
    def failure(self) -> RuleResult | None:
        """Return the rule that refused the attempt, if one did."""
        if self.reason is not RedemptionReason.RULE_FAILED or self.failed_rule is None:
            return None
        facts = self.rule_facts or {}
        return RuleResult(self.failed_rule, False, facts.get("needed") or "", facts.get("given"))

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
