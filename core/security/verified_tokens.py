"""Remembers tokens whose signature was verified."""

import time
from dataclasses import dataclass
from typing import Generic, TypeVar

MAX_TOKENS = 10_000  # about 8 MB
MAX_TOKEN_LENGTH = 1_000  # ours have about 350 characters

Claims = TypeVar("Claims")


@dataclass(frozen=True, slots=True)
class VerifiedToken(Generic[Claims]):
    """The claims of a token, and the key that signed it. `expires` is in seconds since 1970."""

    kid: str
    expires: int
    claims: Claims


class VerifiedTokens(Generic[Claims]):
    """The newest 10,000 verified tokens, each until it expires.

    It remembers a signature only. The caller checks whether the key still verifies, and clears
    everything with each new set of keys.
    """

    def __init__(self, max_tokens: int = MAX_TOKENS) -> None:
        self._max_tokens = max_tokens
        self._verified: dict[str, VerifiedToken[Claims]] = {}

    def __len__(self) -> int:
        return len(self._verified)

    def find(self, token: str) -> VerifiedToken[Claims] | None:
        """Return a token that was verified, unless it has expired since."""
        known = self._verified.get(token)
        if known is not None and known.expires <= time.time():
            del self._verified[token]
            return None
        return known

    def add(self, token: str, verified: VerifiedToken[Claims]) -> None:
        if len(token) > MAX_TOKEN_LENGTH:
            return
        self._verified[token] = verified
        if len(self._verified) > self._max_tokens:
            del self._verified[next(iter(self._verified))]

    def clear(self) -> None:
        self._verified.clear()
