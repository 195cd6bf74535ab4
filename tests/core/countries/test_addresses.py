"""Postal addresses of each country."""

import pytest

from core.countries.addresses import (
    find_subdivision,
    format_lines,
    requires_subdivision,
    uses_subdivisions,
)
from core.countries.codes import COUNTRIES

PARTS = {"street": "12 MG Road\nSecond floor", "city": "Town", "postal_code": "12345"}


@pytest.mark.parametrize(
    ("country", "subdivision", "lines"),
    [
        ("IN", "Karnataka", ["12 MG Road", "Second floor", "Town 12345", "Karnataka"]),
        ("DE", "", ["12 MG Road", "Second floor", "12345 Town"]),
        ("US", "CA", ["12 MG Road", "Second floor", "Town, CA 12345"]),
        ("NG", "", ["12 MG Road", "Second floor", "Town 12345"]),
        ("GB", "", ["12 MG Road", "Second floor", "Town", "12345"]),
        ("JP", "東京都", ["〒12345", "東京都", "Town", "12 MG Road", "Second floor"]),
    ],
)
def test_lines_in_the_order_of_the_country(
    country: str, subdivision: str, lines: list[str]
) -> None:
    assert format_lines(country, PARTS | {"subdivision": subdivision}) == lines


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_the_street_and_the_city_are_in_the_lines_of_each_country(country: str) -> None:
    lines = format_lines(country, PARTS | {"subdivision": ""})
    assert all(part in " ".join(lines) for part in ("12 MG Road", "Second floor", "Town"))
    assert all(line == line.strip(" ,-/") and line for line in lines)
    assert len(lines) <= 8
    assert uses_subdivisions(country) or not requires_subdivision(country)


@pytest.mark.parametrize(
    ("country", "text", "found"),
    [
        ("IN", "karnataka", "Karnataka"),
        ("IN", "कर्नाटक", "Karnataka"),
        ("US", "California", "CA"),
        ("US", "ca", "CA"),
        ("US", "Bavaria", None),
        ("DE", "Bavaria", "Bavaria"),  # no list
    ],
)
def test_subdivisions_by_name_or_code(country: str, text: str, found: str | None) -> None:
    assert find_subdivision(country, text) == found
