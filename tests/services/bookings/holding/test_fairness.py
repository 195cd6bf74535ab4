"""Which staff does a visit: by weight, position, and how long ago each was booked."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from uuid import UUID

from core.ids import new_id
from services.bookings.holding.fairness import NEVER, WINDOW, Load, rank_staff

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LONG_AGO = NOW - 2 * WINDOW


def load(kept: int = 0, weight: int = 100, position: int = 0, **values: datetime) -> Load:
    given = {"joined_at": LONG_AGO} | values
    return Load(new_id(), weight, position, kept=Fraction(kept), **given)


def first(pool: list[Load], free: set[UUID] | None = None) -> UUID:
    ids = {one.staff_id for one in pool} if free is None else free
    return rank_staff(pool, ids, new_id(), NOW)[0]


def serve(pool: list[Load], visits: int) -> Counter[int]:
    """Let visits go to staff who are always free. Returns how many each got, by their place."""
    for _ in range(visits):
        chosen = first(pool)
        pool[:] = [
            replace(one, kept=one.kept + 1) if one.staff_id == chosen else one for one in pool
        ]
    return Counter({place: int(one.kept) for place, one in enumerate(pool)})


def test_staff_share_visits_by_their_weight() -> None:
    pool = [load(weight=100), load(weight=200), load(weight=100)]
    assert serve(pool, 40) == {0: 10, 1: 20, 2: 10}


def test_who_is_behind_comes_first_and_only_those_who_are_free() -> None:
    busy, behind = load(kept=9), load(kept=3)
    assert first([busy, behind]) == behind.staff_id
    assert first([busy, behind], {busy.staff_id}) == busy.staff_id


def test_equal_staff_are_chosen_by_position_then_by_their_latest_booking() -> None:
    second, early = load(position=1), load(position=0)
    assert first([second, early]) == early.staff_id
    lately = load(latest_at=NOW - timedelta(hours=1))
    before = load(latest_at=NOW - timedelta(hours=2))
    never = load(latest_at=NEVER)
    assert rank_staff(
        [lately, before, never],
        {lately.staff_id, before.staff_id, never.staff_id},
        new_id(),
        NOW,
    ) == [never.staff_id, before.staff_id, lately.staff_id]


def test_bookings_are_drawn_between_staff_who_are_equal_in_all() -> None:
    pool = [load(), load()]
    chosen = Counter(first(pool) for _ in range(200))
    assert min(chosen.values()) > 50


def test_without_weight_only_if_nobody_else_is_free() -> None:
    spare, regular = load(weight=0), load(kept=50)
    assert first([spare, regular]) == regular.staff_id
    assert first([spare, regular], {spare.staff_id}) == spare.staff_id


def test_new_staff_begin_at_the_mean_of_the_others() -> None:
    """Others had two visits a day. Who began yesterday gets as many, and not all of the next."""
    pool = [load(kept=60), load(kept=60), load(joined_at=NOW - timedelta(days=1))]
    got = serve(pool, 20)
    assert 2 <= got[2] <= 4
