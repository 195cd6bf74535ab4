"""Changes of dates that the pulse announces: of their seats, and of their sale."""

from collections.abc import AsyncGenerator, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

import strawberry

from core.ids import global_id
from core.statements.shared_reads import SharedReads
from dataloaders.events import (
    date_by_id,
    managed_date,
    queue_by_id,
    queue_figures_of_event,
    taken_of_row,
    visible_date,
)
from engine.arguments import Resume
from engine.context import Info
from engine.ids import id_of
from engine.live.sources import JournalSource
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.errors import NotFound
from models.members import Permission
from schema.events.seats.maps import SalesChange, SaleTotals, SeatMapChange, SeatMapRow
from services.events.entries import DatePulsed, SaleQueueChanged
from services.journal.queries import JournalRecord
from services.journal.topics import event_topic
from services.subscription_access import non_members
from services.viewer import Viewer

DateId = Annotated[UUID, id_of("EventDate", "The date's id.")]


@strawberry.type
class EventsSubscription:
    @subscription(
        "Changes of the seats of a date, at most four a second. For everyone signed in who can see"
        " it. Read `seatMap` first, and start with its `cursor`."
    )
    async def seat_map_changes(
        self, info: Info, event_date_id: DateId, after: Resume = None
    ) -> AsyncGenerator[SeatMapChange, None]:
        info.context.viewer.require_user()
        date = await info.context.loaders[visible_date].load(event_date_id)
        if date is None:
            raise NotFound
        source = SeatMapSource(event_date_id, date.event_id)
        return await subscribe_to_journal(info, source, after)

    @subscription(
        "Changes of the sale of a date, at most four a second. For the vendor's members with the"
        " STAFF role or higher. Resume with the last `cursor`."
    )
    async def sales_changes(
        self, info: Info, event_date_id: DateId, after: Resume = None
    ) -> AsyncGenerator[SalesChange, None]:
        info.context.viewer.require_user()
        date = await info.context.loaders[managed_date].load(event_date_id)
        if date is None:
            raise NotFound
        source = SalesSource(event_date_id, date.event_id, date.vendor_id)
        return await subscribe_to_journal(info, source, after)


async def _seats(loaders: Loaders, record: JournalRecord[DatePulsed], cursor: str) -> SeatMapChange:
    entry = record.entry
    keys = [(entry.event_date_id, row_id) for row_id in entry.row_ids]
    found = await loaders[taken_of_row].load_many(keys)
    rows = [
        SeatMapRow.of(row_id, taken) for row_id, taken in zip(entry.row_ids, found, strict=True)
    ]
    return SeatMapChange(cursor=cursor, rows=rows)


@dataclass(frozen=True)
class SeatMapSource(JournalSource[SeatMapChange]):
    """The seats of a date, the same for all."""

    event_date_id: UUID
    event_id: UUID
    changes: ClassVar = {DatePulsed: _seats}

    @property
    def topics(self) -> Sequence[str]:
        return [event_topic(self.event_id)]

    def audience(self, viewer: Viewer) -> Hashable:
        return "all"

    async def unauthorized(
        self, reads: SharedReads, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        """Return none: a date stays visible, and its seats name no user."""
        return ()

    def includes(self, record: JournalRecord[Any]) -> bool:
        return (
            super().includes(record)
            and record.entry.event_date_id == self.event_date_id
            and bool(record.entry.row_ids)
        )

    def checkpoint(self, cursor: str) -> SeatMapChange:
        return SeatMapChange(cursor=cursor, rows=[])


async def _sales(loaders: Loaders, record: JournalRecord[DatePulsed], cursor: str) -> SalesChange:
    date = await loaders[date_by_id].load(record.entry.event_date_id)
    ids = [strawberry.ID(global_id("Ticket", id)) for id in record.entry.ticket_ids]
    return SalesChange(cursor=cursor, sales=SaleTotals.wrap_optional(date), ticket_ids=ids)


async def _queue(
    loaders: Loaders, record: JournalRecord[SaleQueueChanged], cursor: str
) -> SalesChange:
    queue: Any = await loaders[queue_by_id].load(record.entry.queue_id)
    found: Any = await loaders[queue_figures_of_event].load(queue.event_id)
    return SalesChange(cursor=cursor, sales=None, ticket_ids=[], queue_figures=found)


@dataclass(frozen=True)
class SalesSource(JournalSource[SalesChange]):
    """The sale of a date and the queue for it, the same for all members of its vendor."""

    event_date_id: UUID
    event_id: UUID
    vendor_id: UUID
    changes: ClassVar[Any] = {DatePulsed: _sales, SaleQueueChanged: _queue}

    @property
    def topics(self) -> Sequence[str]:
        return [event_topic(self.event_id)]

    def audience(self, viewer: Viewer) -> Hashable:
        return Permission.SEE_EVENTS

    async def unauthorized(
        self, reads: SharedReads, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        return await non_members(reads, self.vendor_id, Permission.SEE_EVENTS, user_ids)

    async def is_outside_role(self, reads: SharedReads, viewer: Viewer) -> bool:
        return not viewer.acts_at(self.vendor_id)

    def includes(self, record: JournalRecord[Any]) -> bool:
        """Include the pulses of this date, and the changes of the event's queue."""
        entry = record.entry
        of_other = isinstance(entry, DatePulsed) and entry.event_date_id != self.event_date_id
        return super().includes(record) and not of_other

    def checkpoint(self, cursor: str) -> SalesChange:
        return SalesChange(cursor=cursor, sales=None, ticket_ids=[])
