"""Taxes of an order: examples of public guides, and sums that are exact whatever the prices."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.pricing.taxes import (
    Rate,
    Rates,
    TaxComponent,
    Taxed,
    tax,
    tax_exclusive,
    tax_inclusive,
)

VAT_19: Rates = (Rate(TaxComponent.VAT, 1_900),)
VAT_7: Rates = (Rate(TaxComponent.VAT, 700),)
VAT_0: Rates = (Rate(TaxComponent.VAT, 0),)
IGST_18: Rates = (Rate(TaxComponent.IGST, 1_800),)
GST_12: Rates = (Rate(TaxComponent.CGST, 600), Rate(TaxComponent.SGST, 600))
GST_18: Rates = (Rate(TaxComponent.CGST, 900), Rate(TaxComponent.SGST, 900))
CESS: Rates = (*IGST_18, Rate(TaxComponent.CESS, 1_200))
ALL_RATES = [VAT_19, VAT_7, VAT_0, IGST_18, GST_12, GST_18, CESS, ()]


def vat(bps: int) -> Rates:
    return (Rate(TaxComponent.VAT, bps),)


@pytest.mark.parametrize(
    ("gross", "rates", "taxable", "taxes"),
    [
        # The VAT fraction of 20 % is 1/6, and that of 5 % is 1/21: VAT guide (HMRC Notice 700),
        # as explained at http://www.thebookkeepingtutor.co.uk/vat/vat-fraction-and-vat-invoices/
        (120_00, vat(2_000), 100_00, [20_00]),
        (105_00, vat(500), 100_00, [5_00]),
        # Rule 35 of the CGST Rules, 2017: value x rate / (100 + sum of rates). 1,180 at 18 %:
        # https://www.accolet.com/gstr2b/calc.html, 11,800: https://www.calcgst.com/
        (1_180_00, IGST_18, 1_000_00, [180_00]),
        (11_800_00, GST_18, 10_000_00, [900_00, 900_00]),
        # 100 at 12 %, in two halves: 5.36 each, 89.28 taxable (89.29 + 10.72 would be 100.01).
        # https://caclubindia.com/forum/which-calculation-is-correct-in-gst-413201.asp
        (100_00, GST_12, 89_28, [5_36, 5_36]),
        # The two taxes of Rule 35 share one denominator: 130 at 18 % and 12 % of cess.
        (130_00, CESS, 100_00, [18_00, 12_00]),
        (119_00, VAT_19, 100_00, [19_00]),
        (0, VAT_19, 0, [0]),
        (50_00, VAT_0, 50_00, [0]),
        (50_00, (), 50_00, []),
    ],
)
def test_tax_of_inclusive_prices(gross: int, rates: Rates, taxable: int, taxes: list[int]) -> None:
    found = tax_inclusive(gross, rates)
    assert (found.taxable, list(found.taxes.values()), found.rounding) == (taxable, taxes, 0)


@pytest.mark.parametrize(
    ("taxable", "rates", "taxes"),
    [
        (1_000_00, IGST_18, [180_00]),  # https://www.accolet.com/gstr2b/calc.html
        (10_000_00, GST_18, [900_00, 900_00]),  # https://www.calcgst.com/
        # Rounded half up: 33.33 x 21 % = 6.9993 is the example of
        # https://peppolvalidator.com/peppol-validation-errors/BR-DEC-20
        (33_33, vat(2_100), [7_00]),
        (50, vat(100), [1]),  # 0.5
        (49, vat(100), [0]),
        (333, GST_18, [30, 30]),  # 29.97 each, where 18 % of 3.33 are 59.94
    ],
)
def test_tax_of_exclusive_prices(taxable: int, rates: Rates, taxes: list[int]) -> None:
    assert list(tax_exclusive(taxable, rates).taxes.values()) == taxes


def test_a_tax_is_rounded_once_for_a_rate_and_not_for_each_line() -> None:
    """15 lines of 3 cents at 19 %: 8.55 cents are 9. 15 times 0.57 cents would be 15."""
    lines = [Taxed(UUID(int=n), 3, VAT_19) for n in range(15)]
    (group,) = tax(lines, inclusive=False)
    assert group.sum.tax == 9
    assert sum(base.tax for base in group.lines.values()) == 9


def test_several_rates_in_one_order() -> None:
    lines = [
        Taxed(UUID(int=1), 10_00, VAT_19),
        Taxed(UUID(int=2), 10_00, VAT_7),
        Taxed(UUID(int=3), 5_00, VAT_19),
        Taxed(UUID(int=4), 2_00, VAT_0),
    ]
    groups = tax(lines, inclusive=True)
    found = {
        group.rates: (group.sum.taxable, group.sum.tax, group.sum.rounding) for group in groups
    }
    # 15.00 / 1.19 = 12.605; 12.61 x 19 % = 2.3959, 12.60 x 19 % = 2.394: 12.61 + 2.40 is one too
    # many, 12.60 + 2.39 one too few. The base next to the exact one is taken.
    assert found == {VAT_19: (12_61, 2_40, -1), VAT_7: (9_35, 65, 0), VAT_0: (2_00, 0, 0)}


def test_no_base_fits_a_sixth_of_the_totals_at_19_percent() -> None:
    """Count the totals without a base that fits. Each is one minor unit off, and no more."""
    off = [tax_inclusive(gross, VAT_19).rounding for gross in range(1, 11_901)]
    assert sum(map(abs, off)) == 1_900
    assert set(off) == {-1, 0, 1}
    off = [tax_inclusive(gross, IGST_18).rounding for gross in range(1, 11_801)]
    assert sum(map(abs, off)) == 1_800


LINES = st.lists(
    st.tuples(st.integers(0, 10**9), st.sampled_from(ALL_RATES)), min_size=1, max_size=30
)


@given(LINES, st.booleans(), st.randoms())
def test_taxes_add_up(drawn: list[tuple[int, Rates]], inclusive: bool, random: object) -> None:
    amounts = [Taxed(UUID(int=n), amount, rates) for n, (amount, rates) in enumerate(drawn)]
    groups = tax(amounts, inclusive=inclusive)
    for group in groups:
        members = {one.id: one.amount for one in amounts if one.rates == group.rates}
        assert group.lines.keys() == members.keys()
        bases = group.lines.values()
        assert sum(base.taxable for base in bases) == group.sum.taxable
        assert sum(base.rounding for base in bases) == group.sum.rounding
        for rate, amount in group.sum.taxes.items():
            exact = group.sum.taxable * rate.bps
            assert abs(amount * 10_000 - exact) <= 5_000
            assert sum(base.taxes[rate] for base in bases) == amount
        assert all(min(base.taxable, *base.taxes.values(), 0) >= 0 for base in bases)
        if inclusive:
            assert {id: base.total for id, base in group.lines.items()} == members
            assert group.sum.total == sum(members.values())
            assert abs(group.sum.rounding) <= 1
        else:
            assert {id: base.taxable for id, base in group.lines.items()} == members
            assert group.sum.rounding == 0
        for base in [*bases, group.sum]:
            halves = [
                tax
                for rate, tax in base.taxes.items()
                if rate.component in {TaxComponent.CGST, TaxComponent.SGST}
            ]
            assert len(set(halves)) <= 1
    shuffled = sorted(amounts, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert tax(shuffled, inclusive=inclusive) == groups
