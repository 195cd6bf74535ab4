"""All orders in which scans of a voucher arrive have the same end."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.redemptions import RedemptionOutcome, RedemptionReason
from services.redemptions.fold import (
    FoldedOutcome,
    FoldedScan,
    ReversedUse,
    VoucherHistory,
    fold,
)

START = datetime(2026, 5, 1, 12, tzinfo=UTC)
MINUTES = st.integers(-30, 150)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


REVERSED = st.tuples(MINUTES, st.integers(0, 60)).map(
    lambda drawn: ReversedUse(at(drawn[0]), at(sum(drawn)))
)
HISTORY = VoucherHistory(
    starts_at=at(0),
    expires_at=at(120),
    superseded={1: at(60)},
    reversed_uses=(ReversedUse(at(0), at(10)),),
)


def scan(number: int, minute: int, *, scanner: int = 1, generation: int = 2) -> FoldedScan:
    return FoldedScan(UUID(int=number), at(minute), UUID(int=scanner), number, generation)


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[VoucherHistory, list[FoldedScan], list[list[FoldedScan]]]:
    """Draw scans of three devices and an order in which they arrive, in batches."""
    history = VoucherHistory(
        starts_at=at(0),
        expires_at=at(120),
        cancelled=draw(st.booleans()),
        superseded=draw(st.dictionaries(st.integers(1, 2), MINUTES.map(at))),
        reversed_uses=draw(st.lists(REVERSED, max_size=3)),
        max_uses=draw(st.integers(1, 3)),
    )
    made = draw(
        st.lists(
            st.builds(
                lambda minute, scanner, generation: (minute, scanner, generation),
                MINUTES,
                st.integers(1, 3),
                st.integers(1, 3),
            ),
            min_size=1,
            max_size=8,
        )
    )
    scans = [
        scan(number, minute, scanner=scanner, generation=generation)
        for number, (minute, scanner, generation) in enumerate(made)
    ]
    order = draw(st.permutations(scans))
    ends = sorted(draw(st.sets(st.integers(1, len(scans)))) | {len(scans)})
    batches = [order[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]
    return history, scans, batches


def arrive(
    history: VoucherHistory, batches: Sequence[Sequence[FoldedScan]]
) -> dict[UUID, FoldedOutcome]:
    """Fold from scratch after each batch, as the server does, and return the last verdicts."""
    known: list[FoldedScan] = []
    verdicts: dict[UUID, FoldedOutcome] = {}
    for batch in batches:
        known.extend(batch)
        verdicts = fold(history, known)
    return verdicts


@given(arrivals())
def test_all_orders_of_arrival_have_the_same_end(
    drawn: tuple[VoucherHistory, list[FoldedScan], list[list[FoldedScan]]],
) -> None:
    history, scans, batches = drawn
    verdicts = arrive(history, batches)
    assert verdicts == fold(history, scans)
    assert verdicts.keys() == {one.id for one in scans}
    approved = [one for one in scans if verdicts[one.id].outcome is RedemptionOutcome.APPROVED]
    assert len(approved) <= history.max_uses
    if history.max_uses == 1:
        ensure_first_wins(history, scans, verdicts)


def ensure_first_wins(
    history: VoucherHistory, scans: Sequence[FoldedScan], verdicts: dict[UUID, FoldedOutcome]
) -> None:
    """Check that each double of a voucher of one use is later than its approval."""
    for first in scans:
        if verdicts[first.id].outcome is not RedemptionOutcome.APPROVED:
            continue
        begin = max((one.reversed_at for one in history.reversed_uses), default=at(-31))
        later = [one for one in scans if one.moment > begin and one.id != first.id]
        doubles = [one for one in later if verdicts[one.id].reason.value == "ALREADY_REDEEMED"]
        assert all(first.place < one.place for one in doubles)


def test_the_first_to_arrive_would_differ() -> None:
    """The control: the order of arrival decides if each scan is decided once."""

    def arrive_once(order: Sequence[FoldedScan]) -> set[UUID]:
        return {one.id for one in order[:1]}

    early, late = scan(1, 20), scan(2, 30)
    assert arrive_once([early, late]) != arrive_once([late, early])
    assert fold(HISTORY, [early, late]) == fold(HISTORY, [late, early])


@pytest.mark.parametrize(
    ("minute", "generation", "outcome", "reason"),
    [
        (20, 2, "APPROVED", "APPROVED"),
        (59, 1, "APPROVED", "APPROVED"),
        (60, 1, "REFUSED", "OLD_GENERATION"),
        (-1, 2, "REFUSED", "NOT_YET"),
        (120, 2, "REFUSED", "EXPIRED"),
        (10, 2, "DOUBLE", "ALREADY_REDEEMED"),
        (11, 2, "APPROVED", "APPROVED"),
    ],
)
def test_a_scan_is_judged_as_of_its_time(
    minute: int, generation: int, outcome: str, reason: str
) -> None:
    one = scan(1, minute, generation=generation)
    verdict = (RedemptionOutcome(outcome), RedemptionReason(reason))
    assert fold(HISTORY, [one]) == {one.id: verdict}


def test_a_scan_of_a_cancelled_voucher_is_double() -> None:
    history = VoucherHistory(at(0), at(120), cancelled=True)
    one = scan(1, 20)
    verdict = (RedemptionOutcome.DOUBLE, RedemptionReason.CANCELLED)
    assert fold(history, [one]) == {one.id: verdict}


def test_an_earlier_scan_without_a_network_comes_before_one_with_it() -> None:
    online = FoldedScan(UUID(int=9), at(30), None, 0, decided=True)
    offline = scan(1, 20)
    verdicts = fold(HISTORY, [online, offline])
    assert verdicts[offline.id].outcome is RedemptionOutcome.APPROVED
    assert verdicts[online.id].outcome is RedemptionOutcome.DOUBLE


@pytest.mark.parametrize(
    ("second", "outcome"),
    [
        ((30, 40), "APPROVED"),  # it took the place that the first gave back
        ((15, 40), "DOUBLE"),  # both stood at once, and left no place
    ],
)
def test_reversed_uses_that_stood_at_once_are_counted(
    second: tuple[int, int], outcome: str
) -> None:
    uses = ReversedUse(at(10), at(20)), ReversedUse(at(second[0]), at(second[1]))
    history = VoucherHistory(at(0), at(120), reversed_uses=uses, max_uses=2)
    one = scan(1, 5)
    assert fold(history, [one])[one.id].outcome == outcome


def test_a_double_with_a_network_stays_one_after_the_reversal_of_the_earlier_scan() -> None:
    """Another use may have taken the place meanwhile."""
    history = VoucherHistory(at(0), at(120), reversed_uses=(ReversedUse(at(10), at(30)),))
    double = FoldedScan(UUID(int=8), at(20), None, 0, decided=True)
    later = FoldedScan(UUID(int=9), at(40), None, 0, decided=True)
    verdicts = fold(history, [double, later])
    assert verdicts[double.id].outcome is RedemptionOutcome.DOUBLE
    assert verdicts[later.id].outcome is RedemptionOutcome.APPROVED
