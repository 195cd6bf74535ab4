"""Totals of an order: no minor unit is lost or made, for any cart."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from models.pricing.discounts import Applied, Discount, FundedBy, PromoKind, Scope, apply
from models.pricing.lines import Line
from models.pricing.taxes import Rate, Rates, TaxComponent
from models.pricing.totals import Part, Terms, price
from tests.models.pricing.test_discounts import BAKER, DELIVERIES, DISCOUNTS, LINES, POTTER
from tests.models.pricing.test_taxes import ALL_RATES, GST_12, GST_18, VAT_7, VAT_19

DHOTI = Line(UUID(int=1), POTTER, 1_499_00, 2)
VASE = Line(UUID(int=2), POTTER, 999_00, 1)


def parts(
    lines: list[Line], discounts: list[Discount], rates: dict[UUID, Rates], *, inclusive: bool
) -> list[Part]:
    applied = apply(discounts, lines, DELIVERIES)
    vendors = sorted({line.vendor_id for line in lines})
    return [price(id, lines, Terms(DELIVERIES[id], rates, inclusive), applied) for id in vendors]


def test_an_order_in_india_by_hand() -> None:
    """Two dhotis at 1,499 (12 %) and a vase at 999 (18 %), taxes included, delivery 99, 10 % off.

    The shop pays 10 %: 299.80 + 99.90. The remaining 2,698.20 and 899.10 share the delivery of 99
    as 74.26 and 24.74. So 2,772.46 contain 12 %: base 2,475.41, twice 148.52, rounding 0.01; and
    923.84 contain 18 %: base 782.92, twice 70.46.
    """
    tenth = Discount("TENTH", PromoKind.PERCENT, 1_000, FundedBy.VENDOR, Scope(frozenset({POTTER})))
    lines = [DHOTI, VASE]
    applied = apply([tenth], lines, {POTTER: 99_00})
    rates = {DHOTI.id: GST_12, VASE.id: GST_18}
    part = price(POTTER, lines, Terms(99_00, rates, inclusive=True), applied)
    assert (part.goods, part.discount, part.shipping) == (3_997_00, 399_70, 99_00)
    assert part.total == 3_696_30
    sums = {group.rates: group.sum for group in part.groups}
    assert (sums[GST_12].taxable, [*sums[GST_12].taxes.values()]) == (2_475_41, [148_52, 148_52])
    assert (sums[GST_18].taxable, [*sums[GST_18].taxes.values()]) == (782_92, [70_46, 70_46])
    assert part.rounding == 1
    assert part.tax_included == 2 * (148_52 + 70_46)


def test_the_platform_pays_for_its_discount_and_not_for_less_tax() -> None:
    """100.00 at 19 % on top, 10.00 off. Paid by the shop: 17.10 of tax. By the platform: 19.00."""
    line = Line(UUID(int=1), BAKER, 100_00, 1)
    for side, tax, total in ((FundedBy.VENDOR, 17_10, 107_10), (FundedBy.PLATFORM, 19_00, 109_00)):
        scope = Scope(frozenset({BAKER}))
        applied = apply([Discount("TEN", PromoKind.AMOUNT, 10_00, side, scope)], [line], {})
        part = price(BAKER, [line], Terms(0, {line.id: VAT_19}, inclusive=False), applied)
        assert (part.tax_added, part.total) == (tax, total)


def test_free_delivery_is_a_discount_of_the_price_of_the_delivery() -> None:
    line = Line(UUID(int=1), BAKER, 10_00, 1)
    free = Discount("SEND", PromoKind.FREE_DELIVERY, 0, FundedBy.VENDOR, Scope(frozenset({BAKER})))
    applied = apply([free], [line], {BAKER: 4_00})
    part = price(BAKER, [line], Terms(4_00, {line.id: VAT_7}, inclusive=True), applied)
    assert (part.shipping, part.discount, part.total) == (4_00, 4_00, 10_00)
    (group,) = part.groups
    assert (group.sum.taxable, group.sum.tax) == (9_35, 65)  # of what the customer pays


def test_goods_for_nothing_are_still_delivered() -> None:
    lines = [Line(UUID(int=n), BAKER, 0, 1) for n in range(3)]
    rates = {line.id: (Rate(TaxComponent.VAT, 1_900),) for line in lines}
    part = price(BAKER, lines, Terms(5_00, rates, inclusive=False), [])
    assert (part.total, [one.total for one in part.lines]) == (5_95, [1_99, 1_99, 1_97])


def test_files_bear_no_share_of_the_delivery() -> None:
    """A file for 900.00 and a mug for nothing: the mug alone bears the delivery, and its tax."""
    ebook = Line(UUID(int=1), BAKER, 900_00, 1, delivered=False)
    mug = Line(UUID(int=2), BAKER, 0, 1)
    rates = {ebook.id: VAT_7, mug.id: VAT_19}
    part = price(BAKER, [ebook, mug], Terms(10_00, rates, inclusive=False), [])
    assert [(one.shipping, one.base.tax) for one in part.lines] == [(0, 63_00), (10_00, 1_90)]
    assert part.total == 974_90


@given(st.data(), LINES, DISCOUNTS, st.booleans())
def test_totals_add_up(
    data: st.DataObject, lines: list[Line], discounts: list[Discount], inclusive: bool
) -> None:
    rates = {line.id: data.draw(st.sampled_from(ALL_RATES)) for line in lines}
    applied: list[Applied] = apply(discounts, lines, DELIVERIES)
    priced = parts(lines, discounts, rates, inclusive=inclusive)
    assert sum(part.discount for part in priced) == sum(one.amount for one in applied)
    for part in priced:
        assert part.total == part.goods - part.discount + part.shipping + part.tax_added
        assert sum(one.total for one in part.lines) == part.total
        assert all(one.total >= 0 for one in part.lines)
        assert (
            sum(one.vendor_discount + one.platform_discount for one in part.lines)
            + (part.shipping - sum(one.shipping for one in part.lines))
            == part.discount
        )
        taxed = sum(group.sum.total for group in part.groups)
        assert part.total == taxed - part.platform_discount
        assert abs(part.rounding) <= len(part.groups)
        # The amount for the vendor does not depend on the platform's discounts.
        own = [one for one in discounts if one.funded_by is FundedBy.VENDOR]
        alone = price(
            part.vendor_id,
            lines,
            Terms(part.shipping, rates, inclusive),
            apply(own, lines, DELIVERIES),
        )
        assert alone.total == part.total + part.platform_discount
        assert alone.groups == part.groups
