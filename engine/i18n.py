"""What callers are told, in their language where there is a catalogue of it."""

from enum import Enum
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from core.errors import UserMessage
from core.settings import HOME
from models.base import localized

SOURCE = "en"
FOLDER = HOME / "locales"

# What pydantic finds by itself, in our words and by the names that it gives the values.
FOUND = {
    "string_too_short": "At least {min_length} characters.",
    "string_too_long": "At most {max_length} characters.",
    "string_pattern_mismatch": "This is not written in the form that is asked for.",
    "too_short": "At least {min_length} entries.",
    "too_long": "At most {max_length} entries.",
    "greater_than_equal": "At least {ge}.",
    "less_than_equal": "At most {le}.",
}
EMPTY = "This must not be empty."


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, path.parents[1].name)


FILES = sorted(FOLDER.glob("*/LC_MESSAGES/haat.po"))
CATALOGUES = {path.parents[1].name: _read(path) for path in FILES}
LANGUAGES = {language: language for language in (SOURCE, *CATALOGUES)}


def translate(told: UserMessage, wanted: list[str]) -> str:
    """In the first of the wanted languages that there is, else in English."""
    language = localized(LANGUAGES, wanted, SOURCE)
    values = {name: _written(value, language) for name, value in told.values.items()}
    template = _translated(told.template, language)
    return template.format(**values) if values else template


def of_pydantic(detail: Any) -> UserMessage:
    """One of the errors of a `ValidationError`; of a kind that is not known, as pydantic says it.

    A least length of one has words of its own, for other languages count otherwise.
    """
    values = detail.get("ctx", {})
    if isinstance(found := values.get("error"), UserMessage):
        return found
    words = EMPTY if values.get("min_length") == 1 else FOUND.get(detail["type"])
    if words is None:
        said = detail["msg"].removeprefix("Value error, ")
        return UserMessage(said)
    return UserMessage(words, **values)


def _translated(text: str, language: str, context: str | None = None) -> str:
    found = CATALOGUES[language].get(text, context) if language in CATALOGUES else None
    return str(found.string) if found and found.string else text


def _written(value: object, language: str) -> str:
    """Numbers as the language writes them, states by its word for them."""
    if isinstance(value, Enum):
        return _translated(str(value), language, type(value).__name__)
    if isinstance(value, int | float):
        return format_decimal(value, locale=language)
    return str(value)
