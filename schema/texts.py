"""Texts in several languages, as inputs have them."""

from typing import Any

import strawberry
from pydantic.alias_generators import to_camel

from engine.types import column
from models.errors import InvalidInput

MOST_LOCALES = 20


@strawberry.input(description="A text in one language.")
class LocalizedTextInput:
    locale: str = column("A language tag such as en or pt-BR (BCP 47).")
    text: str = column("The text in that language.")


Texts = list[LocalizedTextInput]


def by_locale(*field: str, texts: Texts) -> dict[str, str]:
    """Return the texts by language. Raises `InvalidInput` for duplicates and over 20 languages."""
    languages = {entry.locale.lower() for entry in texts[: MOST_LOCALES + 1]}
    if len(languages) != len(texts):
        raise InvalidInput(
            "Enter one text per language, in at most {most} languages.",
            most=MOST_LOCALES,
            field=list(field),
        )
    return {entry.locale: entry.text for entry in texts}


def text_path(field: list[str], texts: Any, rest: list[str]) -> list[str] | None:
    """Return the path in the input's list of texts for a path by language; None if it has none.

    `["hi"]` becomes `["0", "text"]`, after `field`.
    """
    if not rest or not texts:
        return None
    language, *part = rest
    places = [str(place) for place, one in enumerate(texts) if to_camel(one.locale) == language]
    return [*field, *places[:1], *(part or ["text"])] if places else None
