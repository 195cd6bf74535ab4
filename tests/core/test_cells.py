"""Cells cover every point of a ring: also at the poles and at 180°."""

import random
from math import asin, atan2, cos, degrees, radians, sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from core.cells import EARTH_RADIUS_M, MAX_RANGES, cell_at, cover, place_of
from tests.factories.world import World

LATITUDES = st.one_of(st.floats(-90, 90), st.sampled_from([-90, -85.0, 0, 85.0, 89.9999, 90]))
LONGITUDES = st.one_of(st.floats(-180, 180), st.sampled_from([-180, -179.9999, 0, 179.9999, 180]))
RADII = st.floats(1, 500_000)


def away(latitude: float, longitude: float, metres: float, bearing: float) -> tuple[float, float]:
    """Return the point so far away in a direction, on a sphere."""
    angle, start = metres / EARTH_RADIUS_M, radians(latitude)
    end = asin(min(1, max(-1, sin(start) * cos(angle) + cos(start) * sin(angle) * cos(bearing))))
    turn = atan2(sin(bearing) * sin(angle) * cos(start), cos(angle) - sin(start) * sin(end))
    return degrees(end), (longitude + degrees(turn) + 540) % 360 - 180


@settings(max_examples=300, deadline=None)
@given(LATITUDES, LONGITUDES, RADII, st.floats(0, 0.99), st.integers(0, 2**32))
def test_cover_has_every_point_of_a_ring(
    latitude: float, longitude: float, outer: float, hollow: float, seed: int
) -> None:
    inner, chance = outer * hollow, random.Random(seed)
    ranges = cover(latitude, longitude, outer, inner)
    assert len(ranges) <= MAX_RANGES
    for _ in range(20):
        metres = chance.uniform(inner, outer)
        place = place_of(*away(latitude, longitude, metres, chance.uniform(0, 6.283)))
        assert any(first <= place <= last for first, last in ranges)


@pytest.mark.parametrize("at", [(12.97, 77.59), (85, 10), (0, 180), (-33.9, 151.2)])
def test_cover_leaves_out_what_is_far_and_what_is_within(at: tuple[float, float]) -> None:
    ranges = cover(*at, 2_000, 1_900)
    for metres in (0, 9_000, 20_000, 3_000_000):
        place = place_of(*away(*at, metres, 1))
        assert not any(first <= place <= last for first, last in ranges)


@settings(max_examples=200, deadline=None)
@given(LATITUDES, LONGITUDES, st.integers(1, 20), LATITUDES, LONGITUDES)
def test_no_point_of_a_cell_is_nearer_than_the_cell(
    latitude: float, longitude: float, level: int, south: float, west: float
) -> None:
    cell = cell_at(south, west, level)
    half = sin(radians(latitude - south) / 2) ** 2
    half += cos(radians(latitude)) * cos(radians(south)) * sin(radians(longitude - west) / 2) ** 2
    metres = 2 * EARTH_RADIUS_M * asin(min(1, half**0.5))
    assert cell.distance(latitude, longitude) <= metres + 0.01


async def test_the_database_computes_the_same_places(world: World) -> None:
    chance = random.Random(7)
    points = [(chance.uniform(-90, 90), chance.uniform(-180, 180)) for _ in range(2_000)]
    points += [(90, 180), (-90, -180), (0, 0), (-90, 180), (85, -180), (12.9716, 77.5946)]
    sql = text(
        "SELECT cell_of(a, b) FROM unnest(CAST(:a AS float8[]), CAST(:b AS float8[]))"
        " WITH ORDINALITY AS points (a, b, n) ORDER BY n"
    )
    latitudes, longitudes = ([float(point[n]) for point in points] for n in (0, 1))
    async with world.database.session() as session:
        found = await session.execute(sql, {"a": latitudes, "b": longitudes})
        assert [*found.scalars()] == [place_of(*point) for point in points]
