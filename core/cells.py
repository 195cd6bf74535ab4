"""Cells of the earth's surface, as ranges of numbers that an index is searched by.

Latitude and longitude are numbers of 31 bits, and the bits of both in turn are the place, a Morton
code: a cell of a quadtree is a range of places. The function `cell_of` of the database computes the
place of a row.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from heapq import heappop, heappush
from math import asin, atan2, cos, degrees, radians, sin, sqrt

BITS = 31
EARTH_RADIUS_M = 6_378_168  # of PostgreSQL's `earth()`
MAX_RANGES = 64
MARGIN_M = 0.01  # for errors of rounding
LEVELS = range(6, 18)  # from about 600 km to 300 m at the equator


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell by its level, 0 for the whole earth, and its column and row of 2 ** level each."""

    level: int
    column: int
    row: int

    @property
    def width(self) -> float:
        """Return the degrees of longitude; of latitude it has half as many."""
        return 360 / (1 << self.level)

    @property
    def west(self) -> float:
        return self.column * self.width - 180

    @property
    def east(self) -> float:
        return (self.column + 1) * self.width - 180

    @property
    def south(self) -> float:
        return self.row * self.width / 2 - 90

    @property
    def north(self) -> float:
        return (self.row + 1) * self.width / 2 - 90

    @property
    def range(self) -> tuple[int, int]:
        """Return the first and last place in the cell."""
        shift = 2 * (BITS - self.level)
        first = _interleave(self.column, self.row) << shift
        return first, first + (1 << shift) - 1

    @property
    def area(self) -> float:
        """Return the square metres."""
        heights = sin(radians(self.north)) - sin(radians(self.south))
        return EARTH_RADIUS_M**2 * radians(self.width) * heights

    @property
    def diameter(self) -> float:
        """Return metres that no two points of the cell are apart."""
        widest = min((abs(self.south), abs(self.north))) if self.south * self.north > 0 else 0
        wide = radians(self.width)
        return EARTH_RADIUS_M * (wide * cos(radians(widest)) + wide / 2)

    def parts(self) -> Iterator["Cell"]:
        for column in (2 * self.column, 2 * self.column + 1):
            for row in (2 * self.row, 2 * self.row + 1):
                yield Cell(self.level + 1, column, row)

    def distance(self, latitude: float, longitude: float) -> float:
        """Return the metres from a point to the nearest of the cell, 0 within it.

        A cell is at most half of the earth wide, so the nearest point is on the point's own
        meridian, or on an edge that is a meridian. The distance along one has a single minimum.
        """
        if self.level == 0:
            return 0
        if self.west <= longitude <= self.east:
            nearest = min(max(latitude, self.south), self.north)
            return EARTH_RADIUS_M * radians(abs(latitude - nearest))
        edges = (radians(edge - longitude) for edge in (self.west, self.east))
        return EARTH_RADIUS_M * min(self._to_meridian(radians(latitude), edge) for edge in edges)

    def _to_meridian(self, latitude: float, away: float) -> float:
        lowest = degrees(atan2(sin(latitude), cos(latitude) * cos(away)))
        candidates = {self.south, self.north, min(max(lowest, self.south), self.north)}
        return min(_angle(latitude, radians(one), away) for one in candidates)


def cell_at(latitude: float, longitude: float, level: int = BITS) -> Cell:
    """Return the cell of a level with a point. The edges at 180° and 90° belong to the last one."""
    most = 2**BITS
    column = min(most - 1, int((longitude + 180) / 360 * most))
    row = min(most - 1, int((latitude + 90) / 180 * most))
    return Cell(level, column >> (BITS - level), row >> (BITS - level))


def place_of(latitude: float, longitude: float) -> int:
    """Return the place of a point."""
    return cell_at(latitude, longitude).range[0]


@lru_cache(maxsize=1_024)
def cover(
    latitude: float, longitude: float, outer_m: float, inner_m: float = 0
) -> tuple[tuple[int, int], ...]:
    """Return at most 64 ranges with all places within a ring, and more. Radii are in metres.

    The quadtree is split from the whole earth, the largest cell first.
    """
    waiting: list[tuple[int, int, Cell]] = [(0, 0, Cell(0, 0, 0))]
    number = 0
    while waiting and len(waiting) + 3 <= MAX_RANGES and waiting[0][0] < BITS:
        _, _, cell = heappop(waiting)
        for part in cell.parts():
            nearest = part.distance(latitude, longitude)
            beyond = nearest > outer_m + MARGIN_M
            within = nearest + part.diameter < inner_m - MARGIN_M
            if not (beyond or within):
                number += 1
                heappush(waiting, (part.level, number, part))
    return tuple(_merged(sorted(cell.range for _, _, cell in waiting)))


def _merged(ranges: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield ranges in their order, and neighbours as one."""
    first, last = None, -2
    for one in ranges:
        if first is not None and one[0] != last + 1:
            yield first, last
            first = None
        first, last = one[0] if first is None else first, one[1]
    if first is not None:
        yield first, last


def _angle(latitude: float, other: float, away: float) -> float:
    half = sin((latitude - other) / 2) ** 2 + cos(latitude) * cos(other) * sin(away / 2) ** 2
    return 2 * asin(min(1, sqrt(half)))


def _interleave(column: int, row: int) -> int:
    return _spread(column) | (_spread(row) << 1)


def _spread(number: int) -> int:
    """Return a number of 31 bits with a zero before each of its bits."""
    number = (number | (number << 16)) & 0x0000FFFF0000FFFF
    number = (number | (number << 8)) & 0x00FF00FF00FF00FF
    number = (number | (number << 4)) & 0x0F0F0F0F0F0F0F0F
    number = (number | (number << 2)) & 0x3333333333333333
    return (number | (number << 1)) & 0x5555555555555555
