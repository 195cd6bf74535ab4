"""Free seats of a date as they are counted for those who wait, without the database."""

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from models.events.seats.seat_maps import largest_run
from models.events.selling.waitlist import Together

LEAST_PART = 2  # seats in each of two neighbouring rows


class AccessibleSeats(NamedTuple):
    """The accessible seats of a price category: others than its general ones."""

    category_id: UUID


Scarce = UUID | AccessibleSeats  # what limits a type: itself, a quota, a category or its part


@dataclass(frozen=True)
class FreeRow:
    """The free seats of a row: general ones, the lengths of their runs, and accessible ones."""

    category_id: UUID
    section_id: UUID
    sizes: int
    general: int
    accessible: int

    @property
    def longest(self) -> int:
        return largest_run(self.sizes)


@dataclass(frozen=True)
class FreeSeats:
    """The rows that some wait for, by section and rank: the next one is the neighbour."""

    rows: Sequence[FreeRow] = ()

    @property
    def left(self) -> bool:
        return any(row.general or row.accessible for row in self.rows)

    def has_accessible(self, category_ids: Collection[UUID], seats: int) -> bool:
        """Return whether a row has so many accessible seats."""
        return any(row.accessible >= seats for row in self._of(category_ids))

    def count(
        self, category_ids: Collection[UUID], together: Together, accessible: int, wanted: int
    ) -> int:
        """Return how many seats best-available would hold at once, at most those wanted.

        With accessible ones, these are all of the wanted, and the others are in their row.
        """
        rows = self._of(category_ids)
        if accessible:
            fits = (accessible + row.general for row in rows if row.accessible >= accessible)
            found = min(wanted, max(fits, default=0))
            return found if found >= accessible else 0
        if together is Together.ANY:
            return min(wanted, sum(row.general for row in rows))
        longest = max((row.longest for row in rows), default=0)
        if together is Together.NEARBY and wanted >= 2 * LEAST_PART:
            longest = max(longest, _longest_of_two(rows))
        return min(wanted, longest)

    def without(self, kept: Set[Scarce]) -> "FreeSeats":
        """Return the seats that are left if those of categories are kept for others."""
        return FreeSeats([_without(row, kept) for row in self.rows])

    def _of(self, category_ids: Collection[UUID]) -> list[FreeRow]:
        return [row for row in self.rows if row.category_id in category_ids]


def _longest_of_two(rows: Sequence[FreeRow]) -> int:
    """Return how many seats two neighbouring rows have, at least two in each."""
    return max(
        (
            one.longest + other.longest
            for one, other in pairwise(rows)
            if one.section_id == other.section_id and min(one.longest, other.longest) >= LEAST_PART
        ),
        default=0,
    )


def _without(row: FreeRow, kept: Set[Scarce]) -> FreeRow:
    if row.category_id in kept:
        row = replace(row, sizes=0, general=0)
    if AccessibleSeats(row.category_id) in kept:
        row = replace(row, accessible=0)
    return row
