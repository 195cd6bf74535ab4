"""Public holidays of countries and their subdivisions."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

import holidays

from core.text.search_text import folded

MAX_YEARS = 1_000  # of countries, subdivisions and languages that are kept
NAMES_IN = "en_US"  # if the country's holidays have no names in the language that is asked for


@dataclass(frozen=True)
class PublicHoliday:
    """A day. It is estimated if it depends on the moon, and its authority has not set it yet."""

    day: date
    name: str
    estimated: bool


def holidays_of(
    country: str, subdivision: str | None, year: int, language: str = "en"
) -> Sequence[PublicHoliday]:
    """Return the holidays of a year in their order, and none for a country that is not known.

    `subdivision` is its name or code, as in addresses. The first call for a country takes a tenth
    of a second, so call it in a thread.
    """
    if country not in _countries():
        return ()
    code = _code_of(country, subdivision)
    return _holidays(country, code, year, _language_of(country, language))


def find_region(country: str, text: str) -> str | None:
    """Return the name of a subdivision with holidays of its own, by its name or code.

    Addresses of some countries, such as DE, name no subdivision, and its holidays still differ. The
    first call of a process takes a tenth of a second.
    """
    code = _code_of(country, text) if country in _countries() else None
    if code is None:
        return None
    names = holidays.country_holidays(country).get_subdivision_aliases().get(code)
    return names[0] if names else code


@lru_cache(maxsize=MAX_YEARS)
def _holidays(country: str, code: str | None, year: int, language: str) -> Sequence[PublicHoliday]:
    """Return the holidays of a year. The texts are known codes, of at most 20 characters."""
    known = holidays.country_holidays(country, subdiv=code, years=year, language=language)
    estimated = [*_estimated_labels(known)]

    def is_estimated(name: str) -> bool:
        return any(label.fullmatch(name) for label in estimated)

    return tuple(
        PublicHoliday(day, "; ".join(names), all(map(is_estimated, names)))
        for day in sorted(known)
        if (names := known.get_list(day))
    )


@cache
def _countries() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries(include_aliases=False))


def _code_of(country: str, subdivision: str | None) -> str | None:
    """Return the code of a subdivision, by its code or one of its names in any spelling."""
    known = holidays.country_holidays(country)
    aliases = known.get_subdivision_aliases()
    wanted = folded(subdivision or "")
    for code in known.subdivisions:
        if wanted in {folded(one) for one in (code, *aliases.get(code, ()))}:
            return str(code)
    return None


def _language_of(country: str, language: str) -> str:
    """Return the language as the country's holidays name it, else English."""
    wanted = re.split("[-_]", language)[0].lower()
    for known in holidays.country_holidays(country).supported_languages:
        if re.split("[-_]", known)[0] == wanted:
            return str(known)
    return NAMES_IN


def _estimated_labels(known: holidays.HolidayBase) -> Iterator[re.Pattern[str]]:
    """Yield patterns of names that are marked as estimated, in the language of the names."""
    for attribute in ("estimated_label", "observed_estimated_label"):
        label = getattr(known, attribute, None)
        if label is not None:
            before, _, after = known.tr(label).partition("%s")
            yield re.compile(f"{re.escape(before)}.+{re.escape(after)}")
