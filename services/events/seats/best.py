"""The best seats that are available: found by the lengths of free runs, one locked row at a time.

Buyers at once skip the rows that others have locked, so that they do not wait for each other. Only
if no other row fits do they wait: a refusal is never due to a lock.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Integer, ScalarSelect, Uuid, bindparam, case
from sqlmodel import col, func, or_, select

from core.database import for_change
from core.statements.selected import columns_of
from core.statements.statement import Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.events.seats.charts import ChartRow
from models.events.seats.seat_maps import (
    PlaceState,
    SeatPlace,
    SeatRow,
    best_block,
    largest_run,
    mask_at_least,
    mask_without_single,
)
from services.events.seats.places import hold_places, is_general, lock_rows, read_rows

_SECTION = bindparam("section_id", type_=Uuid())
_MATCHES = (
    col(SeatRow.event_date_id) == bindparam("event_date_id"),
    any_of(col(SeatRow.category_id), "category_ids"),
    or_(
        _SECTION.is_(None),
        col(SeatRow.row_id).in_(select(ChartRow.id).where(col(ChartRow.section_id) == _SECTION)),
    ),
)
# While users wait, the seats of a row are theirs. The guard is a column of the row itself: a
# statement that has waited for its lock reads it again, what it joins it does not.
_FOR_WAITING = bindparam("for_waiting", type_=Boolean())
_OPEN = or_(_FOR_WAITING, ~col(SeatRow.waitlist_first))
_BY_RANK = col(SeatRow.rank), col(SeatRow.row_id)
_FIND = (
    select(*columns_of(SeatRow))
    .where(*_MATCHES, _OPEN, col(SeatRow.sizes).op("&")(bindparam("mask", type_=BigInteger())) != 0)
    .order_by(*_BY_RANK)
    .limit(1)
)
FIND_UNLOCKED = Statement(for_change(_FIND, skip_locked=True), SeatRow)
FIND = Statement(for_change(_FIND), SeatRow)
LONGEST = Statement(
    select(func.coalesce(func.max(SeatRow.sizes), 0).label("sizes")).where(*_MATCHES, _OPEN)
)
# Rows of a section by rank: the next one is the neighbour.
NEIGHBOURS = Statement(
    select(
        col(SeatRow.row_id),
        case((_OPEN, col(SeatRow.sizes)), else_=0).label("sizes"),
        col(ChartRow.section_id),
    )
    .join(ChartRow, col(ChartRow.id) == col(SeatRow.row_id))
    .where(*_MATCHES)
    .order_by(col(ChartRow.section_id), *_BY_RANK)
)


def _count_free(*, accessible: bool) -> ScalarSelect[int]:
    return (
        select(func.count())
        .where(
            col(SeatPlace.event_date_id) == col(SeatRow.event_date_id),
            col(SeatPlace.row_id) == col(SeatRow.row_id),
            col(SeatPlace.accessible) == accessible,
            col(SeatPlace.state) == PlaceState.FREE,
        )
        .correlate(SeatRow)
        .scalar_subquery()
    )


_COMPANIONS = bindparam("companions", type_=Integer())
WITH_ACCESSIBLE = Statement(
    select(col(SeatRow.row_id), col(SeatRow.rank))
    .where(
        *_MATCHES,
        or_(_FOR_WAITING, ~col(SeatRow.accessible_first)),
        or_(_COMPANIONS == 0, _OPEN),
        bindparam("accessible", type_=Integer()) <= _count_free(accessible=True),
        _count_free(accessible=False) >= _COMPANIONS,
    )
    .order_by(*_BY_RANK)
    .limit(20)
)
MAX_PAIRS = 20  # of rows that are tried for seats nearby


@dataclass(frozen=True)
class Wish:
    """Where seats are looked for, and the hold that gets them.

    It is `for_waiting` if its user waited: rows that are closed to the public sale are open to it.
    """

    event_date_id: UUID
    category_ids: Collection[UUID]
    section_id: UUID | None
    hold_id: UUID
    until: datetime
    for_waiting: bool = False

    @property
    def parameters(self) -> dict[str, object]:
        return {
            "for_waiting": self.for_waiting,
            "event_date_id": self.event_date_id,
            "category_ids": sorted(self.category_ids),
            "section_id": self.section_id,
        }


async def hold_in_row(unit: UnitOfWork, wish: Wish, wanted: int) -> list[SeatPlace]:
    """Hold seats side by side in the best row. Returns none if no run is long enough.

    A row where no single seat is left is better than one that is closer to the stage.
    """
    row = await _lock_best_row(unit, wish, wanted)
    if row is None:
        return []
    places = await read_rows(unit, wish.event_date_id, [row.row_id])
    seats = _block(row, places[row.row_id], wanted)
    await hold_places(unit, seats, wish.hold_id, wish.until)
    return seats


async def _lock_best_row(unit: UnitOfWork, wish: Wish, wanted: int) -> SeatRow | None:
    connection = await connection_of(unit)
    for mask in (mask_without_single(wanted), mask_at_least(wanted)):
        for statement in (FIND_UNLOCKED, FIND):
            found = await statement.fetch_one(connection, **wish.parameters, mask=mask)
            if found is not None:
                return found
    return None


def _block(row: SeatRow, places: Sequence[SeatPlace], wanted: int) -> list[SeatPlace]:
    general = {place.pos: place for place in places if is_general(place)}
    block = best_block(general, wanted, row.centre)
    return [] if block is None else [general[pos] for pos in block]


async def hold_nearby(unit: UnitOfWork, wish: Wish, wanted: int) -> list[SeatPlace]:
    """Hold seats in two neighbouring rows, at least two in each. Returns none if none fit.

    Pairs are found without a lock, and read again under the locks of both rows.
    """
    rows = await NEIGHBOURS.fetch(await connection_of(unit), **wish.parameters)
    pairs = [
        (one["row_id"], other["row_id"])
        for one, other in pairwise(rows)
        if one["section_id"] == other["section_id"]
        and any(_parts(one["sizes"], other["sizes"], wanted))
    ]
    for pair in pairs[:MAX_PAIRS]:
        locked = {row.row_id: row for row in await lock_rows(unit, wish.event_date_id, pair)}
        places = await read_rows(unit, wish.event_date_id, pair)
        first, second = (locked[id] for id in pair)
        closed = (first.waitlist_first or second.waitlist_first) and not wish.for_waiting
        parts = [] if closed else list(_parts(first.sizes, second.sizes, wanted))
        if not parts:
            continue
        here, there = min(parts, key=_by_evenness(first, second))
        seats = [
            *_block(first, places[first.row_id], here),
            *_block(second, places[second.row_id], there),
        ]
        await hold_places(unit, seats, wish.hold_id, wish.until)
        return seats
    return []


def _parts(sizes: int, other: int, wanted: int) -> Iterator[tuple[int, int]]:
    """Yield how the seats can be divided among two rows, at least two in each."""
    for here in range(2, wanted - 1):
        if here <= largest_run(sizes) and wanted - here <= largest_run(other):
            yield here, wanted - here


def _by_evenness(first: SeatRow, second: SeatRow) -> Callable[[tuple[int, int]], tuple[int, int]]:
    """Order parts: those that leave no single seat first, then the most equal ones."""

    def key(parts: tuple[int, int]) -> tuple[int, int]:
        here, there = parts
        singles = (not first.sizes & mask_without_single(here)) + (
            not second.sizes & mask_without_single(there)
        )
        return singles, abs(here - there)

    return key


async def hold_anywhere(unit: UnitOfWork, wish: Wish, wanted: int) -> list[SeatPlace]:
    """Hold seats in as few parts as there are. Returns fewer if fewer are free.

    Each round holds some, or it is the last: also if the `sizes` of a row were wrong.
    """
    seats: list[SeatPlace] = []
    while missing := wanted - len(seats):
        longest = await find_longest(unit, wish)
        found = await hold_in_row(unit, wish, min(longest, missing)) if longest else []
        if not found:
            break
        seats += found
    return seats


async def find_longest(unit: UnitOfWork, wish: Wish) -> int:
    """Return the length of the longest free run."""
    (found,) = await LONGEST.fetch(await connection_of(unit), **wish.parameters)
    return largest_run(found["sizes"])


async def hold_accessible(
    unit: UnitOfWork, wish: Wish, wanted: int, accessible: int
) -> list[SeatPlace]:
    """Hold accessible places of one row, and the free seats that are closest to them.

    Returns none if no row has so many.
    """
    connection, companions = await connection_of(unit), wanted - accessible
    rows = await WITH_ACCESSIBLE.fetch(
        connection, **wish.parameters, accessible=accessible, companions=companions
    )
    for row_id in (row["row_id"] for row in rows):
        (row,) = await lock_rows(unit, wish.event_date_id, [row_id])
        closed = row.accessible_first or (companions > 0 and row.waitlist_first)
        if closed and not wish.for_waiting:
            continue
        places = (await read_rows(unit, wish.event_date_id, [row_id]))[row_id]
        seats = _beside(row, places, wanted, accessible)
        if seats:
            await hold_places(unit, seats, wish.hold_id, wish.until)
            return seats
    return []


def _beside(
    row: SeatRow, places: Sequence[SeatPlace], wanted: int, accessible: int
) -> list[SeatPlace]:
    """Return accessible places that are close to each other, and companions beside them."""
    free = [place for place in places if place.state is PlaceState.FREE]
    fit = [place for place in free if place.accessible]
    groups = [fit[at : at + accessible] for at in range(len(fit) - accessible + 1)]
    if not groups:
        return []
    chosen = min(
        groups, key=lambda group: (group[-1].pos - group[0].pos, abs(group[0].pos - row.centre))
    )
    middle = sum(place.pos for place in chosen) / accessible
    others = sorted(
        (one for one in free if not one.accessible), key=lambda one: abs(one.pos - middle)
    )
    needed = wanted - accessible
    return [*chosen, *others[:needed]] if len(others) >= needed else []
