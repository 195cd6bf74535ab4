"""Texts in several languages, as inputs have them."""

import strawberry

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
