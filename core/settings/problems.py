"""Descriptions of wrong settings: a sentence for each, with its name."""

from collections.abc import Iterator

from pydantic import ValidationError
from pydantic_core import ErrorDetails

SENTENCES = {
    "int_parsing": "must be a whole number",
    "bool_parsing": "must be true or false",
    "literal_error": "must be {expected}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "string_too_long": "must be at most {max_length} characters long",
}


class SettingsInvalid(Exception):
    """A setting is missing, or its value cannot work. The message has a sentence for each.

    A value is not repeated if it can contain a password.
    """


def describe(error: ValidationError) -> str:
    return "\n".join(_sentences(error))


def _sentences(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_url=False):
        name = ".".join(map(str, problem["loc"])).upper()
        reason = _reason(problem)
        separator = " " if reason.startswith("must ") else ": "
        yield f"{name}{separator}{reason}" if name else reason
    if "in production" in str(error):
        yield (
            "ENVIRONMENT is production unless set. For development, run `haat dev`, or set"
            " ENVIRONMENT=development."
        )


def _reason(problem: ErrorDetails) -> str:
    known, context = SENTENCES.get(problem["type"]), problem.get("ctx", {})
    text = known.format(**context) if known else str(context.get("error", problem["msg"]))
    return text if text.endswith(".") else f"{text}."
