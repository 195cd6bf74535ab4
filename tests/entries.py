"""Journal entries that only tests append."""

from dataclasses import dataclass
from uuid import UUID

from services.journal.entries import Entry


@dataclass(frozen=True)
class Happened(Entry, kind="test"):
    """Something happened."""

    id: UUID


class First(Entry, kind="test.first"):
    """The first entry of a transaction."""


class Second(Entry, kind="test.second"):
    """The second entry of a transaction."""


class Third(Entry, kind="test.third"):
    """The third entry of a transaction."""


class Fourth(Entry, kind="test.fourth"):
    """The fourth entry of a transaction."""
