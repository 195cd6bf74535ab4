"""Translates messages with the catalogues in `locales/`."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_time
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, parse_pattern

from core.errors import UserMessage
from core.settings import HOME
from models.base import localized

SOURCE = "en"
FOLDER = HOME / "locales"


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, path.parents[1].name)


FILES = sorted(FOLDER.glob("*/LC_MESSAGES/haat.po"))
CATALOGUES = {path.parents[1].name: _read(path) for path in FILES}
LANGUAGES = {language: language for language in (SOURCE, *CATALOGUES)}


def language_of(locales: list[str]) -> str:
    """Return the first available locale, else English."""
    return localized(LANGUAGES, locales, SOURCE)


def translate(message: UserMessage, locales: list[str]) -> str:
    """Translate into the first available locale, else English."""
    language = language_of(locales)
    values = {name: _format(value, language) for name, value in message.values.items()}
    template = _translated(message.template, language)
    return template.format(**values) if values else template


def _translated(text: str, language: str, context: str | None = None) -> str:
    found = CATALOGUES[language].get(text, context) if language in CATALOGUES else None
    return str(found.string) if found and found.string else text


def _format(value: object, language: str) -> str:
    if isinstance(value, Enum):
        return _translated(str(value), language, type(value).__name__)
    if isinstance(value, Decimal):
        return _write_amount(value, language)
    if isinstance(value, int | float):
        return format_decimal(value, locale=language)
    if isinstance(value, date | time):
        return write_time(value, language)
    return str(value)


def write_time(value: date | time, language: str) -> str:
    """Return a day, a time of day, or both, as its own clock shows them.

    An instant in UTC is marked. English has the shapes of ISO 8601, because its readers differ in
    the order of day and month.
    """
    if isinstance(value, datetime):
        parts = write_time(value.date(), language), write_time(value.time(), language)
        between = " " if language == SOURCE else ", "
        return between.join(parts) + (" UTC" if value.tzinfo is UTC else "")
    if isinstance(value, date):
        return value.isoformat() if language == SOURCE else format_date(value, "long", language)
    shown = value.replace(tzinfo=None)
    return f"{shown:%H:%M}" if language == SOURCE else format_time(shown, "short", locale=language)


def _write_amount(value: Decimal, language: str) -> str:
    """Return an amount of money with all its decimal places."""
    places = max(0, -int(value.as_tuple().exponent))
    pattern = parse_pattern(Locale.parse(language).decimal_formats[None])
    return str(pattern.apply(value, language, force_frac=(places, places)))
