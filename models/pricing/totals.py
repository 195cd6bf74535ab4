"""The totals of an order: each vendor's part by itself, and their sum.

A discount that the platform pays for does not lower the tax, because the vendor is paid it.
Article 73 of the Directive 2006/112/EC includes what a third party pays, and section 15(2)(e) of
the Central Goods and Services Tax Act, 2017, subsidies of others than governments.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from models.pricing.amounts import split
from models.pricing.discounts import Applied, FundedBy
from models.pricing.lines import Line, in_order
from models.pricing.taxes import Rates, TaxBase, Taxed, TaxGroup, tax


@dataclass(frozen=True)
class PricedLine:
    """A line with its share of everything. `total` is what the customer pays for it.

    `base` also has the line's share of the delivery, which is taxed as the goods are.
    """

    line: Line
    vendor_discount: int
    platform_discount: int
    shipping: int
    base: TaxBase
    total: int


@dataclass(frozen=True)
class Part:
    """One vendor's part of an order: what becomes a sub-order."""

    vendor_id: UUID
    lines: Sequence[PricedLine]
    groups: Sequence[TaxGroup]
    goods: int
    vendor_discount: int
    platform_discount: int
    shipping: int
    tax_added: int
    tax_included: int
    rounding: int

    @property
    def discount(self) -> int:
        return self.vendor_discount + self.platform_discount

    @property
    def total(self) -> int:
        return self.goods - self.discount + self.shipping + self.tax_added


@dataclass(frozen=True)
class Terms:
    """The terms of a vendor's part: the price of its delivery and the taxes of its lines."""

    delivery: int
    rates: Mapping[UUID, Rates]
    inclusive: bool


def price(vendor_id: UUID, lines: Sequence[Line], terms: Terms, applied: Sequence[Applied]) -> Part:
    """Price one vendor's part. `applied` are the discounts of the whole order.

    `shipping` is the price of the delivery; discounts on it are among the discounts. The delivery
    is an ancillary supply: it follows the goods that are delivered in proportion to their value,
    and has their rates.
    """
    own = in_order([line for line in lines if line.vendor_id == vendor_id])
    off = {side: _taken(applied, side, vendor_id, own) for side in FundedBy}
    vendor_off, platform_off = off[FundedBy.VENDOR], off[FundedBy.PLATFORM]
    goods = [line.goods for line in own]
    after = [amount - vendor_off.of(line) for amount, line in zip(goods, own, strict=True)]
    delivery = _split_delivery(terms.delivery - vendor_off.delivery, own, after)
    paid_by_platform = split(platform_off.delivery, delivery)
    taxed = [
        Taxed(line.id, after[n] + delivery[n], terms.rates[line.id]) for n, line in enumerate(own)
    ]
    groups = tax(taxed, inclusive=terms.inclusive)
    bases = {id: base for group in groups for id, base in group.lines.items()}
    priced = []
    for n, line in enumerate(own):
        platform = platform_off.of(line) + paid_by_platform[n]
        added = 0 if terms.inclusive else bases[line.id].tax
        total = after[n] + delivery[n] - platform + added
        priced.append(
            PricedLine(line, vendor_off.of(line), platform, delivery[n], bases[line.id], total)
        )
    tax_sum = sum(group.sum.tax for group in groups)
    return Part(
        vendor_id=vendor_id,
        lines=priced,
        groups=groups,
        goods=sum(goods),
        vendor_discount=vendor_off.total,
        platform_discount=platform_off.total,
        shipping=terms.delivery,
        tax_added=0 if terms.inclusive else tax_sum,
        tax_included=tax_sum if terms.inclusive else 0,
        rounding=sum(group.sum.rounding for group in groups),
    )


def _split_delivery(cost: int, lines: Sequence[Line], values: Sequence[int]) -> list[int]:
    """Split the cost of a delivery over the lines that are delivered, by their values."""
    delivered = [n for n, line in enumerate(lines) if line.delivered]
    shares = dict(zip(delivered, split(cost, [values[n] for n in delivered]), strict=True))
    return [shares.get(n, 0) for n in range(len(lines))]


@dataclass(frozen=True)
class _Taken:
    """The amounts that discounts of one side take off a vendor's lines, and off its delivery."""

    lines: Mapping[UUID, int]
    delivery: int

    def of(self, line: Line) -> int:
        return self.lines.get(line.id, 0)

    @property
    def total(self) -> int:
        return sum(self.lines.values()) + self.delivery


def _taken(
    applied: Sequence[Applied], side: FundedBy, vendor_id: UUID, lines: Sequence[Line]
) -> _Taken:
    ours = [one for one in applied if one.discount.funded_by is side]
    by_line = {line.id: sum(one.lines.get(line.id, 0) for one in ours) for line in lines}
    return _Taken(by_line, sum(one.deliveries.get(vendor_id, 0) for one in ours))
