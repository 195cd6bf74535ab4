"""Messages are written for users; what only developers understand is `extensions.detail`."""

import re

import pytest

from engine.errors.details import DETAILS
from tests.engine.templates import technical_templates, templates

# Words that a user of an app does not know, or that name no act of a user. "API token" and "scope"
# are known to the users who create one.
WORDS = re.compile(
    r"`|\b(?:(?<!API )tokens?|headers?|fields?|enums?|scalars?|arguments?|inputs?|null|NUL|cursors?"
    r"|idempotency|graphql|json|authorization|bearer|schemes?|operations?|subscri\w+|refetch"
    r"|reconnect|connections?|clients?|caller|points|RFC|ISO|IANA|E\.164|attach\w*|announced"
    r"|strings?|integers?|boolean)\b",
    re.IGNORECASE,
)
NAMES = re.compile(r"\b[A-Z][a-z]+[A-Z]\w*|\b[a-z]+[A-Z]\w*|\b[A-Z]{4,}\b")
KNOWN = re.compile(
    r"\b(?:HEIC|AVIF|IBAN|IFSC|SEPA|JPEG|WebP|GIF|PDF|JavaScript|Word|Excel|API tokens?|UTF-8)\b"
    r"|\{\w+\}"
)
MESSAGES = sorted(text for context, text in templates() if context is None)


def technical_words(message: str) -> list[str]:
    plain = KNOWN.sub("", message)
    return [one[0] for pattern in (WORDS, NAMES) for one in pattern.finditer(plain)]


@pytest.mark.parametrize("message", sorted(set(MESSAGES) - technical_templates()))
def test_a_message_has_no_technical_words(message: str) -> None:
    assert technical_words(message) == []


@pytest.mark.parametrize(
    "message",
    [
        "Send an access token as `Authorization: Bearer …`.",
        "A DateTime must have the format 2026-05-31T18:30:00Z (RFC 3339).",
        "NEAREST requires a place.",
        "Give expiresAt or expiresInDays, not both.",
        "Omit the field to keep its value.",
    ],
)
def test_technical_words_are_found(message: str) -> None:
    assert technical_words(message)


def test_each_detail_is_of_a_message() -> None:
    assert DETAILS.keys() <= set(MESSAGES)


def test_only_mistakes_of_programs_are_exempt() -> None:
    """A new one needs a reason: its users must have no way to cause it."""
    assert technical_templates() == {
        "A page must have between 0 and {most} entries.",
        "Pass either `first` or `last`, not both.",
        "Pass either `id` or `code`.",
        "These cursors belong to different lists.",
        "This changes the cookie, so send it with POST, for JSON.",
        "The document contains several operations. Choose one with `operationName`.",
        "This cursor belongs to a different ordering. Start from the first page.",
        "This cursor belongs to a different subscription.",
        "This is not a valid cursor.",
        "This is not a valid subscription cursor.",
        "This operation costs {price} points; the limit is {most}. Request less data.",
    }
