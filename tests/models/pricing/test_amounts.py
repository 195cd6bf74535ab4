"""Splits and parts of amounts: exact, in proportion, and the same in any order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.pricing.amounts import half_up, part, share, split

AMOUNTS = st.integers(0, 10**12)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (100, [2, 1, 1], [50, 25, 25]),
        (1, [1, 1], [1, 0]),
        (2, [1, 3], [0, 2]),  # both have a half left: the greater weight gets it
        (2, [3, 1], [2, 0]),
        (0, [5, 7], [0, 0]),
        (5, [0, 0], [3, 2]),
        (7, [0, 10, 0], [0, 7, 0]),
        (10_00, [33_33, 33_33, 33_34], [3_33, 3_33, 3_34]),
        (0, [], []),
    ],
)
def test_split_by_hand(total: int, weights: list[int], shares: list[int]) -> None:
    assert split(total, weights) == shares


@given(AMOUNTS, WEIGHTS)
def test_split_is_exact_and_within_one_of_the_proportion(total: int, weights: list[int]) -> None:
    shares = split(total, weights)
    assert sum(shares) == total
    assert min(shares) >= 0
    whole = sum(weights) or len(weights)
    of = weights if any(weights) else [1] * len(weights)
    assert all(abs(got * whole - total * w) < whole for got, w in zip(shares, of, strict=True))


@given(st.data(), WEIGHTS)
def test_no_share_exceeds_its_weight(data: st.DataObject, weights: list[int]) -> None:
    total = data.draw(st.integers(0, sum(weights)))
    if any(weights):
        assert all(one <= w for one, w in zip(split(total, weights), weights, strict=True))


@given(AMOUNTS, WEIGHTS, st.randoms())
def test_split_does_not_depend_on_the_order(total: int, weights: list[int], random: object) -> None:
    shuffled = sorted(weights, key=lambda _: random.random())  # type: ignore[attr-defined]
    before = sorted(zip(weights, split(total, weights), strict=True))
    assert sorted(zip(shuffled, split(total, shuffled), strict=True)) == before


@pytest.mark.parametrize(("total", "weights"), [(-1, [1]), (1, [-1, 3]), (1, [])])
def test_split_refuses_what_has_no_answer(total: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match=r"negative|nothing"):
        split(total, weights)


@given(AMOUNTS, st.lists(st.integers(1, 50), min_size=1, max_size=20))
def test_parts_of_a_quantity_sum_to_the_whole(total: int, sizes: list[int]) -> None:
    of, start, amounts = sum(sizes), 0, []
    for size in sizes:
        amounts.append(part(total, of, start, start + size))
        start += size
    assert sum(amounts) == total
    assert min(amounts) >= 0


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [(5, 2, 3), (-5, 2, -3), (4, 3, 1), (5, 3, 2), (-4, 3, -1), (0, 7, 0), (1, 2, 1)],
)
def test_half_up(numerator: int, denominator: int, rounded: int) -> None:
    assert half_up(numerator, denominator) == rounded


def test_share_in_basis_points() -> None:
    assert share(199_99, 1_900) == 38_00  # 37.9981
    assert share(10_10, 250) == 25  # 25.25
    assert share(10_20, 250) == 26  # 25.5
