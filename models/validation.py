"""Parses input: only here is a pydantic `ValidationError` the caller's fault."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.alias_generators import to_camel

from core.errors import UserMessage
from models.errors import InvalidInput

MAX_ERRORS = 20

EMPTY = "Must not be empty."
# pydantic's own errors by type, as templates that can be translated. The placeholders are the
# names that pydantic gives to its values.
TEMPLATES: Mapping[str, str] = {
    "string_too_short": "Must have at least {min_length} characters.",
    "string_too_long": "Must have at most {max_length} characters.",
    "string_pattern_mismatch": "The format is not valid.",
    "too_short": "Must have at least {min_length} entries.",
    "too_long": "Must have at most {max_length} entries.",
    "greater_than_equal": "Must be at least {ge}.",
    "less_than_equal": "Must be at most {le}.",
    # Of files, whose values no schema of GraphQL has checked.
    "missing": "Must not be missing.",
    "extra_forbidden": "This name is not known.",
    "enum": "Must be one of the known values.",
    "bool_type": "Must be true or false.",
    "bool_parsing": "Must be true or false.",
    "float_type": "Must be a number.",
    "float_parsing": "Must be a number.",
    "finite_number": "Must be a number.",
    "int_type": "Must be a whole number.",
    "int_parsing": "Must be a whole number.",
    "int_from_float": "Must be a whole number.",
    "string_type": "Must be a text.",
    "list_type": "Must be a list.",
    "model_type": "Must be an object with names and values.",
    "dict_type": "Must be an object with names and values.",
}

Model = TypeVar("Model", bound=BaseModel)


def parse(model: type[Model], /, **values: Any) -> Model:
    """Validate the values of an input.

    Raises `InvalidInput` for the first invalid field, with the others in `further`. Not for stored
    rows: an invalid one is a bug, not the caller's input.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first, *further = map(_refusal, error.errors(include_url=False)[:MAX_ERRORS])
        first.further.extend(further)
        raise first from error


@contextmanager
def within(field: str) -> Iterator[None]:
    """Make the fields of the `InvalidInput` that the block raises those of an input in an input."""
    try:
        yield
    except InvalidInput as refusal:
        for one in (refusal, *refusal.further):
            one.field = [field, *(one.field or [])]
        raise


def _refusal(detail: Any) -> InvalidInput:
    field = ["locale" if part == "[key]" else to_camel(str(part)) for part in detail["loc"]]
    message = describe(detail)
    return InvalidInput(message.template, field=field, **message.values)


def describe(detail: Any) -> UserMessage:
    """Return a pydantic error's message; an unknown type keeps its English text.

    A minimum length of one has its own template, because plural forms differ by language.
    """
    values = detail.get("ctx", {})
    if isinstance(found := values.get("error"), UserMessage):
        return found
    kind = detail["type"]
    if kind in {"too_short", "too_long"} and isinstance(detail.get("input"), str):
        kind = (
            f"string_{kind}"  # a length after another validator, which pydantic takes for a list's
        )
    template = EMPTY if values.get("min_length") == 1 else TEMPLATES.get(kind)
    if template is None:
        template = detail["msg"].removeprefix("Value error, ")
        return UserMessage(template)
    return UserMessage(template, **values)
