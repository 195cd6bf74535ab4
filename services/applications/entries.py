"""Journal entries of applications."""

from dataclasses import dataclass
from uuid import UUID

from services.journal.entries import Entry


@dataclass(frozen=True)
class ApplicationUpdated(Entry, kind="application.updated"):
    application_id: UUID
