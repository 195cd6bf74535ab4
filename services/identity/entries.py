"""Journal entries of accounts."""

from dataclasses import dataclass
from uuid import UUID

from services.journal.entries import Entry


@dataclass(frozen=True)
class SessionRevoked(Entry, kind="session.ended"):
    """A session or API token ended; its sockets and streams are closed."""

    session_id: UUID
