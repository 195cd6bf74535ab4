"""Runs of free seats: their sizes, the masks that find a row, and the rule of single seats."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.events.events import OrphanRule
from models.events.seats.seat_maps import (
    MAX_RUN,
    free_runs,
    leaves_single,
    mask_at_least,
    mask_without_single,
    sizes_of,
)

POSITIONS = st.sets(st.integers(0, MAX_RUN - 1))


@given(POSITIONS)
def test_runs_cover_the_free_positions_and_do_not_touch(free: set[int]) -> None:
    runs = free_runs(free)
    assert {pos for run in runs for pos in range(run.first, run.last + 1)} == free
    assert all(one.last + 1 < other.first for one, other in itertools.pairwise(runs))
    lengths = {run.length for run in runs}
    assert {length for length in range(MAX_RUN + 1) if sizes_of(free) >> length & 1} == lengths


@given(POSITIONS, st.integers(1, MAX_RUN))
def test_masks_find_rows_with_a_run_that_suffices(free: set[int], wanted: int) -> None:
    lengths, sizes = [run.length for run in free_runs(free)], sizes_of(free)
    assert bool(sizes & mask_at_least(wanted)) == any(one >= wanted for one in lengths)
    none_left = any(one == wanted or one >= wanted + 2 for one in lengths)
    assert bool(sizes & mask_without_single(wanted)) == none_left
    assert mask_at_least(wanted) < 2**63


@pytest.mark.parametrize(
    ("free", "chosen", "left"),
    [
        ({0, 1, 2, 3}, {1, 2}, [0, 3]),
        ({0, 1, 2, 3}, {0, 1}, []),
        ({0, 1, 2, 3}, {1, 2, 3}, []),  # one remains in any case
        ({0, 1, 2}, {0, 1}, []),  # two of the last three are always sold
        ({0, 1, 2}, {1}, [0, 2]),
        ({0, 1, 2, 5}, {0, 1, 2}, []),  # 5 was single before
        ({3, 4, 5, 6, 7}, {4, 5}, [3]),
    ],
)
def test_lenient_refuses_singles_that_the_block_could_avoid(
    free: set[int], chosen: set[int], left: list[int]
) -> None:
    assert leaves_single(free, chosen, OrphanRule.LENIENT) == left
    assert leaves_single(free, chosen, OrphanRule.OFF) == []


def test_strict_also_refuses_if_other_rows_fit() -> None:
    free, chosen = {0, 1, 2}, {0, 1}
    assert leaves_single(free, chosen, OrphanRule.STRICT) == []
    assert leaves_single(free, chosen, OrphanRule.STRICT, elsewhere=True) == [2]
