"""Deductions of a vendor's part: the commission of the platform, the tax on it, TCS and TDS.

Each is computed once for the part and rounded half up, then allotted to the lines by largest
remainder. In India, an operator of a marketplace collects TCS of the net taxable supplies (section
52 of the Central Goods and Services Tax Act, 2017), and deducts TDS of the gross amount of sales
without the GST (section 194-O of the Income-tax Act, 1961; Circular 20/2023 of the CBDT).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from models.pricing.amounts import half_up, share, split
from models.pricing.taxes import TaxComponent
from models.pricing.totals import Part, PricedLine


@dataclass(frozen=True)
class DeductionRates:
    """The rates that hold for a vendor, in basis points. `commission_tax` is of the commission."""

    commission: int = 0
    commission_tax: int = 0
    tcs: int = 0
    tds: int = 0


@dataclass(frozen=True)
class Deductions:
    """Amounts that are deducted from a part, or from a line of it."""

    commission: int = 0
    commission_tax: int = 0
    tcs: int = 0
    tds: int = 0

    def __add__(self, other: "Deductions") -> "Deductions":
        added = (a + b for a, b in zip(self.columns.values(), other.columns.values(), strict=True))
        return Deductions(*added)

    @property
    def columns(self) -> dict[str, int]:
        """Return the amounts by the names of the columns in which orders keep them."""
        return asdict(self)

    @property
    def total(self) -> int:
        return sum(self.columns.values())


@dataclass(frozen=True)
class PartDeductions:
    """The deductions of a part, and the share of each line by its id."""

    rates: DeductionRates
    sum: Deductions
    lines: Mapping[UUID, Deductions]


def deduct(part: Part, rates: DeductionRates) -> PartDeductions:
    """Compute what the platform keeps of a part.

    The commission is of the goods after the vendor's discounts, without tax and delivery. A
    discount that the platform pays for does not lower it.
    """
    goods = [_net_goods(line) for line in part.lines]
    taxed = [line.base.taxable if _is_taxed(line) else 0 for line in part.lines]
    supplied = [line.base.taxable for line in part.lines]
    commissions = split(share(sum(goods), rates.commission), goods)
    columns = (
        commissions,
        split(share(sum(commissions), rates.commission_tax), commissions),
        split(_tcs(part.lines, sum(taxed), rates.tcs), taxed),
        split(share(sum(supplied), rates.tds), supplied),
    )
    lines = {
        line.line.id: Deductions(*amounts)
        for line, *amounts in zip(part.lines, *columns, strict=True)
    }
    return PartDeductions(rates, Deductions(*map(sum, columns)), lines)


def _net_goods(line: PricedLine) -> int:
    """Return the share of the goods in a taxable amount, which has the delivery too."""
    goods = line.line.goods - line.vendor_discount
    whole = goods + line.shipping
    return half_up(line.base.taxable * goods, whole) if whole else 0


def _is_taxed(line: PricedLine) -> bool:
    return any(rate.bps for rate in line.base.taxes)


def _tcs(lines: Sequence[PricedLine], taxed: int, bps: int) -> int:
    """Return the TCS. Within a state it has two halves, of which each is rounded by itself."""
    within_state = any(
        rate.component is TaxComponent.CGST for line in lines for rate in line.base.taxes
    )
    return 2 * share(taxed, bps // 2) if within_state else share(taxed, bps)
