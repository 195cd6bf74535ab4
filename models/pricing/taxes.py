"""Taxes of one vendor's part of an order: by group of rates, then allotted to the lines.

A tax is computed once for all lines with the same rates, as an invoice states it: tax = round(base
x rate) for each category (EN 16931, BR-CO-17). A tax rounded for each line would not add up to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from uuid import UUID

from models.pricing.amounts import BPS, half_up, share, split


class TaxComponent(StrEnum):
    """A tax on an invoice."""

    CGST = "CGST"
    SGST = "SGST"
    UTGST = "UTGST"
    IGST = "IGST"
    CESS = "CESS"
    VAT = "VAT"


@dataclass(frozen=True, order=True)
class Rate:
    """A component and its rate in basis points. A rate of 0 is zero-rated, not exempt."""

    component: TaxComponent
    bps: int


Rates = tuple[Rate, ...]


@dataclass(frozen=True)
class Taxed:
    """An amount to tax. With `inclusive` prices, it contains the tax."""

    id: UUID
    amount: int
    rates: Rates


@dataclass(frozen=True)
class TaxBase:
    """The taxable amount of a group, and its taxes. `rounding` is what no base fits: within ±1.

    EN 16931 has it as BT-114, and invoices in India as “round off”.
    """

    taxable: int
    taxes: Mapping[Rate, int]
    rounding: int = 0

    @property
    def tax(self) -> int:
        return sum(self.taxes.values())

    @property
    def total(self) -> int:
        return self.taxable + self.tax + self.rounding


@dataclass(frozen=True)
class TaxGroup:
    """All amounts with the same rates: their sum, and the share of each by id."""

    rates: Rates
    sum: TaxBase
    lines: Mapping[UUID, TaxBase]


def tax_exclusive(taxable: int, rates: Rates) -> TaxBase:
    """Add the taxes to an amount."""
    return TaxBase(taxable, {rate: share(taxable, rate.bps) for rate in rates})


def tax_inclusive(gross: int, rates: Rates) -> TaxBase:
    """Take the taxes out of an amount that contains them. The customer pays exactly the amount.

    For a sixth of all totals at 19 %, no base has a rounded tax that adds up to it. The base that
    comes nearest is taken, and the rest is the rounding.
    """
    exact = half_up(gross * BPS, BPS + sum(rate.bps for rate in rates))
    near = range(max(exact - 2, 0), min(exact + 2, gross) + 1)
    found = min(
        (tax_exclusive(base, rates) for base in near),
        key=lambda one: (abs(gross - one.total), abs(one.taxable - exact), one.taxable),
    )
    return TaxBase(found.taxable, found.taxes, gross - found.total)


def tax(amounts: Sequence[Taxed], *, inclusive: bool) -> list[TaxGroup]:
    """Compute the taxes by group of rates, and allot them to the amounts.

    What is allotted sums to the group exactly, and is never negative. Components with the same tax,
    such as CGST and SGST, are allotted alike.
    """
    ordered = sorted(amounts, key=lambda one: (one.rates, one.id))
    compute = tax_inclusive if inclusive else tax_exclusive
    groups = []
    for rates, members in groupby(ordered, key=lambda one: one.rates):
        found = list(members)
        total = compute(sum(one.amount for one in found), rates)
        groups.append(TaxGroup(rates, total, _allot(found, total, inclusive=inclusive)))
    return groups


def _allot(amounts: Sequence[Taxed], total: TaxBase, *, inclusive: bool) -> dict[UUID, TaxBase]:
    weights = [one.amount for one in amounts]
    bases = split(total.taxable, weights)
    taxes = {rate: split(amount, weights) for rate, amount in total.taxes.items()}
    allotted = {}
    for place, one in enumerate(amounts):
        own = {rate: shares[place] for rate, shares in taxes.items()}
        rounding = one.amount - bases[place] - sum(own.values()) if inclusive else 0
        allotted[one.id] = TaxBase(bases[place], own, rounding)
    return allotted
