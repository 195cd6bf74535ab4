"""Changes of applications to become a vendor."""

from collections.abc import AsyncGenerator, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

import strawberry

from core.statements.shared_reads import SharedReads
from dataloaders.applications import application_by_id
from engine.arguments import Resume
from engine.context import Info
from engine.live.sources import JournalSource
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from schema.applications.changes import VendorApplicationChange
from schema.applications.types import VendorApplication
from services.applications.entries import ApplicationUpdated
from services.journal.queries import JournalRecord
from services.journal.topics import APPLICATIONS_TOPIC
from services.subscription_access import non_admins
from services.viewer import Viewer
from subscriptions.own_source import OwnSource


@strawberry.type
class ApplicationSubscription:
    @subscription(
        "Changes of the viewer's applications to become a vendor; for admins, of all applications."
        " Resume with the last `cursor`, or with `changesAfter` of `vendorApplications`. Not"
        " available to API tokens."
    )
    async def vendor_application_changes(
        self, info: Info, after: Resume = None
    ) -> AsyncGenerator[VendorApplicationChange, None]:
        viewer = info.context.viewer
        user_id = viewer.require_user()
        source = AllApplications() if viewer.admin else OwnApplications(user_id)
        return await subscribe_to_journal(info, source, after)


async def _changed(
    loaders: Loaders, record: JournalRecord[ApplicationUpdated], cursor: str
) -> VendorApplicationChange:
    found = await loaders[application_by_id].load(record.entry.application_id)
    return VendorApplicationChange(
        cursor=cursor, application=VendorApplication.wrap_optional(found)
    )


@dataclass(frozen=True)
class OwnApplications(OwnSource[VendorApplicationChange]):
    """The applications of a user, the same on all their devices."""

    changes: ClassVar = {ApplicationUpdated: _changed}

    def checkpoint(self, cursor: str) -> VendorApplicationChange:
        return VendorApplicationChange(cursor=cursor)


@dataclass(frozen=True)
class AllApplications(JournalSource[VendorApplicationChange]):
    """All applications, the same for all admins."""

    changes: ClassVar = {ApplicationUpdated: _changed}

    @property
    def topics(self) -> Sequence[str]:
        return [APPLICATIONS_TOPIC]

    def audience(self, viewer: Viewer) -> Hashable:
        return "admins"

    async def unauthorized(
        self, reads: SharedReads, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        return await non_admins(reads, user_ids)

    async def is_outside_role(self, reads: SharedReads, viewer: Viewer) -> bool:
        return not viewer.admin

    def checkpoint(self, cursor: str) -> VendorApplicationChange:
        return VendorApplicationChange(cursor=cursor)
