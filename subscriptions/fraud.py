"""Changes of the fraud cases of a vendor."""

from collections.abc import AsyncGenerator, Collection
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

import strawberry

from core.statements.shared_reads import SharedReads
from dataloaders.fraud import case_by_id
from engine.arguments import Resume
from engine.context import Info
from engine.ids import id_of
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.members import Permission
from schema.fraud.changes import FraudCaseChange
from schema.fraud.types import FraudCase
from services.fraud.entries import FraudCaseChanged
from services.journal.queries import JournalRecord
from services.subscription_access import non_admins
from services.viewer import Viewer
from subscriptions.vendor_source import VendorSource


@strawberry.type
class FraudSubscription:
    @subscription(
        "Changes of the fraud cases of a vendor: opened, taken, noted, decided, and holds that"
        " ended. For its members with the MANAGER role or higher, and for admins. Resume with the"
        " last `cursor`."
    )
    async def fraud_case_changes(
        self,
        info: Info,
        vendor_id: Annotated[UUID, id_of("Vendor", "The vendor.")],
        after: Resume = None,
    ) -> AsyncGenerator[FraudCaseChange, None]:
        return await subscribe_to_journal(info, VendorFraudSource(vendor_id), after)


async def _changed(
    loaders: Loaders, record: JournalRecord[FraudCaseChanged], cursor: str
) -> FraudCaseChange:
    case = await loaders[case_by_id].load(record.entry.case_id)
    return FraudCaseChange(cursor=cursor, fraud_case=FraudCase.wrap_optional(case))


@dataclass(frozen=True)
class VendorFraudSource(VendorSource[FraudCaseChange]):
    """The cases of a vendor, for its reviewers and for admins."""

    permission: ClassVar = Permission.REVIEW_FRAUD
    changes: ClassVar = {FraudCaseChanged: _changed}

    def audience(self, viewer: Viewer) -> tuple[Permission, bool]:
        return self.permission, viewer.admin

    async def unauthorized(
        self, reads: SharedReads, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        others = await super().unauthorized(reads, user_ids)
        return await non_admins(reads, others) if others else others

    async def is_outside_role(self, reads: SharedReads, viewer: Viewer) -> bool:
        return not viewer.admin and not viewer.acts_at(self.vendor_id)

    def checkpoint(self, cursor: str) -> FraudCaseChange:
        return FraudCaseChange(cursor=cursor)
