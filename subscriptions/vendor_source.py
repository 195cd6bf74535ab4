"""The source of changes that the members of one vendor follow."""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar
from uuid import UUID

from core.statements.shared_reads import SharedReads
from engine.live.sources import JournalSource
from models.members import Permission
from services.journal.topics import vendor_topic
from services.subscription_access import non_members
from services.viewer import Viewer

Change = TypeVar("Change")


@dataclass(frozen=True)
class VendorSource(JournalSource[Change]):
    """Entries of a vendor's topic, the same for all members with `permission`."""

    vendor_id: UUID
    permission: ClassVar[Permission]

    @property
    def topics(self) -> Sequence[str]:
        return [vendor_topic(self.vendor_id)]

    def audience(self, viewer: Viewer) -> Hashable:
        return self.permission

    async def unauthorized(
        self, reads: SharedReads, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        return await non_members(reads, self.vendor_id, self.permission, user_ids)

    async def is_outside_role(self, reads: SharedReads, viewer: Viewer) -> bool:
        return not viewer.acts_at(self.vendor_id)
