"""Rows near a place: within a circle, and by their distance from its center."""

from dataclasses import dataclass
from math import cos, dist, radians, sin
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Double
from sqlmodel import col, func, literal, true

from core.errors import BadInput
from core.keyset import Ordering

MAX_NEAR = 1_000  # in another order than by distance; among 30,000 it took 150 ms, 5,000 took 80
MAX_KM = 500
# From the sixth time, a plan for any circle sorted all offers in it: 180 ms instead of 4.
CUSTOM_PLAN = {"plan_cache_mode": "force_custom_plan"}
# PostgreSQL expects 200 rows in any circle, so it read all before it sorted them by distance.
NEAR_PLANNING = CUSTOM_PLAN | {"enable_bitmapscan": "off", "enable_seqscan": "off"}
EARTH_RADIUS_M = 6_378_168  # of PostgreSQL's `earth()`


class Positioned(Protocol):
    id: UUID
    latitude: float
    longitude: float
    position: str | None


@dataclass(frozen=True)
class Near:
    """A circle around coordinates. The radius is in kilometres, at most 500."""

    latitude: float
    longitude: float
    within_km: float

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise BadInput("Latitude must be within ±90 degrees and longitude within ±180 degrees.")
        if not 0 < self.within_km <= MAX_KM:
            raise BadInput("Choose a distance of more than 0 and at most 500 km.")

    def distance(self, row: Positioned) -> float:
        """Return the metres to a row, in a straight line through the earth.

        It is the key of `nearest`: the distance of two points of PostgreSQL's `earthdistance`.
        """
        return distance_m((self.latitude, self.longitude), (row.latitude, row.longitude))


def distance_m(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Return the metres between two places, in a straight line through the earth."""
    return EARTH_RADIUS_M * dist(_unit_vector(*first), _unit_vector(*second))


def is_near(near: Near | None, table: type[Positioned]) -> ColumnElement[bool]:
    """Match rows in the circle: the index finds candidates in its box, the distance decides."""
    if near is None:
        return true()
    position: Any = col(table.position)
    metres = near.within_km * 1000
    in_box = func.earth_box(_earth(near), metres).op("@>", is_comparison=True)(position)
    return in_box & (func.earth_distance(_earth(near), position) <= metres)


def nearest(near: Near, table: type[Positioned]) -> Ordering:
    chord: Any = col(table.position).op("<->", return_type=Double())(_earth(near))
    name = f"nearest:{near.latitude},{near.longitude}"
    return Ordering(name, chord, table.id, float)


def _earth(near: Near) -> ColumnElement[str]:
    return func.ll_to_earth(literal(near.latitude, Double), literal(near.longitude, Double))


def _unit_vector(latitude: float, longitude: float) -> tuple[float, float, float]:
    north, east = radians(latitude), radians(longitude)
    return cos(north) * cos(east), cos(north) * sin(east), sin(north)
