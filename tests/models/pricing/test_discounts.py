"""Discounts: their scope, amount and order, by hand and for any cart."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.catalog.variants import MAX_PER_ORDER, MAX_PRICE
from models.pricing.amounts import BPS, MAX_ORDER_AMOUNT
from models.pricing.discounts import (
    Discount,
    FundedBy,
    PromoKind,
    Reason,
    Scope,
    apply,
    find_conflict,
    find_reason,
)
from models.pricing.lines import Line
from models.shipping.zones import MAX_AMOUNT as MAX_DELIVERY

MAX_LINES = 100
BAKER, POTTER = UUID(int=1), UUID(int=2)
FOOD, BREAD, CERAMICS = UUID(int=11), UUID(int=12), UUID(int=13)
LOAF, CUP = UUID(int=21), UUID(int=22)
LOAVES = Line(UUID(int=31), BAKER, 3_50, 3, LOAF, frozenset({FOOD, BREAD}))
CAKE = Line(UUID(int=32), BAKER, 20_00, 1, None, frozenset({FOOD}))
CUPS = Line(UUID(int=33), POTTER, 12_25, 2, CUP, frozenset({CERAMICS}))
CART = [LOAVES, CAKE, CUPS]  # 10.50 + 20.00 + 24.50 = 55.00
DELIVERIES = {BAKER: 4_00, POTTER: 6_00}
TENTH = Discount("TENTH", PromoKind.PERCENT, 1_000, FundedBy.PLATFORM, combines=True)


def of(vendor_id: UUID, source: str, kind: PromoKind, value: int = 0) -> Discount:
    scope = Scope(vendor_ids=frozenset({vendor_id}))
    return Discount(source, kind, value, FundedBy.VENDOR, scope, combines=True)


@pytest.mark.parametrize(
    ("discount", "lines", "deliveries"),
    [
        (TENTH, {LOAVES.id: 1_05, CAKE.id: 2_00, CUPS.id: 2_45}, {}),
        # 3.33 % of 55.00 are 1.8315: 1.83, by largest remainder of 34.94, 66.55 and 81.52.
        (replace(TENTH, value=333), {LOAVES.id: 35, CAKE.id: 67, CUPS.id: 81}, {}),
        (replace(TENTH, most=1_00), {LOAVES.id: 19, CAKE.id: 36, CUPS.id: 45}, {}),
        (replace(TENTH, scope=Scope(category_ids=frozenset({BREAD}))), {LOAVES.id: 1_05}, {}),
        (
            replace(TENTH, scope=Scope(category_ids=frozenset({FOOD}))),
            {LOAVES.id: 1_05, CAKE.id: 2_00},
            {},
        ),
        (
            replace(TENTH, scope=Scope(product_ids=frozenset({CUP, LOAF}))),
            {LOAVES.id: 1_05, CUPS.id: 2_45},
            {},
        ),
        (of(BAKER, "FIVE", PromoKind.AMOUNT, 5_00), {LOAVES.id: 1_72, CAKE.id: 3_28}, {}),
        (of(BAKER, "LARGE", PromoKind.AMOUNT, 999_00), {LOAVES.id: 10_50, CAKE.id: 20_00}, {}),
        (of(BAKER, "SEND", PromoKind.FREE_DELIVERY), {}, {BAKER: 4_00}),
        (Discount("ALL", PromoKind.FREE_DELIVERY, 0, FundedBy.PLATFORM), {}, DELIVERIES),
        (
            Discount("SOME", PromoKind.FREE_DELIVERY, 0, FundedBy.PLATFORM, most=5_00),
            {},
            {BAKER: 2_00, POTTER: 3_00},
        ),
    ],
)
def test_one_discount_by_hand(
    discount: Discount, lines: dict[UUID, int], deliveries: dict[UUID, int]
) -> None:
    (applied,) = apply([discount], CART, DELIVERIES)
    assert (applied.lines, applied.deliveries) == (lines, deliveries)


def test_the_platform_discounts_what_the_shops_ask_for() -> None:
    """A tenth off 10.50 + 20.00 - 5.00 + 24.50 = 50.00, whatever the order of the codes."""
    five = of(BAKER, "ZZZ", PromoKind.AMOUNT, 5_00)
    for codes in ([TENTH, five], [five, TENTH]):
        first, second = apply(codes, CART, DELIVERIES)
        assert (first.discount, first.amount) == (five, 5_00)
        assert (second.discount, second.amount) == (TENTH, 5_00)


@pytest.mark.parametrize(
    ("discount", "reason"),
    [
        (TENTH, None),
        (replace(TENTH, minimum=55_00), None),
        (replace(TENTH, minimum=55_01), Reason.BELOW_MINIMUM),
        # The minimum is of what the discount is for.
        (replace(of(BAKER, "A", PromoKind.AMOUNT, 1), minimum=30_50), None),
        (replace(of(BAKER, "A", PromoKind.AMOUNT, 1), minimum=30_51), Reason.BELOW_MINIMUM),
        (of(UUID(int=9), "A", PromoKind.AMOUNT, 1), Reason.NOT_COVERED),
        (replace(TENTH, scope=Scope(product_ids=frozenset({UUID(int=9)}))), Reason.NOT_COVERED),
        (
            replace(TENTH, scope=Scope(frozenset({BAKER}), frozenset({CERAMICS}))),
            Reason.NOT_COVERED,
        ),
    ],
)
def test_the_reason_for_which_a_discount_does_not_apply(
    discount: Discount, reason: Reason | None
) -> None:
    assert find_reason(discount, CART) is reason
    assert len(apply([discount], CART, DELIVERIES)) == (reason is None)


BAKERS, POTTERS = of(BAKER, "A", PromoKind.AMOUNT, 1), of(POTTER, "B", PromoKind.AMOUNT, 1)


@pytest.mark.parametrize(
    ("discounts", "combine"),
    [
        ([], True),
        ([replace(TENTH, combines=False)], True),
        ([BAKERS, POTTERS, TENTH], True),
        ([BAKERS, replace(BAKERS, source="C")], False),
        ([TENTH, replace(TENTH, source="C")], False),
        ([BAKERS, replace(TENTH, combines=False)], False),
        ([replace(BAKERS, combines=False), POTTERS], False),
    ],
)
def test_which_discounts_combine(discounts: list[Discount], combine: bool) -> None:
    assert find_conflict(discounts) is (None if combine else Reason.NOT_COMBINABLE)


LINES = st.lists(
    st.builds(
        Line,
        st.uuids(),
        st.sampled_from([BAKER, POTTER]),
        st.integers(0, 10**7),
        st.integers(1, 99),
        st.sampled_from([LOAF, CUP]),
        st.sets(st.sampled_from([FOOD, BREAD, CERAMICS])).map(frozenset),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda line: line.id,
)
SCOPES = st.builds(
    Scope,
    st.sets(st.sampled_from([BAKER, POTTER])).map(frozenset),
    st.sets(st.sampled_from([FOOD, BREAD])).map(frozenset),
    st.sets(st.sampled_from([LOAF])).map(frozenset),
)
DISCOUNTS = st.lists(
    st.builds(
        Discount,
        st.text("ABC", min_size=1, max_size=3),
        st.sampled_from(PromoKind),
        st.integers(1, 10_000),
        st.sampled_from(FundedBy),
        SCOPES,
        st.integers(0, 10**6),
        st.none() | st.integers(1, 10**6),
    ),
    max_size=4,
    unique_by=lambda one: one.source,
)


@given(LINES, DISCOUNTS, st.randoms())
def test_discounts_take_nothing_below_zero_in_any_order(
    lines: list[Line], discounts: list[Discount], random: object
) -> None:
    applied = apply(discounts, lines, DELIVERIES)
    for line in lines:
        assert 0 <= sum(one.lines.get(line.id, 0) for one in applied) <= line.goods
    for id, price in DELIVERIES.items():
        assert 0 <= sum(one.deliveries.get(id, 0) for one in applied) <= price
    for one in applied:
        covered = {line.id for line in lines if one.discount.scope.covers(line)}
        assert covered >= one.lines.keys()
        most = one.discount.most
        if one.discount.kind is PromoKind.AMOUNT:
            most = one.discount.value
        assert most is None or one.amount <= most
    mixed = sorted(lines, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert apply(discounts[::-1], mixed, DELIVERIES) == applied


def test_the_largest_order_fits_into_its_range() -> None:
    """As many lines and deliveries of the highest price as an order can have, at the full rate."""
    lines = [Line(UUID(int=n), BAKER, MAX_PRICE, MAX_PER_ORDER) for n in range(MAX_LINES)]
    free = Discount("ALL", PromoKind.PERCENT, BPS, FundedBy.PLATFORM)
    (applied,) = apply([free], lines, {})
    assert applied.amount > 10**12
    deliveries = MAX_LINES * MAX_DELIVERY
    assert 2 * (applied.amount + deliveries) < MAX_ORDER_AMOUNT
