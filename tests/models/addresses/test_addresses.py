"""Addresses of the countries that are sold to, and of those with other rules."""

from typing import Any

import pytest
from pydantic import ValidationError

from models.addresses import SavedAddressDraft, format_address
from models.errors import InvalidInput
from models.validation import parse
from tests.factories.addresses import BENGALURU

LAGOS = {"country": "NG", "subdivision": "Lagos", "city": "Ikeja", "postal_code": None}
BERLIN = {"country": "DE", "subdivision": None, "city": "Berlin", "postal_code": "10115"}
SAN_FRANCISCO = {
    "country": "US",
    "subdivision": "California",
    "city": "San Francisco",
    "postal_code": "94103-1234",
}
DUBAI = {"country": "AE", "subdivision": "Dubai", "city": None, "postal_code": None}
SINGAPORE = {"country": "SG", "subdivision": None, "city": None, "postal_code": "018956"}


@pytest.mark.parametrize(
    ("values", "lines"),
    [
        ({}, ["12 MG Road", "Bengaluru 560001", "Karnataka"]),
        ({"postal_code": "560 038"}, ["12 MG Road", "Bengaluru 560038", "Karnataka"]),
        (LAGOS, ["12 MG Road", "Ikeja", "Lagos"]),
        (BERLIN, ["12 MG Road", "10115 Berlin"]),
        (SAN_FRANCISCO, ["12 MG Road", "San Francisco, CA 941031234"]),
        (SINGAPORE, ["12 MG Road", "SINGAPORE 018956"]),
    ],
)
def test_addresses_of_a_country(values: dict[str, Any], lines: list[str]) -> None:
    draft = parse(SavedAddressDraft, **BENGALURU | values)
    shown = format_address(draft.country, draft.details())
    assert (shown[0], shown[1:]) == ("Asha Rao", lines)


def test_addresses_without_a_postal_code_and_a_city() -> None:
    details = parse(SavedAddressDraft, **BENGALURU | DUBAI).details()
    assert (details.city, details.pin_code) == (None, None)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"city": None}, "city"),
        ({"postal_code": None}, "postalCode"),
        ({"postal_code": "56003"}, "postalCode"),
        ({"postal_code": "110001"}, "postalCode"),  # of Delhi
        ({"subdivision": None}, "subdivision"),
        ({"subdivision": "Bavaria"}, "subdivision"),
        (BERLIN | {"subdivision": "Berlin"}, "subdivision"),
        (SAN_FRANCISCO | {"postal_code": "10001"}, "postalCode"),  # of New York
        (DUBAI | {"postal_code": "00000"}, "postalCode"),
        ({"latitude": 12.97}, "longitude"),
    ],
)
def test_addresses_that_break_the_rules_of_their_country(
    values: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(SavedAddressDraft, **BENGALURU | values).details()
    assert refused.value.field == [field]


@pytest.mark.parametrize(
    "values",
    [
        {"recipient": ""},
        {"recipient": "visit example.com"},
        {"street_lines": []},
        {"street_lines": ["a", "b", "c", "d"]},
        {"label": "x" * 41},
        {"latitude": 91, "longitude": 0},
    ],
)
def test_addresses_out_of_range(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SavedAddressDraft(**BENGALURU | values)
