"""Public holidays by country, subdivision and language."""

from datetime import date

import pytest

from core.countries.public_holidays import find_region, holidays_of


def names(country: str, subdivision: str | None, language: str = "en") -> dict[date, str]:
    return {one.day: one.name for one in holidays_of(country, subdivision, 2026, language)}


@pytest.mark.parametrize("subdivision", ["Karnataka", "KA", "karnātaka"])
def test_a_subdivision_has_holidays_of_its_own(subdivision: str) -> None:
    day = date(2026, 11, 1)
    assert day in names("IN", subdivision)
    assert day not in names("IN", None)
    assert day not in names("IN", "Nowhere")


@pytest.mark.parametrize(
    ("country", "text", "found"),
    [
        ("DE", "Bayern", "Bayern"),
        ("DE", "by", "Bayern"),
        ("DE", "THURINGEN", "Thüringen"),
        ("DE", "Augsburg", "Augsburg"),
        ("DE", "Karnataka", None),
        ("AT", "Wien", "Wien"),
        ("AX", "Mariehamn", None),
        ("NG", "", None),
    ],
)
def test_regions_by_name_or_code(country: str, text: str, found: str | None) -> None:
    assert find_region(country, text) == found


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("de-AT", "Tag der Deutschen Einheit"),
        ("en", "German Unity Day"),
        ("xx", "German Unity Day"),
    ],
)
def test_names_are_in_the_language_of_the_caller(language: str, name: str) -> None:
    assert names("DE", None, language)[date(2026, 10, 3)] == name


@pytest.mark.parametrize("language", ["en", "hi"])
def test_days_that_depend_on_the_moon_are_estimated(language: str) -> None:
    found = {one.day: one.estimated for one in holidays_of("IN", None, 2027, language)}
    assert found[date(2027, 3, 10)] is True  # Eid al-Fitr
    assert found[date(2027, 1, 26)] is False  # Republic Day
    # Independence Day, on which another holiday is estimated to be.
    assert found[date(2027, 8, 15)] is False


def test_a_country_that_is_not_known_has_none() -> None:
    assert holidays_of("XX", None, 2026) == ()
