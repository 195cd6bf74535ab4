"""Lines of sub-orders, with their taxes and discounts as they were when the order was placed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.ids import global_id
from models.base import (
    APPEND_ONLY,
    LONG,
    Row,
    enum_column,
    foreign_key,
    json,
    localized,
    open_enum_column,
    optional_foreign_key,
)
from models.catalog.variants import MAX_SKU_LENGTH
from models.errors import Refusal
from models.orders.orders import DEDUCTIONS, deducted, minor_units
from models.personal_data import of_others
from models.pricing.amounts import half_up, part
from models.pricing.deductions import Deductions
from models.pricing.discounts import FundedBy
from models.pricing.taxes import TaxComponent

MAX_LINES = 100  # of an order


class LineKind(StrEnum):
    """The kind of thing that a line is of. Each is priced, taken and released by its own domain."""

    GOODS = "GOODS"
    TICKET = "TICKET"
    BOOKING = "BOOKING"


# Things that are had at the vendor's place. Their domains cancel them.
ON_SITE = frozenset({LineKind.TICKET, LineKind.BOOKING})


@dataclass(frozen=True)
class OrderedOption:
    """An option with the chosen value, each in several languages."""

    name: Mapping[str, str]
    value: Mapping[str, str]
    locale: str

    def text(self, locale: str) -> str:
        """Return it in a language, such as "Size: Large"."""
        name, value = (
            localized(dict(texts), [locale], self.locale) for texts in (self.name, self.value)
        )
        return f"{name}: {value}"


def describe_options(options: Sequence[Mapping[str, Any]], locale: str) -> list[OrderedOption]:
    """Return the options of a line as its column has them."""
    return [OrderedOption(option["name"], option["value"]["name"], locale) for option in options]


class OrderLine(Row, table=True):
    """So many units of one thing. `ref_id` is the id of a variant, of the line of a
    hold, or of a booking.

    The amounts, title, SKU and options are those of the moment of the order: a trigger refuses to
    change them. `shipping` is the line's share of the delivery after the vendor's discount on it,
    `taxable`, `tax` and `rounding` that of its tax group, and `commission`, `commission_tax`, `tcs`
    and `tds` that of what the platform keeps. The four counters are of units.
    """

    __tablename__ = "order_line"
    __table_args__ = (
        CheckConstraint("quantity >= 1 AND goods = unit * quantity AND unit >= 0", name="goods"),
        CheckConstraint(
            "vendor_discount BETWEEN 0 AND goods AND shipping >= 0 AND platform_discount >= 0"
            " AND tax >= 0 AND tax_added IN (0, tax) AND total >= 0",
            name="amounts",
        ),
        CheckConstraint(
            "total = goods - vendor_discount - platform_discount + shipping + tax_added",
            name="total",
        ),
        CheckConstraint(
            "taxable + tax + rounding = goods - vendor_discount + shipping + tax_added",
            name="taxable",
        ),
        CheckConstraint(
            "least(cancelled, shipped, refunded, returned) >= 0"
            " AND shipped + cancelled <= quantity AND returned <= shipped"
            " AND refunded <= quantity",
            name="counters",
        ),
        CheckConstraint(f"least({', '.join(DEDUCTIONS)}) >= 0", name="deductions"),
        CheckConstraint("position BETWEEN 0 AND 99", name="position"),
        CheckConstraint("weight_g >= 0", name="weight_g"),
        UniqueConstraint("suborder_id", "position"),
        Index("order_line_ref_id_idx", "ref_id", "kind"),
    )
    __privacy__ = of_others(
        id="ref_id",
        none=(
            "position locale title options sku hsn_code weight_g quantity unit goods"
            " vendor_discount platform_discount shipping taxable tax tax_added rounding total"
            f" cancelled shipped refunded returned {' '.join(DEDUCTIONS)}"
        ),
    )

    suborder_id: UUID = foreign_key("suborder", index=False)
    position: int
    kind: LineKind = open_enum_column(LineKind)
    ref_id: UUID
    locale: str = Field(max_length=16)
    title: dict[str, str] = json()
    options: list[dict[str, Any]] = json(default_factory=list, sa_column_kwargs={"info": LONG})
    sku: str | None = Field(default=None, max_length=MAX_SKU_LENGTH)
    hsn_code: str | None = Field(default=None, max_length=8)
    weight_g: int | None = None  # of one unit
    quantity: int
    unit: int = minor_units()
    goods: int = minor_units()
    vendor_discount: int = minor_units(default=0)
    platform_discount: int = minor_units(default=0)
    shipping: int = minor_units(default=0)
    taxable: int = minor_units()
    tax: int = minor_units(default=0)
    tax_added: int = minor_units(default=0)
    rounding: int = minor_units(default=0)
    total: int = minor_units()
    commission: int = deducted()
    commission_tax: int = deducted()
    tcs: int = deducted()
    tds: int = deducted()
    cancelled: int = 0
    shipped: int = 0
    refunded: int = 0
    returned: int = 0

    @property
    def discount(self) -> int:
        return self.vendor_discount + self.platform_discount

    def with_tax(self, amount: int) -> int:
        """Return an amount of its price with the taxes that come on top, in minor units."""
        taxed = self.goods - self.vendor_discount + self.shipping
        return amount + half_up(amount * self.tax_added, taxed) if taxed else amount

    @property
    def chosen(self) -> list[OrderedOption]:
        return describe_options(self.options, self.locale)

    def detail(self, locale: str) -> str:
        """Return the chosen options and the SKU, for documents."""
        options = (one.text(locale) for one in self.chosen)
        return " · ".join([*options, *filter(None, [self.sku])])

    @property
    def is_digital(self) -> bool:
        """Return whether it is of files or keys. Delivered goods always have a weight."""
        return self.kind is LineKind.GOODS and self.weight_g is None

    @property
    def is_on_site(self) -> bool:
        """Return whether it takes effect at the vendor's place, so that nothing is delivered."""
        return self.kind in ON_SITE

    @property
    def was_given_up(self) -> bool:
        """Return whether the buyer has received nothing of it, and has paid nothing for it."""
        return (self.refunded if self.is_on_site else self.cancelled) == self.quantity

    @property
    def open_units(self) -> int:
        """Return the units that are still to be shipped."""
        return self.quantity - self.cancelled - self.shipped

    @property
    def kept_units(self) -> int:
        """Return the shipped units that are not refunded. Cancelled ones always are."""
        return self.shipped + self.cancelled - self.refunded

    @property
    def delivery(self) -> int:
        """Return the share of the total that is for the delivery, with the tax added to it."""
        return min(self.total, self.shipping + self._of_shipping(self.tax_added))

    @property
    def delivery_tax(self) -> int:
        """Return the tax in the share of the delivery."""
        return min(self.delivery, self._of_shipping(self.tax))

    def _of_shipping(self, amount: int) -> int:
        """Return the share of an amount that is for the delivery."""
        whole = self.goods - self.vendor_discount + self.shipping
        return part(amount, whole, 0, self.shipping) if whole else 0

    def amount_of(self, start: int, stop: int, *, delivery: bool = True) -> int:
        """Return what the customer pays for the units from `start` to `stop`.

        Without the `delivery`, their share of it is left out.
        """
        amount = part(self.total, self.quantity, start, stop)
        return amount if delivery else amount - self.delivery_of(start, stop)

    def delivery_of(self, start: int, stop: int) -> int:
        """Return the share of units in the delivery."""
        return part(self.delivery, self.quantity, start, stop)

    def tax_of(self, start: int, stop: int, *, delivery: bool = True) -> int:
        tax = part(self.tax, self.quantity, start, stop)
        return tax if delivery else tax - part(self.delivery_tax, self.quantity, start, stop)

    @property
    def unrefunded_units(self) -> tuple[int, int]:
        """Return the range of units that are not refunded. Cancelled ones are the last ones."""
        return self.refunded - self.cancelled, self.quantity - self.cancelled

    def deductions_of(self, start: int, stop: int) -> Deductions:
        """Return what the platform keeps of the units from `start` to `stop`."""
        amounts = (part(getattr(self, one), self.quantity, start, stop) for one in DEDUCTIONS)
        return Deductions(*amounts)

    def ship(self, units: int) -> None:
        """Count units as shipped. Raises `TooManyUnits`."""
        self._ensure_up_to(units, self.open_units)
        self.shipped += units

    def cancel(self, units: int) -> tuple[int, int]:
        """Count units as cancelled and refunded. Returns the number of the first, and the end.

        Cancelled units are the last ones, and shipped ones the first: a unit is in one of them.
        """
        self._ensure_up_to(units, self.open_units)
        stop = self.quantity - self.cancelled
        self.cancelled += units
        self.refunded += units
        return stop - units, stop

    def refund(self, units: int, *, returned: bool) -> tuple[int, int]:
        """Count shipped units as refunded, and as returned if they are. Returns their range."""
        self._ensure_up_to(units, self.kept_units)
        start = self.refunded - self.cancelled
        self.refunded += units
        self.returned += units * returned
        return start, start + units

    def ensure_kept(self, units: int) -> None:
        """Raise `TooManyUnits` unless so many shipped units are not refunded."""
        self._ensure_up_to(units, self.kept_units)

    def _ensure_up_to(self, units: int, available: int) -> None:
        if units > available:
            raise TooManyUnits(line_id=self.id, available=available)


class TooManyUnits(Refusal):
    """More units of a line than can be chosen. `available` can be."""

    message = "Only {available} of these can be chosen. Reload the order."
    meaning = (
        "More units of the line than are left for this: others were cancelled, shipped, returned or"
        " refunded."
    )
    remedy = "Show `available`, and refetch the order."

    def __init__(self, *, line_id: UUID, available: int, field: list[str] | None = None) -> None:
        self.line_id, self.available = global_id("OrderLine", line_id), available
        super().__init__(field=field, available=available)


class LineTax(SQLModel, table=True):
    """A tax of a line, allotted from its group."""

    __tablename__ = "line_tax"
    __table_args__ = (
        CheckConstraint("rate_bps BETWEEN 0 AND 100000", name="rate_bps"),
        CheckConstraint("taxable >= 0 AND tax >= 0", name="tax"),
        APPEND_ONLY,
    )
    __privacy__ = of_others(none="rate_bps taxable tax")

    line_id: UUID = foreign_key("order_line", primary_key=True, index=False)
    component: TaxComponent = enum_column(TaxComponent, primary_key=True)
    rate_bps: int
    taxable: int = minor_units()
    tax: int = minor_units()


class OrderDiscount(Row, table=True):
    """A discount of a promo code on a line, or on the delivery of a sub-order without a line."""

    __tablename__ = "order_discount"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        UniqueConstraint(
            "suborder_id", "line_id", "promo_code_id", postgresql_nulls_not_distinct=True
        ),
        Index("order_discount_promo_code_id_idx", "promo_code_id"),
        APPEND_ONLY,
    )
    __privacy__ = of_others(none="amount")

    suborder_id: UUID = foreign_key("suborder", index=False)
    line_id: UUID | None = optional_foreign_key("order_line", index=True)
    promo_code_id: UUID = foreign_key("promo_code", index=False)
    funded_by: FundedBy = enum_column(FundedBy)
    amount: int = minor_units()
