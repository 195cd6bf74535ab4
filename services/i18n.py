"""Translates messages with the catalogues in `locales/`."""

from enum import Enum
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

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
    if isinstance(value, int | float):
        return format_decimal(value, locale=language)
    return str(value)
