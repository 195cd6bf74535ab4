"""The site that passkeys belong to."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class RelyingParty:
    """The site that passkeys belong to: its id, a domain, and the origins of its pages and apps."""

    id: str
    origins: Sequence[str]
    name: str = "Haat"
