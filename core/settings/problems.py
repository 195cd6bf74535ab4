"""Descriptions of wrong settings: a sentence for each, with its name."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

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


HINT = (
    "ENVIRONMENT is production unless set. For development, run `haat dev`, or set"
    " ENVIRONMENT=development."
)


class SettingsInvalid(Exception):
    """Settings are missing, or their values cannot work. `problems` has a sentence for each.

    A value is not repeated if it can contain a password. `hint` is the reason why a setting
    may be required. The text of the error has both.
    """

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        self.hint = HINT if any("in production" in one for one in problems) else ""
        super().__init__("\n".join([*problems, self.hint] if self.hint else problems))


@dataclass(frozen=True)
class Conflict:
    """A setting that is missing, or several that do not go together, with their names."""

    sentence: str
    names: AbstractSet[str]


class Conflicts(ValueError):
    """All conflicts between settings whose values are valid."""

    def __init__(self, found: tuple[Conflict, ...]) -> None:
        super().__init__("\n".join(one.sentence for one in found))
        self.found = found


def wrong_values(error: ValidationError) -> dict[str, str]:
    """Return a sentence for each setting whose value is wrong, by name."""
    found = {}
    for problem in error.errors(include_url=False):
        if problem["loc"]:
            name, reason = ".".join(map(str, problem["loc"])), _reason(problem)
            separator = " " if reason.startswith("must ") else ": "
            found[str(problem["loc"][0])] = f"{name.upper()}{separator}{reason}"
    return found


def conflicts(error: ValidationError, apart_from: AbstractSet[str] = frozenset()) -> list[str]:
    """Return the sentence of each conflict, except for those with some settings."""
    return [
        one.sentence
        for problem in error.errors(include_url=False)
        if isinstance(raised := problem.get("ctx", {}).get("error"), Conflicts)
        for one in raised.found
        if not one.names & apart_from
    ]


def _reason(problem: ErrorDetails) -> str:
    known, context = SENTENCES.get(problem["type"]), problem.get("ctx", {})
    text = known.format(**context) if known else str(context.get("error", problem["msg"]))
    return text if text.endswith(".") else f"{text}."
