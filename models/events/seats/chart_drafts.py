"""Validated input of charts: sections, their rows, and their seats in a short notation.

`1-4 _ 5 6:a 7:c6 8:r` are seats side by side with an aisle after 4. 6 is accessible, 7 is for the
companion of 6, and 8 has a restricted view.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, StringConstraints, model_validator
from pydantic import Field as Range

from models.errors import InvalidValue
from models.events.seats.charts import (
    MAX_BLOCKS,
    MAX_COORDINATE,
    MAX_POSITION,
    MAX_SEATS,
    MAX_STANDING,
    ChartName,
    Label,
    SeatNumber,
    SectionKind,
)

MAX_CATEGORIES, MAX_SECTIONS, MAX_ROWS = 50, 500, 2_000  # of a chart
MAX_PLACES_OF_ROW = 500  # with aisles; a row of more than 62 becomes several blocks
COLOURS = "#336699", "#993333", "#339966", "#cc9933", "#663399", "#669933", "#cc6633", "#339999"
Coordinate = Annotated[float, Range(ge=-MAX_COORDINATE, le=MAX_COORDINATE)]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]
TOKEN = re.compile(
    r"_(?P<gap>\d{1,3})?|(?P<first>\d{1,5})-(?P<last>\d{1,5})|(?P<number>[^\s:_-](?:[^\s:]{0,6}[^\s:-])?)"
    r"(?::(?P<flags>[ar]+|c(?P<of>[^\s:]{1,8})))?"
)
RANGE = re.compile(r"(\d{1,5})-(\d{1,5})")


class SeatDraft(BaseModel, frozen=True, extra="forbid"):
    """A seat. `pos` counts physical places from 0, and `companion_of` is a number of the row."""

    number: SeatNumber
    pos: Annotated[int, Range(ge=0, lt=MAX_PLACES_OF_ROW)]
    x: Coordinate | None = None
    y: Coordinate | None = None
    accessible: bool = False
    companion_of: SeatNumber | None = None
    restricted_view: bool = False


def read_seats(given: Any) -> Any:
    """Return the seats of the short notation. Other values are validated as they are."""
    if not isinstance(given, str):
        return given
    seats: list[dict[str, Any]] = []
    pos = 0
    for token in given.split():
        match = TOKEN.fullmatch(token)
        if match is None:
            raise InvalidValue("“{token}” is not a seat.", token=token[:20])
        if token.startswith("_"):
            pos += int(match["gap"] or 1)
            continue
        for number in _numbers(match):
            if pos >= MAX_PLACES_OF_ROW:
                raise InvalidValue("A row has too many seats.")
            seats.append({"number": number, "pos": pos, **_flags(match)})
            pos += 1
    return seats


def _numbers(match: re.Match[str]) -> Iterator[str]:
    if match["first"] is None:
        yield match["number"]
        return
    first, last = int(match["first"]), int(match["last"])
    if abs(last - first) >= MAX_PLACES_OF_ROW:
        raise InvalidValue("A row has too many seats.")
    step = 1 if last >= first else -1
    yield from (str(number) for number in range(first, last + step, step))


def _flags(match: re.Match[str]) -> dict[str, Any]:
    flags = "" if match["of"] else match["flags"] or ""
    return {
        "accessible": "a" in flags,
        "restricted_view": "r" in flags,
        "companion_of": match["of"],
    }


def count_places(given: Any) -> int:
    """Return about how many seats the sections of a file have, without making any.

    A few characters can stand for 500 seats: a file of 200 kB would become millions of objects.
    """
    sections = given.get("sections") if isinstance(given, Mapping) else None
    rows = [row for section in _list(sections) for row in _list(section, "rows")]
    return sum(_count_seats(row.get("seats")) for row in rows if isinstance(row, Mapping))


def _list(given: Any, name: str | None = None) -> list[Any]:
    if name is not None:
        given = given.get(name) if isinstance(given, Mapping) else None
    return given if isinstance(given, list) else []


def _count_seats(given: Any) -> int:
    if not isinstance(given, str):
        return len(_list(given))
    ranges = RANGE.findall(given)
    return len(given.split()) + sum(abs(int(last) - int(first)) for first, last in ranges)


Seats = Annotated[
    list[SeatDraft], BeforeValidator(read_seats), Range(min_length=1, max_length=MAX_PLACES_OF_ROW)
]


class RowDraft(BaseModel, frozen=True, extra="forbid"):
    """A row of seats, or a block of one: several can have one label.

    Seats without coordinates are on a line from (`x`, `y`), each (`dx`, `dy`) from the last.
    """

    label: Label
    category: Label
    seats: Seats
    x: Coordinate = 0
    y: Coordinate | None = None
    dx: Annotated[float, Range(ge=-100, le=100)] = 1
    dy: Annotated[float, Range(ge=-100, le=100)] = 0

    def place(self, seat: SeatDraft, y: float) -> tuple[float, float]:
        """Return the coordinates of a seat of the row, which is at `y` if it names none."""
        along = self.y if self.y is not None else y
        return (
            self.x + seat.pos * self.dx if seat.x is None else seat.x,
            along + seat.pos * self.dy if seat.y is None else seat.y,
        )

    @model_validator(mode="after")
    def ensure_places(self) -> Self:
        if len({seat.pos for seat in self.seats}) != len(self.seats):
            raise InvalidValue("Two seats of a row are at one position.")
        numbers = {seat.number for seat in self.seats}
        for seat in self.seats:
            if seat.companion_of is None:
                continue
            if seat.companion_of == seat.number or seat.companion_of not in numbers:
                raise InvalidValue("A companion's seat is beside another one of the row.")
        return self


class SectionDraft(BaseModel, frozen=True, extra="forbid"):
    """A section with rows of seats, or of a capacity for people who stand."""

    name: Label
    kind: SectionKind = SectionKind.SEATED
    entrance: Label | None = None
    category: Label | None = None
    capacity: Annotated[int, Range(ge=1, le=MAX_STANDING)] | None = None
    x: Coordinate = 0
    y: Coordinate = 0
    rows: Annotated[list[RowDraft], Range(max_length=MAX_ROWS)] = []

    @model_validator(mode="before")
    @classmethod
    def name_categories(cls, given: Any) -> Any:
        """Give rows without a category that of the section, or its name."""
        if not isinstance(given, Mapping):
            return given
        category = given.get("category", given.get("name"))
        rows = [
            {"category": category, **row} if isinstance(row, Mapping) else row
            for row in _list(given, "rows")
        ]
        return {**given, "rows": rows} if rows else given

    @model_validator(mode="after")
    def ensure_kind(self) -> Self:
        standing = self.kind is SectionKind.STANDING
        if standing != (self.capacity is not None) or standing == bool(self.rows):
            raise InvalidValue("A section has rows of seats, or a capacity for people who stand.")
        blocks = Counter[str]()
        for row in self.rows:
            blocks[row.label] += 1 + max(seat.pos for seat in row.seats) // (MAX_POSITION + 1)
        if blocks and max(blocks.values()) > MAX_BLOCKS:
            raise InvalidValue("A chart has too many rows.")
        numbers = Counter((row.label, seat.number) for row in self.rows for seat in row.seats)
        for (label, number), count in numbers.items():
            if count > 1:
                raise InvalidValue("Row {row} has two seats {seat}.", row=label, seat=number)
        return self


class PriceCategoryDraft(BaseModel, frozen=True, extra="forbid"):
    name: Label
    colour: Colour


class ChartDraft(BaseModel, frozen=True, extra="forbid"):
    """A whole chart. Categories that only rows name get a colour."""

    name: ChartName
    focal_x: Coordinate = 0
    focal_y: Coordinate = 0
    categories: Annotated[list[PriceCategoryDraft], Range(max_length=MAX_CATEGORIES)] = []
    sections: Annotated[list[SectionDraft], Range(min_length=1, max_length=MAX_SECTIONS)]

    @property
    def seats(self) -> int:
        return sum(len(row.seats) for section in self.sections for row in section.rows)

    @property
    def standing(self) -> int:
        return sum(section.capacity or 0 for section in self.sections)

    def colours(self) -> dict[str, str]:
        """Return the colours of all categories, in their order."""
        found = {one.name: one.colour for one in self.categories}
        for section in self.sections:
            named = [section.category, *(row.category for row in section.rows)]
            for name in named:
                if name is not None and name not in found:
                    found[name] = COLOURS[len(found) % len(COLOURS)]
        return found

    @model_validator(mode="before")
    @classmethod
    def ensure_size(cls, given: Any) -> Any:
        if count_places(given) > MAX_SEATS:
            raise InvalidValue("A chart has too many places.")
        return given

    @model_validator(mode="after")
    def ensure_limits(self) -> Self:
        if len({section.name for section in self.sections}) != len(self.sections):
            raise InvalidValue("Two sections have one name.")
        if len({one.name for one in self.categories}) != len(self.categories):
            raise InvalidValue("Two categories have one name.")
        if len(self.colours()) > MAX_CATEGORIES:
            raise InvalidValue("A chart has too many categories.")
        if sum(len(section.rows) for section in self.sections) > MAX_ROWS:
            raise InvalidValue("A chart has too many rows.")
        if self.seats > MAX_SEATS or self.standing > MAX_STANDING:
            raise InvalidValue("A chart has too many places.")
        return self
