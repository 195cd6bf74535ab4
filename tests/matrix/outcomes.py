"""The class of an answer to a caller."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class AccessOutcome(StrEnum):
    """The classes of answers, as the page shows them.

    UNPROVEN are answers that come before or after the check of rights, so that they alone do not
    show which it was.
    """

    ALLOWED = "✓"
    EMPTY = "∅"
    NULL = "null"
    UNAUTHENTICATED = "401"
    FORBIDDEN = "403"
    NOT_FOUND = "404"
    BAD_INPUT = "400"
    SCOPE_MISSING = "scope"
    UNPROVEN = "?"


BY_CODE = {
    "UNAUTHENTICATED": AccessOutcome.UNAUTHENTICATED,
    "FORBIDDEN": AccessOutcome.FORBIDDEN,
    "NOT_FOUND": AccessOutcome.NOT_FOUND,
    "SCOPE_MISSING": AccessOutcome.SCOPE_MISSING,
    "BAD_USER_INPUT": AccessOutcome.UNPROVEN,
    "INVALID_INPUT": AccessOutcome.UNPROVEN,
}
REFUSED = {AccessOutcome.NOT_FOUND, AccessOutcome.FORBIDDEN}
# They would hide the answer of a caller who has no right.
BROKEN = {"INTERNAL", "RATE_LIMITED", "STEP_UP_REQUIRED", "UNAVAILABLE"}
PROOF = "reauthenticate"  # its own refusal is STEP_UP_REQUIRED


class Broken(AssertionError):
    """A call ended in a way that shows nothing about rights."""


def outcome_of(answer: Mapping[str, Any]) -> AccessOutcome:
    """Return the class of an answer with one root field. Raises `Broken`."""
    if codes := [error["extensions"]["code"] for error in answer.get("errors", [])]:
        return of_code(codes[0], answer)
    ((name, value),) = answer["data"].items()
    if name == PROOF:
        return AccessOutcome.ALLOWED
    if isinstance(value, dict) and value.get("errors"):
        return of_code(value["errors"][0]["code"], answer)
    return of_value(value)


def of_code(code: str, answer: object) -> AccessOutcome:
    """Return the class of an error. All that are not about rights are the business's refusals."""
    if code in BROKEN:
        raise Broken(f"{code}: {answer}"[:500])
    return BY_CODE.get(code, AccessOutcome.ALLOWED)


def of_value(value: object) -> AccessOutcome:
    if value is None:
        return AccessOutcome.NULL
    return AccessOutcome.EMPTY if value in ([], {"nodes": []}) else AccessOutcome.ALLOWED


def proven(found: Mapping[str, AccessOutcome]) -> dict[str, AccessOutcome]:
    """Return the outcomes by caller, with those of invalid input resolved. Raises `Broken`.

    If one caller is refused the row, rights are checked before what is wrong with the input. Those
    who get to that have the right. If one is allowed, the input is wrong for the others alone.
    """
    if not REFUSED.isdisjoint(found.values()):
        meaning = AccessOutcome.ALLOWED
    elif AccessOutcome.ALLOWED in found.values():
        meaning = AccessOutcome.BAD_INPUT
    elif AccessOutcome.UNPROVEN in found.values():
        raise Broken("The input is not valid, so nothing shows who may do this.")
    else:
        return dict(found)
    return {
        caller: meaning if one is AccessOutcome.UNPROVEN else one for caller, one in found.items()
    }
