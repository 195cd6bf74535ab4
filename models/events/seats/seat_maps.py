"""Seat maps: the rows and the seats of one date, and rules about runs of free seats.

`sizes` of a row has bit k if a run of exactly k seats is free: the row for best-available seats is
found by it, without a look at the seats.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, NamedTuple, Self
from uuid import UUID

from pydantic import BaseModel, model_validator
from pydantic import Field as Range
from sqlalchemy import BigInteger, CheckConstraint, Index, false, text
from sqlmodel import Field, SQLModel

from core.ids import global_id
from models.base import enum_column, foreign_key, optional_foreign_key, timestamp
from models.errors import InvalidInput, Refusal
from models.events.events import OrphanRule
from models.events.seats.charts import MAX_POSITION, MAX_RANK
from models.personal_data import of_others
from models.text import OneLine, one_line_constraint

MAX_RUN = MAX_POSITION + 1
MAX_BLOCK_REASON_LENGTH = 120
MAX_BLOCKED = 500  # seats at once
ORPHAN_FREE_PERCENT = 10  # of the seats: with fewer left, the orphan rule ends
BlockReason = Annotated[str, OneLine(MAX_BLOCK_REASON_LENGTH)]


class PlaceState(StrEnum):
    """`FREE → HELD → SOLD`. BLOCKED seats can be freed again, KILLED ones do not exist there."""

    FREE = "FREE"
    HELD = "HELD"
    SOLD = "SOLD"
    BLOCKED = "BLOCKED"
    KILLED = "KILLED"


class SeatRow(SQLModel, table=True):
    """A row of seats on a date: the unit of locking. `rank` and `centre` are the chart's.

    While `waitlist_first`, the public sale takes no seat of it: those who wait come first.
    `accessible_first` is the same for its accessible seats.
    """

    __tablename__ = "seat_row"
    __table_args__ = (
        CheckConstraint(f"rank BETWEEN 0 AND {MAX_RANK}", name="rank"),
        CheckConstraint(f"centre BETWEEN 0 AND {MAX_POSITION}", name="centre"),
        CheckConstraint("sizes >= 0 AND sizes & 1 = 0", name="sizes"),
        Index("seat_row_rank_idx", "event_date_id", "rank", "row_id"),
        Index("seat_row_row_id_idx", "row_id"),
        Index("seat_row_category_id_idx", "category_id"),
        {"postgresql_with": {"fillfactor": 50}},
    )
    __privacy__ = of_others(none="rank centre sizes")

    event_date_id: UUID = foreign_key("event_date", primary_key=True, index=False)
    row_id: UUID = foreign_key("chart_row", primary_key=True, index=False)
    category_id: UUID = foreign_key("price_category", index=False)
    rank: int
    centre: float
    sizes: int = Field(sa_type=BigInteger)
    waitlist_first: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    accessible_first: bool = Field(default=False, sa_column_kwargs={"server_default": false()})

    def keeps(self, place: "SeatPlace") -> bool:
        """Return whether a seat of the row is kept for users who wait."""
        return self.accessible_first if place.accessible else self.waitlist_first


class SeatPlace(SQLModel, table=True):
    """A seat on a date. A hold's seats are FREE for others once `expires_at` has passed.

    Those of a hold in checkout expire at infinity: its order frees them.
    """

    __tablename__ = "seat_place"
    __table_args__ = (
        CheckConstraint(
            "CASE state"
            " WHEN 'HELD' THEN hold_id IS NOT NULL AND expires_at IS NOT NULL AND ticket_id IS NULL"
            " WHEN 'SOLD' THEN ticket_id IS NOT NULL AND num_nonnulls(hold_id, expires_at) = 0"
            " ELSE num_nonnulls(hold_id, ticket_id, expires_at) = 0 END",
            name="state",
        ),
        CheckConstraint(f"pos BETWEEN 0 AND {MAX_POSITION}", name="pos"),
        one_line_constraint("reason"),
        CheckConstraint(
            "reason IS NULL OR state IN ('BLOCKED', 'KILLED')"
            f" AND char_length(reason) <= {MAX_BLOCK_REASON_LENGTH}",
            name="reason",
        ),
        Index("seat_place_pos_key", "event_date_id", "row_id", "pos", unique=True),
        Index("seat_place_seat_id_idx", "seat_id"),
        Index("seat_place_row_id_idx", "row_id"),
        Index("seat_place_hold_id_idx", "hold_id", postgresql_where=text("hold_id IS NOT NULL")),
        Index("seat_place_ticket_id_idx", "ticket_id"),
        {"postgresql_with": {"fillfactor": 70}},
    )
    __privacy__ = of_others(none="pos reason")

    event_date_id: UUID = foreign_key("event_date", primary_key=True, index=False)
    seat_id: UUID = foreign_key("seat", primary_key=True, index=False)
    row_id: UUID = foreign_key("chart_row", index=False)
    pos: int
    accessible: bool = False  # counts in no general run
    state: PlaceState = enum_column(PlaceState, default=PlaceState.FREE)
    hold_id: UUID | None = optional_foreign_key("ticket_hold", index=False)
    ticket_id: UUID | None = optional_foreign_key("ticket", index=False)
    reason: BlockReason | None = Field(default=None, max_length=MAX_BLOCK_REASON_LENGTH)
    expires_at: datetime | None = timestamp(default=None)

    def is_free(self, moment: datetime) -> bool:
        """Return whether a seat can be held: it is FREE, or its hold has expired."""
        if self.state is PlaceState.HELD:
            return self.expires_at is not None and self.expires_at <= moment
        return self.state is PlaceState.FREE


class BlockDraft(BaseModel, frozen=True):
    """Validated input of the state that members give to seats."""

    seat_ids: Annotated[list[UUID], Range(min_length=1, max_length=MAX_BLOCKED)]
    state: PlaceState
    reason: BlockReason | None = None

    @model_validator(mode="after")
    def ensure_settable(self) -> Self:
        if self.state in {PlaceState.HELD, PlaceState.SOLD}:
            raise InvalidInput("Seats are held and sold by tickets.", field=["state"])
        if self.state is PlaceState.FREE and self.reason is not None:
            raise InvalidInput("Free seats need no reason.", field=["reason"])
        return self


class FreeRun(NamedTuple):
    """Free seats side by side, by the positions of the first and the last."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


def free_runs(positions: Collection[int]) -> list[FreeRun]:
    """Return the runs that free positions of a row form, in their order."""
    runs: list[FreeRun] = []
    for pos in sorted(positions):
        if runs and runs[-1].last == pos - 1:
            runs[-1] = FreeRun(runs[-1].first, pos)
        else:
            runs.append(FreeRun(pos, pos))
    return runs


def sizes_of(positions: Collection[int]) -> int:
    """Return `sizes` of a row with these free positions."""
    sizes = 0
    for run in free_runs(positions):
        sizes |= 1 << run.length
    return sizes


def mask_without_single(wanted: int) -> int:
    """Return the lengths of runs of which `wanted` seats leave no single one."""
    longer = max((1 << (MAX_RUN + 1)) - (1 << (wanted + 2)), 0)
    return longer | 1 << wanted


def mask_at_least(wanted: int) -> int:
    """Return the lengths of runs that have `wanted` seats."""
    return (1 << (MAX_RUN + 1)) - (1 << wanted)


def best_block(free: Collection[int], wanted: int, centre: float) -> range | None:
    """Return the positions of so many seats side by side: none of them single, then centred."""
    starts = (
        (_sides(run, first, wanted), abs(first + (wanted - 1) / 2 - centre), first)
        for run in free_runs(free)
        for first in range(run.first, run.last - wanted + 2)
    )
    best = min(starts, default=None)
    return None if best is None else range(best[2], best[2] + wanted)


def _sides(run: FreeRun, first: int, wanted: int) -> int:
    """Return at how many sides of a block one single seat would be left."""
    return (first - run.first == 1) + (run.last - first - wanted + 1 == 1)


def largest_run(sizes: int) -> int:
    """Return the length of the longest free run of a row."""
    return max(sizes.bit_length() - 1, 0)


def leaves_single(
    free: Collection[int], chosen: Collection[int], rule: OrphanRule, *, elsewhere: bool = False
) -> list[int]:
    """Return the positions of single seats that a choice would leave and could have avoided.

    `free` are the free positions of a row, with those chosen. A single seat is avoidable if the
    block could move within its run. With STRICT it is also if seats are free `elsewhere`: in a row
    of the category where the block would leave none.
    """
    if rule is OrphanRule.OFF:
        return []
    return [
        pos
        for run in free_runs(free)
        for pos in _singles(run, chosen)
        if _could_move(run, chosen) or (rule is OrphanRule.STRICT and elsewhere)
    ]


def _singles(run: FreeRun, chosen: Collection[int]) -> Iterator[int]:
    left = [pos for pos in range(run.first, run.last + 1) if pos not in chosen]
    if len(left) < run.length:  # the choice touches the run
        yield from (one.first for one in free_runs(left) if one.length == 1)


def _could_move(run: FreeRun, chosen: Collection[int]) -> bool:
    taken = sum(pos in chosen for pos in range(run.first, run.last + 1))
    return run.length - taken != 1


class SeatsTaken(Refusal):
    """Some of the seats are not free. `seat_ids` are those, as global ids."""

    message = "Some of these seats were taken in the meantime. Choose others."
    meaning = "Seats of the input are held, sold, blocked, or not of the date."
    remedy = "Mark the seats in `seatIds` as taken, and let the user choose others."

    def __init__(self, *, seat_ids: Sequence[UUID], field: list[str] | None = None) -> None:
        self.seat_ids = [global_id("Seat", id) for id in seat_ids]
        super().__init__(field=field)


class NoSeatsTogether(Refusal):
    """No run of free seats is long enough. `largest` is the longest one."""

    message = "There are not so many seats side by side. Choose at most {largest}, or seats apart."
    meaning = "No row has a run of free seats of the wanted length."
    remedy = "Show `largest`, and offer seats that are not side by side."

    def __init__(self, *, largest: int) -> None:
        self.largest = largest
        super().__init__(largest=largest)


class LeavesSingleSeat(Refusal):
    """The choice would leave single seats, which are in `seat_ids` as global ids."""

    message = "This would leave a single seat. Choose seats that leave none."
    meaning = "A seat with taken ones at both sides would remain, and another choice avoids that."
    remedy = "Mark the seats in `seatIds`, and let the user include or avoid them."

    def __init__(self, *, seat_ids: Sequence[UUID], field: list[str] | None = None) -> None:
        self.seat_ids = [global_id("Seat", id) for id in seat_ids]
        super().__init__(field=field)
