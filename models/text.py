"""Types of text from callers: one line, or several."""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticKnownError, core_schema
from sqlalchemy import CheckConstraint

from core.errors import BadInput
from core.text.cleaning import clean_line, clean_paragraphs, longest_run_of_marks
from core.web.web_addresses import contains_web_address
from models.errors import InvalidValue

# Biblical Hebrew needs five. Longer runs are drawn over neighbouring lines, and normalizing them
# takes quadratic time.
MAX_MARKS = 10
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
# For constraints: controls, separators, directions, and the commonest invisible characters.
LINE_PATTERN = (
    r"[\u0001-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u2800\u3164]"
)


@dataclass(frozen=True)
class _Text:
    max_length: int
    min_length: int = 1

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.validate, handler(source))

    def clean(self, text: str) -> str:
        raise NotImplementedError

    def validate(self, text: str) -> str:
        """Return the clean text. The length that counts is the clean text's.

        A text of twice the length, such as one with much white space, is refused uncleaned.
        """
        if len(text) > 2 * self.max_length and len(text.strip()) > 2 * self.max_length:
            raise self._too_long()
        if "\0" in text:
            raise BadInput("The text contains a character that cannot be stored. Remove it.")
        if _HALF_CHARACTER.search(text):
            raise InvalidValue("Contains half of a character, such as a cut emoji. Remove it.")
        if longest_run_of_marks(text) > MAX_MARKS:
            raise InvalidValue(
                "A character can have at most {most} accents. Remove some.", most=MAX_MARKS
            )
        cleaned = self.clean(text)
        if len(cleaned) < self.min_length:
            raise PydanticKnownError("string_too_short", {"min_length": self.min_length})
        if len(cleaned) > self.max_length:
            raise self._too_long()
        return cleaned

    def _too_long(self) -> PydanticKnownError:
        return PydanticKnownError("string_too_long", {"max_length": self.max_length})


@dataclass(frozen=True)
class OneLine(_Text):
    """A visible text on one line, such as a title. See `core.text.cleaning.clean_line`.

    Without `web_addresses`, it is a name of a person or a thing. Names appear in mails to others,
    where an address would become a link.
    """

    web_addresses: bool = True

    def clean(self, text: str) -> str:
        line = clean_line(text)
        if not self.web_addresses and contains_web_address(line):
            raise InvalidValue(
                "A name must not contain a web address. Remove it, or put a space after the dot."
            )
        return line


@dataclass(frozen=True)
class Paragraphs(_Text):
    """Text on several lines, such as a message. See `core.text.cleaning.clean_paragraphs`."""

    def clean(self, text: str) -> str:
        return clean_paragraphs(text)


@dataclass(frozen=True)
class Identifier(_Text):
    """An id that a client chose. It is compared, so it is refused rather than changed."""

    def clean(self, text: str) -> str:
        if clean_line(text) != text:
            raise InvalidValue("Contains spaces at its ends or invisible characters. Remove them.")
        return text


MAX_NAME_LENGTH = 80
Name = Annotated[str, OneLine(MAX_NAME_LENGTH, web_addresses=False)]


def one_line_constraint(column: str) -> CheckConstraint:
    """Return a constraint that refuses lines which `OneLine` would have cleaned.

    It covers the characters that forge lines or hide text, not all that are removed.
    """
    return CheckConstraint(
        f"{column} !~ '{LINE_PATTERN}' AND {column} = btrim({column}) AND {column} <> ''",
        name=f"{column}_line",
    )
