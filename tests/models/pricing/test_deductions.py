"""Deductions of a vendor's part: by hand, and for any cart and sequence of refunds."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.pricing.amounts import part, share
from models.pricing.deductions import DeductionRates, deduct
from models.pricing.discounts import Discount, FundedBy, PromoKind, Scope, apply
from models.pricing.lines import Line
from models.pricing.taxes import Rates
from models.pricing.totals import Part, Terms, price
from tests.models.pricing.test_discounts import BAKER, DELIVERIES, DISCOUNTS, LINES
from tests.models.pricing.test_taxes import ALL_RATES, GST_18, IGST_18, VAT_19

INDIA = DeductionRates(commission=1_000, commission_tax=1_800, tcs=50, tds=10)
RATES = st.builds(
    DeductionRates,
    commission=st.integers(0, 5_000),
    commission_tax=st.integers(0, 2_800),
    tcs=st.integers(0, 50).map(lambda n: 2 * n),
    tds=st.integers(0, 100),
)


def part_of(
    line: Line,
    rates: Rates = GST_18,
    *,
    delivery: int = 0,
    off: int = 0,
    side: FundedBy = FundedBy.VENDOR,
    inclusive: bool = False,
) -> Part:
    discount = Discount("OFF", PromoKind.AMOUNT, off, side, Scope(frozenset({BAKER})))
    applied = apply([discount], [line], {BAKER: delivery}) if off else []
    return price(BAKER, [line], Terms(delivery, {line.id: rates}, inclusive), applied)


def test_what_is_kept_in_india_by_hand() -> None:
    """Goods of 1,180 with 18 % in them and a delivery of 118: 1,000 of goods, 1,100 of supplies.

    10 % of 1,000 are 100, with 18 of GST. TCS: twice 0.25 % of 1,100 is 5.50. TDS: 0.1 % is 1.10.
    """
    line = Line(UUID(int=1), BAKER, 1_180_00, 1)
    kept = deduct(part_of(line, delivery=118_00, inclusive=True), INDIA)
    assert kept.sum.columns == {
        "commission": 100_00,
        "commission_tax": 18_00,
        "tcs": 5_50,
        "tds": 1_10,
    }


@pytest.mark.parametrize(
    ("side", "commission"), [(FundedBy.VENDOR, 90_00), (FundedBy.PLATFORM, 100_00)]
)
def test_only_the_vendors_own_discount_lowers_the_commission(
    side: FundedBy, commission: int
) -> None:
    line = Line(UUID(int=1), BAKER, 1_000_00, 1)
    priced = part_of(line, VAT_19, off=100_00, side=side)
    assert deduct(priced, INDIA).sum.commission == commission


def test_halves_of_tcs_are_rounded_each() -> None:
    """0.25 % of 2.00 are 0.005, twice 0.01. Between states, 0.5 % of it are 0.01."""
    line = Line(UUID(int=1), BAKER, 2_00, 1)
    for rates, tcs in ((GST_18, 2), (IGST_18, 1), ((), 0)):
        priced = part_of(line, rates)
        assert deduct(priced, DeductionRates(tcs=50)).sum.tcs == tcs


@given(st.data(), LINES, DISCOUNTS, st.booleans(), RATES)
def test_any_cart_ends_at_exactly_what_was_paid(
    data: st.DataObject,
    lines: list[Line],
    discounts: list[Discount],
    inclusive: bool,
    rates: DeductionRates,
) -> None:
    """Refund all units, a random number at a time: what was paid and kept is given back exactly."""
    taxes = {line.id: data.draw(st.sampled_from(ALL_RATES)) for line in lines}
    applied = apply(discounts, lines, DELIVERIES)
    for vendor_id in sorted({line.vendor_id for line in lines}):
        terms = Terms(DELIVERIES[vendor_id], taxes, inclusive)
        priced = price(vendor_id, lines, terms, applied)
        kept = deduct(priced, rates)
        supplied = sum(line.base.taxable for line in priced.lines)
        assert kept.sum.commission <= share(supplied, rates.commission)
        assert kept.sum.commission_tax == share(kept.sum.commission, rates.commission_tax)
        for name, amount in kept.sum.columns.items():
            shares = [one.columns[name] for one in kept.lines.values()]
            assert sum(shares) == amount
            assert min(shares) >= 0
        back = dict.fromkeys(("paid", *kept.sum.columns), 0)
        for line in priced.lines:
            amounts = {"paid": line.total, **kept.lines[line.line.id].columns}
            start = 0
            while start < line.line.quantity:
                stop = data.draw(st.integers(start + 1, line.line.quantity))
                for name, amount in amounts.items():
                    back[name] += part(amount, line.line.quantity, start, stop)
                start = stop
        assert back == {"paid": priced.total, **kept.sum.columns}
