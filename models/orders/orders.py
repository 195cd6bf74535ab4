"""Orders and their sub-orders, with the money of each."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from core.clock import now
from models.base import Row, enum_column, foreign_key, open_enum_column, timestamp
from models.orders.returns import ReturnPeriodOver
from models.orders.states import OrderState, PaymentState, SubOrderState
from models.personal_data import of_others, retain_rows
from models.pricing.amounts import BPS
from models.pricing.deductions import Deductions
from models.sealed_columns import sealed

ORDER_NUMBER_LENGTH = 8  # symbols of Crockford's base 32, random: 40 bits
HOLD_MINUTES = 15
MORE_HOLD_MINUTES = 10  # once, while a bank decides about the payment
MONEY = "goods vendor_discount platform_discount shipping tax_added tax_included rounding total"
DEDUCTIONS = ("commission", "commission_tax", "tcs", "tds")
HAS_ADDRESSES = "num_nonnulls(ship_to, bill_to, buyer_tax_id) > 0"
ADDS_UP = (
    "total = goods - vendor_discount - platform_discount + shipping + tax_added"
    " AND least(goods, vendor_discount, platform_discount, shipping, tax_added, tax_included,"
    " total) >= 0"
)


def minor_units(**options: Any) -> Any:
    """Return a column of an amount of money."""
    return Field(sa_type=BigInteger, **options)


def deducted() -> Any:
    """Return a column of an amount that the platform keeps, nothing by default."""
    return minor_units(default=0, sa_column_kwargs={"server_default": "0"})


class Order(Row, table=True):
    """The purchase of a user, in one currency. The amounts are the sums of its sub-orders'.

    `shipping` is the price of the deliveries before discounts. `tax_added` is on top of the prices
    and `tax_included` in them. Nothing changes an amount after the order was placed, but `paid` and
    `refunded`. `hold_until` is the time until which its stock is reserved for the payment. The
    addresses are copies, sealed, and blank when the term of bookkeeping is over.
    """

    __table_args__ = (
        CheckConstraint("number ~ '^[0-9A-HJKMNP-TV-Z]{8}$'", name="number"),
        CheckConstraint(ADDS_UP, name="total"),
        CheckConstraint(
            "refunded BETWEEN 0 AND paid AND paid BETWEEN 0 AND total", name="refunded"
        ),
        CheckConstraint(
            "payment_state = CASE WHEN paid < total THEN 'UNPAID' WHEN refunded = 0 THEN 'PAID'"
            " WHEN refunded < total THEN 'PART_REFUNDED' ELSE 'REFUNDED' END",
            name="payment_state",
        ),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
        UniqueConstraint("number"),
        UniqueConstraint("checkout_id"),
        Index("order_user_id_idx", "user_id", "created_at", "id"),
        Index("order_created_at_idx", "created_at", "id"),
        Index("order_state_idx", "state", "created_at", "id"),
        Index("order_hold_until_idx", "hold_until", postgresql_where=text("state = 'PENDING'")),
        Index("order_ended_at_idx", "ended_at", postgresql_where=text(HAS_ADDRESSES)),
    )
    __privacy__ = retain_rows(personal="country", none=f"number currency paid refunded {MONEY}")

    number: str = Field(max_length=ORDER_NUMBER_LENGTH)
    user_id: UUID = foreign_key("user", index=False)
    checkout_id: UUID = foreign_key("checkout", index=False)
    state: OrderState = enum_column(OrderState, default=OrderState.PENDING)
    payment_state: PaymentState = open_enum_column(PaymentState, default=PaymentState.UNPAID)
    currency: str = Field(max_length=3)
    goods: int = minor_units()
    vendor_discount: int = minor_units(default=0)
    platform_discount: int = minor_units(default=0)
    shipping: int = minor_units(default=0)
    tax_added: int = minor_units(default=0)
    tax_included: int = minor_units(default=0)
    rounding: int = minor_units(default=0)
    total: int = minor_units()
    paid: int = minor_units(default=0)
    refunded: int = minor_units(default=0)
    country: str = Field(max_length=2)
    ship_to: bytes | None = sealed(optional=True)
    bill_to: bytes | None = sealed(optional=True)
    buyer_tax_id: bytes | None = sealed(optional=True)
    hold_until: datetime = timestamp()
    confirmed_at: datetime | None = timestamp(default=None)
    ended_at: datetime | None = timestamp(default=None)

    @property
    def discount(self) -> int:
        return self.vendor_discount + self.platform_discount

    @property
    def is_overdue(self) -> bool:
        """Return whether it was not paid in time, and does not know it yet."""
        return self.state is OrderState.PENDING and self.hold_until <= now()

    def extend_hold(self) -> bool:
        """Hold the units longer, once, for a bank that decides. Returns whether it was possible."""
        if self.hold_until > self.created_at + timedelta(minutes=HOLD_MINUTES):
            return False
        self.hold_until += timedelta(minutes=MORE_HOLD_MINUTES)
        return True

    def become(self, state: OrderState) -> None:
        """Change the state. Raises `InvalidOrderState`."""
        self.state.ensure_can_become(state)
        self.state = state
        self.ended_at = now() if state.is_final else None

    def count_paid(self, amount: int) -> None:
        """Count money that came in."""
        self.paid += amount
        self._set_payment_state()

    def count_refunded(self, amount: int) -> None:
        """Count money that was granted back."""
        self.refunded += amount
        self._set_payment_state()

    def _set_payment_state(self) -> None:
        if self.paid < self.total:
            self.payment_state = PaymentState.UNPAID
        elif not self.refunded:
            self.payment_state = PaymentState.PAID
        else:
            whole = self.refunded >= self.total
            self.payment_state = PaymentState.REFUNDED if whole else PaymentState.PART_REFUNDED


class SubOrder(Row, table=True):
    """One vendor's part of an order. Its members see it, and nothing of the other parts.

    What the platform keeps is fixed when the order is placed: `commission_bps` of the goods without
    tax, the tax on that, TCS and TDS. The vendor gets `vendor_net`, with what the platform pays for
    its own discounts.

    Without `confirmed_at`, the order was not paid, and its members do not see it either.
    `rate_name` and the days are of the delivery that was chosen, None for goods without delivery.
    """

    __tablename__ = "suborder"
    __table_args__ = (
        CheckConstraint(ADDS_UP, name="total"),
        CheckConstraint("refunded BETWEEN 0 AND total", name="refunded"),
        CheckConstraint(
            f"vendor_net = total + platform_discount - {' - '.join(DEDUCTIONS)}", name="vendor_net"
        ),
        CheckConstraint(f"least({', '.join(DEDUCTIONS)}) >= 0", name="deductions"),
        CheckConstraint(f"commission_bps BETWEEN 0 AND {BPS}", name="commission_bps"),
        CheckConstraint("position BETWEEN 0 AND 99", name="position"),
        CheckConstraint("min_days BETWEEN 0 AND max_days", name="days"),
        UniqueConstraint("order_id", "vendor_id"),
        UniqueConstraint("order_id", "position"),
        Index("suborder_vendor_id_idx", "vendor_id", "created_at", "id"),
        Index("suborder_vendor_state_idx", "vendor_id", "state", "created_at", "id"),
        Index("suborder_created_at_idx", "created_at", "id"),
        Index(
            "suborder_release_at_idx",
            "release_at",
            postgresql_where=text("state = 'DELIVERED'"),
        ),
        Index(
            "suborder_ended_at_idx",
            "ended_at",
            postgresql_where=text("state IN ('RELEASED', 'RETURNED', 'CANCELLED')"),
        ),
    )
    __privacy__ = of_others(
        none="position refunded rate_name min_days max_days commission_bps vendor_net"
        f" {' '.join(DEDUCTIONS)} {MONEY}"
    )

    order_id: UUID = foreign_key("order", index=False)
    vendor_id: UUID = foreign_key("vendor", index=False)
    position: int
    state: SubOrderState = enum_column(SubOrderState, default=SubOrderState.PENDING)
    goods: int = minor_units()
    vendor_discount: int = minor_units(default=0)
    platform_discount: int = minor_units(default=0)
    shipping: int = minor_units(default=0)
    tax_added: int = minor_units(default=0)
    tax_included: int = minor_units(default=0)
    rounding: int = minor_units(default=0)
    total: int = minor_units()
    refunded: int = minor_units(default=0)
    commission_bps: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    commission: int = deducted()
    commission_tax: int = deducted()
    tcs: int = deducted()
    tds: int = deducted()
    vendor_net: int = minor_units()
    rate_name: str | None = Field(default=None, max_length=60)
    is_pickup: bool = False
    min_days: int | None = None
    max_days: int | None = None
    confirmed_at: datetime | None = timestamp(default=None)
    accepted_at: datetime | None = timestamp(default=None)
    delivered_at: datetime | None = timestamp(default=None)
    release_at: datetime | None = timestamp(default=None)
    ended_at: datetime | None = timestamp(default=None)

    @property
    def discount(self) -> int:
        return self.vendor_discount + self.platform_discount

    @property
    def deductions(self) -> Deductions:
        return Deductions(self.commission, self.commission_tax, self.tcs, self.tds)

    def become(self, state: SubOrderState) -> None:
        """Change the state. Raises `InvalidOrderState`."""
        self.state.ensure_can_become(state)
        self.state = state
        if state is SubOrderState.CONFIRMED:
            self.confirmed_at = now()
        self.ended_at = now() if state.is_final else None

    def accept(self) -> None:
        self.become(SubOrderState.PREPARING)
        self.accepted_at = now()

    def deliver(self, return_days: int) -> None:
        """Note the delivery. So many days from now it can be returned."""
        self.become(SubOrderState.DELIVERED)
        self.delivered_at = now()
        self.release_at = self.delivered_at + timedelta(days=return_days)

    def ensure_returnable(self) -> None:
        """Raise a refusal unless units that were shipped can be returned now."""
        if self.state is SubOrderState.SHIPPED:
            return
        if self.state is SubOrderState.DELIVERED and self.release_at and now() < self.release_at:
            return
        if self.state in {SubOrderState.DELIVERED, SubOrderState.RELEASED}:
            raise ReturnPeriodOver
        self.state.ensure_can_become(SubOrderState.RETURNED)

    @property
    def can_be_cancelled(self) -> bool:
        return self.state in {SubOrderState.CONFIRMED, SubOrderState.PREPARING}
