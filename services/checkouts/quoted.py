"""The contents of a quote: its lines, and its amounts added up."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from models.orders.lines import LineKind, OrderedOption
from models.pricing.lines import Line
from models.pricing.taxes import Rate, TaxComponent
from models.pricing.totals import Part, PricedLine
from services.orders.kinds import Sellable


@dataclass(frozen=True)
class QuotedLine:
    """A line as it is sold now, with its share of everything."""

    sellable: Sellable
    priced: PricedLine

    @property
    def line(self) -> Line:
        return self.priced.line

    @property
    def kind(self) -> LineKind:
        return self.sellable.kind

    @property
    def title(self) -> Mapping[str, str]:
        return self.sellable.title

    @property
    def locale(self) -> str:
        return self.sellable.locale

    @property
    def sku(self) -> str | None:
        return self.sellable.sku

    @property
    def quantity(self) -> int:
        return self.line.quantity

    @property
    def currency(self) -> str:
        return self.sellable.currency

    @property
    def ref_id(self) -> UUID:
        return self.sellable.ref_id

    @property
    def product_id(self) -> UUID | None:
        return self.line.product_id

    @property
    def discount(self) -> int:
        return self.priced.vendor_discount + self.priced.platform_discount

    @property
    def chosen(self) -> Sequence[OrderedOption]:
        return [
            OrderedOption(option["name"], option["value"]["name"], self.locale)
            for option in self.sellable.options
        ]


@dataclass(frozen=True)
class TaxSum:
    """All of a tax with one rate: the taxable amount, and the tax."""

    rate: Rate
    base: int
    tax: int
    currency: str

    @property
    def component(self) -> TaxComponent:
        return self.rate.component

    @property
    def rate_bps(self) -> int:
        return self.rate.bps


@dataclass(frozen=True)
class Totals:
    """The amounts of one vendor's part, or of all. `taxes` are by component and rate."""

    currency: str
    goods: int
    discount: int
    shipping: int
    tax_added: int
    tax_included: int
    rounding: int
    total: int
    taxes: Sequence[TaxSum]

    @classmethod
    def of(cls, parts: Sequence[Part], currency: str) -> Self:
        return cls(
            currency=currency,
            goods=sum(part.goods for part in parts),
            discount=sum(part.discount for part in parts),
            shipping=sum(part.shipping for part in parts),
            tax_added=sum(part.tax_added for part in parts),
            tax_included=sum(part.tax_included for part in parts),
            rounding=sum(part.rounding for part in parts),
            total=sum(part.total for part in parts),
            taxes=_sum_taxes(parts, currency),
        )


def _sum_taxes(parts: Sequence[Part], currency: str) -> list[TaxSum]:
    bases: dict[Rate, int] = defaultdict(int)
    taxes: dict[Rate, int] = defaultdict(int)
    for group in (group for part in parts for group in part.groups):
        for rate, tax in group.sum.taxes.items():
            bases[rate] += group.sum.taxable
            taxes[rate] += tax
    return [TaxSum(rate, bases[rate], taxes[rate], currency) for rate in sorted(bases)]
