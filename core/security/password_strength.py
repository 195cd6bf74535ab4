"""Finds passwords that are easy to guess."""

from collections.abc import Iterable
from enum import StrEnum

from zxcvbn_rs_py import Warning as Pattern
from zxcvbn_rs_py import zxcvbn

MIN_GUESSES = 10**10
# The time grows with a power of the length: 20 characters of substituted letters take 30 ms,
# 70 take 0.9 s.
MAX_SCORED_LENGTH = 20
COMMON = (  # these are not hashable
    Pattern.ThisIsATop10Password,
    Pattern.ThisIsATop100Password,
    Pattern.ThisIsACommonPassword,
)


class PasswordWeakness(StrEnum):
    """Why a password is easy to guess."""

    COMMON = "COMMON"
    PERSONAL = "PERSONAL"
    GUESSABLE = "GUESSABLE"


def find_weakness(password: str, personal: Iterable[str]) -> PasswordWeakness | None:
    """Return why fewer than 10^10 guesses find a password, or None.

    zxcvbn knows the 30,000 commonest passwords, names and words, and patterns such as dates and
    rows of keys. `personal` are texts that an attacker tries first, such as the name. Takes up to
    30 ms, and blocks the other threads meanwhile.
    """
    words = _words(personal)
    if password.casefold() in words:
        return PasswordWeakness.PERSONAL
    scored = password[:MAX_SCORED_LENGTH]
    found = zxcvbn(scored, sorted(words))
    if found.guesses >= MIN_GUESSES:
        return None
    if found.feedback and found.feedback.warning in COMMON and scored == password:
        return PasswordWeakness.COMMON
    if zxcvbn(scored).guesses >= MIN_GUESSES:
        return PasswordWeakness.PERSONAL
    return PasswordWeakness.GUESSABLE


def _words(personal: Iterable[str]) -> set[str]:
    """Return the texts and their parts, in lower case."""
    words = set[str]()
    for text in personal:
        lower = text.casefold()
        parts = "".join(one if one.isalnum() else " " for one in lower).split()
        words |= {lower, lower.partition("@")[0], "".join(parts), *parts}
    return {word for word in words if word}
