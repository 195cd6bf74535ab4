"""Subscriptions to packs: one purchase for each period, charged by a mandate."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, false, text
from sqlmodel import Field

from models.base import (
    Row,
    enum_column,
    foreign_key,
    open_enum_column,
    optional_foreign_key,
    timestamp,
)
from models.errors import Refusal
from models.packs.packs import MAX_PRICE, QuotaUnit
from models.payments.payments import PaymentProvider
from models.personal_data import keep_rows, of_others
from models.pricing.amounts import BPS, half_up, share

RETRY_DAYS = (1, 3, 5, 7)  # after the start of a period that was not paid
GRACE = timedelta(days=8)  # then the subscription ends
UPGRADE_TIME = timedelta(days=1)  # for the bank: the price of an upgrade is of the day it is chosen
NOTICE_TIME = timedelta(hours=24)  # before a debit in India, by its central bank's rules for them
NOTICE_AHEAD = timedelta(hours=48)


class PackSubscriptionState(StrEnum):
    """`ACTIVE ⇄ PAST_DUE → CANCELLED`. A PAST_DUE one has a period that is not paid."""

    ACTIVE = "ACTIVE"
    PAST_DUE = "PAST_DUE"
    CANCELLED = "CANCELLED"


class PeriodKind(StrEnum):
    """The reason of a period: the clock, or a larger pack that the vendor chose."""

    RENEWAL = "RENEWAL"
    UPGRADE = "UPGRADE"


class PackSubscription(Row, table=True):
    """A pack that a vendor buys for each period, at the price at which it was agreed.

    `user_id` is the member whose method pays, `net` the price without tax. The next period begins
    at `renews_at`, with `next_pack_id` if a smaller pack was chosen.
    """

    __tablename__ = "pack_subscription"
    __table_args__ = (
        CheckConstraint(f"net BETWEEN 1 AND {MAX_PRICE}", name="net"),
        CheckConstraint(f"tax_bps BETWEEN 0 AND {BPS}", name="tax_bps"),
        CheckConstraint(
            "num_nonnulls(next_pack_id, next_net, next_tax_bps) IN (0, 3)", name="next_pack_id"
        ),
        CheckConstraint("period_days > 0", name="period_days"),
        CheckConstraint(f"failures BETWEEN 0 AND {len(RETRY_DAYS) + 1}", name="failures"),
        CheckConstraint("(state = 'CANCELLED') = (ended_at IS NOT NULL)", name="ended_at"),
        CheckConstraint("retry_at IS NULL OR state = 'PAST_DUE'", name="retry_at"),
        CheckConstraint("(provider = 'WALLET') = (method_id IS NULL)", name="method_id"),
        Index(
            "pack_subscription_open_key",
            "vendor_id",
            "unit",
            unique=True,
            postgresql_where=text("state <> 'CANCELLED'"),
        ),
        Index("pack_subscription_vendor_id_idx", "vendor_id", "created_at", "id"),
        Index(
            "pack_subscription_renews_at_idx",
            "renews_at",
            postgresql_where=text("state = 'ACTIVE'"),
        ),
        Index(
            "pack_subscription_retry_at_idx",
            "retry_at",
            postgresql_where=text("retry_at IS NOT NULL"),
        ),
    )
    __privacy__ = keep_rows(
        none="period_days currency net tax_bps next_net next_tax_bps failures",
    )

    vendor_id: UUID = foreign_key("vendor", index=False)
    user_id: UUID = foreign_key("user")
    pack_id: UUID = foreign_key("pack")
    unit: QuotaUnit = open_enum_column(QuotaUnit)
    period_days: int
    currency: str = Field(max_length=3)
    net: int = Field(sa_type=BigInteger)
    tax_bps: int = 0
    next_pack_id: UUID | None = optional_foreign_key("pack")
    next_net: int | None = Field(default=None, sa_type=BigInteger)
    next_tax_bps: int | None = None
    provider: PaymentProvider = open_enum_column(PaymentProvider)
    method_id: UUID | None = optional_foreign_key("payment_method")
    state: PackSubscriptionState = enum_column(
        PackSubscriptionState, default=PackSubscriptionState.ACTIVE
    )
    renews_at: datetime = timestamp()
    announced_at: datetime | None = timestamp(default=None)
    failures: int = 0
    retry_at: datetime | None = timestamp(default=None)
    ends_with_period: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    ended_at: datetime | None = timestamp(default=None)

    @property
    def period(self) -> timedelta:
        return timedelta(days=self.period_days)

    @property
    def next_total(self) -> int:
        """Return what the next period costs, with tax."""
        net = self.net if self.next_net is None else self.next_net
        return net + share(net, self.tax_bps if self.next_tax_bps is None else self.next_tax_bps)

    @property
    def is_open(self) -> bool:
        return self.state is not PackSubscriptionState.CANCELLED

    def ensure_open(self) -> None:
        if not self.is_open:
            raise PackSubscriptionEnded

    def end(self, moment: datetime) -> None:
        self.state, self.ended_at = PackSubscriptionState.CANCELLED, moment
        self.retry_at = None

    def is_due(self, moment: datetime) -> bool:
        return self.state is PackSubscriptionState.ACTIVE and self.renews_at <= moment

    def is_announced(self, moment: datetime) -> bool:
        """Return whether the next debit was announced long enough before."""
        return self.announced_at is not None and self.announced_at <= moment - NOTICE_TIME

    def use_next_terms(self) -> None:
        """Change to the smaller pack, if one was chosen."""
        if self.next_pack_id and self.next_net is not None and self.next_tax_bps is not None:
            self.pack_id, self.net, self.tax_bps = (
                self.next_pack_id,
                self.next_net,
                self.next_tax_bps,
            )
        self.next_pack_id = self.next_net = self.next_tax_bps = None

    def note_failure(self, starts_at: datetime) -> bool:
        """Count a charge that failed. Returns whether another one follows."""
        self.state = PackSubscriptionState.PAST_DUE
        self.failures += 1
        if self.failures > len(RETRY_DAYS):
            return False
        self.retry_at = starts_at + timedelta(days=RETRY_DAYS[self.failures - 1])
        return True

    def note_payment(self) -> None:
        if self.state is PackSubscriptionState.PAST_DUE:
            self.state = PackSubscriptionState.ACTIVE
        self.failures, self.retry_at = 0, None


class PackPeriod(Row, table=True):
    """A period of a subscription, with the one purchase that pays it.

    `net` is the price of its pack without tax. `credit` is the value of the unused days of the
    period that an UPGRADE ends early, by which the purchase costs less.
    """

    __tablename__ = "pack_period"
    __table_args__ = (
        UniqueConstraint("pack_subscription_id", "starts_at"),
        CheckConstraint("starts_at < ends_at", name="ends_at"),
        CheckConstraint(
            "credit >= 0 AND credit < net AND (credit = 0 OR kind = 'UPGRADE')", name="credit"
        ),
        CheckConstraint(f"tax_bps BETWEEN 0 AND {BPS}", name="tax_bps"),
        Index("pack_period_purchase_id_key", "purchase_id", unique=True),
    )
    __privacy__ = of_others(none="net tax_bps credit")

    pack_subscription_id: UUID = foreign_key("pack_subscription", index=False)
    starts_at: datetime = timestamp()
    ends_at: datetime = timestamp()
    kind: PeriodKind = enum_column(PeriodKind, default=PeriodKind.RENEWAL)
    purchase_id: UUID = foreign_key("purchase", index=False)
    net: int = Field(sa_type=BigInteger)
    tax_bps: int = 0
    credit: int = Field(default=0, sa_type=BigInteger)

    def credit_left(self, moment: datetime) -> int:
        """Return the value of its whole days that are left, without tax, rounded half up."""
        whole = (self.ends_at - self.starts_at).days
        days = min(max(0, (self.ends_at - moment).days), whole)
        return half_up(self.net * days, whole) if whole else 0


class PackSubscriptionEnded(Refusal):
    message = "This pack no longer renews. Start it again."
    meaning = "The subscription is CANCELLED."
    remedy = "Refetch the subscription, and offer `subscribeToPack`."


class AlreadySubscribed(Refusal):
    message = "The vendor has a pack of this kind that renews. Change it instead."
    meaning = "The vendor has a subscription with this unit that has not ended."
    remedy = "Offer `changePackSubscription`."
    constraint = "pack_subscription_open_key"


class PackNotComparable(Refusal):
    message = "A pack can be changed to one of the same kind and length. Choose another one."
    meaning = "The pack has another unit or another number of days."
    remedy = "Offer packs of the same `unit` and `periodDays`."


class PackPastDue(Refusal):
    message = "The present period is not paid yet. Pay it first."
    meaning = "The subscription is PAST_DUE, or a payment of it is on its way."
    remedy = "Show the open purchase of the subscription."
