"""The source of changes that one user alone follows."""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from core.statements.shared_reads import SharedReads
from engine.live.sources import JournalSource
from services.journal.topics import user_topic
from services.viewer import Viewer

Change = TypeVar("Change")


@dataclass(frozen=True)
class OwnSource(JournalSource[Change]):
    """Entries of a user's topic about what is theirs, the same on all their devices."""

    user_id: UUID

    @property
    def topics(self) -> Sequence[str]:
        return [user_topic(self.user_id)]

    def audience(self, viewer: Viewer) -> Hashable:
        return "owner"

    async def unauthorized(
        self, reads: SharedReads, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        """Return all but the owner, who never changes, so no query is needed."""
        return [id for id in user_ids if id != self.user_id]
