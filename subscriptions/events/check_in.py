"""Changes of the attendance on a check-in list."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

import strawberry

from dataloaders.check_in import list_by_id, scan_by_id
from engine.arguments import Resume
from engine.context import Info
from engine.ids import id_of
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.errors import NotFound
from models.members import Permission
from schema.events.check_in.lists import CheckInChange, CheckInList, Scan
from services.events.check_in.access import find_vendor_of_list
from services.events.entries import CheckInChanged, CheckInConflict
from services.journal.queries import JournalRecord
from services.journal.topics import check_in_topic
from subscriptions.vendor_source import VendorSource


@strawberry.type
class CheckInSubscription:
    @subscription(
        "Changes of a check-in list: its attendance, its gates, and scans that turn out to be"
        " wrong. For the vendor's members. Resume with the last `cursor`.",
        domain="events",
    )
    async def check_in_changes(
        self,
        info: Info,
        list_id: Annotated[UUID, id_of("CheckInList", "A check-in list of the viewer's vendor.")],
        after: Resume = None,
    ) -> AsyncGenerator[CheckInChange, None]:
        info.context.viewer.require_user()
        async with info.context.read_session() as session:
            vendor_id = await find_vendor_of_list(session, list_id)
        if vendor_id is None:
            raise NotFound
        return await subscribe_to_journal(info, CheckInSource(vendor_id, list_id), after)


async def _changed(
    loaders: Loaders, record: JournalRecord[CheckInChanged], cursor: str
) -> CheckInChange:
    found = await loaders[list_by_id].load(record.entry.list_id)
    return CheckInChange(cursor=cursor, check_in_list=CheckInList.wrap_optional(found))


async def _conflict(
    loaders: Loaders, record: JournalRecord[CheckInConflict], cursor: str
) -> CheckInChange:
    found = await loaders[list_by_id].load(record.entry.list_id)
    scan = await loaders[scan_by_id].load(record.entry.scan_id)
    return CheckInChange(
        cursor=cursor,
        check_in_list=CheckInList.wrap_optional(found),
        conflict=Scan.wrap_optional(scan),
    )


@dataclass(frozen=True)
class CheckInSource(VendorSource[CheckInChange]):
    """The attendance on a list, the same for all members."""

    list_id: UUID
    permission: ClassVar = Permission.CHECK_IN
    changes: ClassVar[Any] = {CheckInChanged: _changed, CheckInConflict: _conflict}

    @property
    def topics(self) -> Sequence[str]:
        return [check_in_topic(self.list_id)]

    def checkpoint(self, cursor: str) -> CheckInChange:
        return CheckInChange(cursor=cursor)
