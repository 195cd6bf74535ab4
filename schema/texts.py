"""Texts in several languages."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import strawberry
from pydantic.alias_generators import to_camel

from engine.types import column
from models.base import MAX_LOCALES
from models.errors import InvalidInput
from models.validation import Model, parse


@strawberry.input(description="A text in one language.")
class LocalizedTextInput:
    locale: str = column("A language tag such as en or pt-BR (BCP 47).")
    text: str = column("The text in that language.")


@strawberry.type(description="A text in one language.")
class LocalizedText:
    locale: str = column("A language tag such as en or pt-BR (BCP 47).")
    text: str = column("The text in that language.")


Texts = list[LocalizedTextInput]
TextLists = dict[tuple[str, ...], Texts | None]


def by_locale(*field: str, texts: Texts) -> dict[str, str]:
    """Return the texts by language. Raises `InvalidInput` for duplicates and over 20 languages."""
    languages = {entry.locale.lower() for entry in texts[: MAX_LOCALES + 1]}
    if len(languages) != len(texts):
        raise InvalidInput(
            "Enter one text per language, in at most {most} languages.",
            most=MAX_LOCALES,
            field=list(field),
        )
    return {entry.locale: entry.text for entry in texts}


def parse_texts(model: type[Model], texts: TextLists, /, **values: Any) -> Model:
    """Validate an input with texts. Raises `InvalidInput` with paths in the lists of the input.

    `texts` are the lists, by their own paths: for `("name",)`, the error of `["name", "hi"]` is
    that of `["name", "0", "text"]`.
    """
    with located(texts):
        return parse(model, **values)


@contextmanager
def located(texts: TextLists) -> Iterator[None]:
    """Make the fields of an `InvalidInput` that the block raises paths in the lists of the input.

    `texts` are the lists, by their own paths, as for `parse_texts`.
    """
    try:
        yield
    except InvalidInput as refusal:
        for one in (refusal, *refusal.further):
            one.field = _input_path(texts, one.field or [])
        raise


def _input_path(texts: TextLists, path: list[str]) -> list[str]:
    for field, given in texts.items():
        if given and path[: len(field)] == [*field] and len(path) > len(field):
            language, *part = path[len(field) :]
            places = [str(at) for at, one in enumerate(given) if to_camel(one.locale) == language]
            return [*field, *places[:1], *(part or ["text"])]
    return path
