"""Changes of the slots of a service."""

from collections.abc import AsyncGenerator, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

import strawberry

from core.statements.shared_reads import SharedReads
from dataloaders.bookings.services import visible_service
from engine.arguments import Resume
from engine.context import Info
from engine.live.sources import JournalSource
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.bookings.setting_up.services import MAX_BUFFER, MAX_DURATION
from models.errors import NotFound
from schema.bookings.setting_up.services import ServiceId
from schema.bookings.slots import AvailabilityChange, ChangedTimes
from services.bookings.entries import BookingUpdated
from services.bookings.setting_up.entries import (
    ClosureChanged,
    ResourceChanged,
    ServiceChanged,
    TimeBlockChanged,
)
from services.bookings.slots.zones import moment_of
from services.journal.queries import JournalRecord
from services.journal.topics import agenda_topic
from services.viewer import Viewer

# A booking closes the starts of visits that would still last when it begins, or begin while it
# lasts. Both are as long as any is, since the entry has only its start.
REACH = timedelta(minutes=MAX_DURATION + 2 * MAX_BUFFER)
MAX_TIMES = 20  # of a change. With more, slots of any time may have changed.


@strawberry.type
class AvailabilitySubscription:
    @subscription(
        "Changes of the slots of a service, from any booking, block or schedule of its vendor, at"
        " most two a second. For everyone signed in who can see it. Read `availability` or `slots`"
        " first, and start with its `cursor`."
    )
    async def availability_changes(
        self, info: Info, service_id: ServiceId, after: Resume = None
    ) -> AsyncGenerator[AvailabilityChange, None]:
        info.context.viewer.require_user()
        service = await info.context.loaders[visible_service].load(service_id)
        if service is None:
            raise NotFound
        source = AvailabilitySource(service.vendor_id, service.id)
        return await subscribe_to_journal(info, source, after)


async def _any_time(_: Loaders, __: JournalRecord[Any], cursor: str) -> AvailabilityChange:
    return AvailabilityChange(cursor=cursor, any_time=True, times=[])


async def _around(
    _: Loaders, record: JournalRecord[BookingUpdated], cursor: str
) -> AvailabilityChange:
    starts = [moment_of(minute) for minute in sorted({record.entry.starts, record.entry.former})]
    times = [ChangedTimes(starts_from=one - REACH, starts_before=one + REACH) for one in starts]
    return AvailabilityChange(cursor=cursor, any_time=False, times=times)


def _united(times: Iterable[ChangedTimes]) -> list[ChangedTimes]:
    """Return times that do not touch, the earliest first, which cover the same."""
    united: list[ChangedTimes] = []
    for one in sorted(times, key=lambda one: one.starts_from):
        if united and one.starts_from <= united[-1].starts_before:
            until = max(united[-1].starts_before, one.starts_before)
            united[-1] = replace(united[-1], starts_before=until)
        else:
            united.append(one)
    return united


@dataclass(frozen=True)
class AvailabilitySource(JournalSource[AvailabilityChange]):
    """The slots of a service, the same for all. Other services can share its resources.

    When a rush books, followers need one change for all bookings, not one for each.
    """

    vendor_id: UUID
    service_id: UUID
    joins_for: ClassVar = 0.5
    changes: ClassVar[Any] = {
        BookingUpdated: _around,
        ServiceChanged: _any_time,
        ResourceChanged: _any_time,
        ClosureChanged: _any_time,
        TimeBlockChanged: _any_time,
    }

    @property
    def topics(self) -> Sequence[str]:
        return [agenda_topic(self.vendor_id)]

    def audience(self, viewer: Viewer) -> Hashable:
        return "all"

    async def unauthorized(
        self, reads: SharedReads, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        """Return none: the changes name no user, and no booking."""
        return ()

    def includes(self, record: JournalRecord[Any]) -> bool:
        """Include all but changes of other services."""
        of_other = (
            isinstance(record.entry, ServiceChanged) and record.entry.service_id != self.service_id
        )
        return super().includes(record) and not of_other

    def join(self, changes: Sequence[AvailabilityChange]) -> AvailabilityChange:
        times = _united(one for change in changes for one in change.times)
        any_time = len(times) > MAX_TIMES or any(one.any_time for one in changes)
        times = [] if any_time else times
        return AvailabilityChange(cursor=changes[-1].cursor, any_time=any_time, times=times)

    def checkpoint(self, cursor: str) -> AvailabilityChange:
        return AvailabilityChange(cursor=cursor, any_time=False, times=[])
