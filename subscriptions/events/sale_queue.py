"""Changes of sale queues."""

from collections.abc import AsyncGenerator, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

import strawberry

from core.statements.shared_reads import SharedReads
from dataloaders.events import queue_by_id, visible_event
from engine.arguments import Resume
from engine.context import Info
from engine.ids import id_of
from engine.live.sources import JournalSource
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.errors import NotFound
from schema.events.changes import SaleQueueChange
from schema.events.selling.sale_queue import SaleQueue
from services.events.entries import SaleQueueChanged
from services.journal.queries import JournalRecord
from services.journal.topics import event_topic
from services.viewer import Viewer


@strawberry.type
class SaleQueueSubscription:
    @subscription(
        "Changes of the sale queue of an event, at most about once a second. For everyone who can"
        " see the event: compare `serving` with the own number. Resume with the last `cursor`."
    )
    async def sale_queue_changes(
        self,
        info: Info,
        event_id: Annotated[UUID, id_of("Event", "An event that the viewer can see.")],
        after: Resume = None,
    ) -> AsyncGenerator[SaleQueueChange, None]:
        if await info.context.loaders[visible_event].load(event_id) is None:
            raise NotFound
        return await subscribe_to_journal(info, SaleQueueSource(event_id), after)


async def _changed(
    loaders: Loaders, record: JournalRecord[SaleQueueChanged], cursor: str
) -> SaleQueueChange:
    queue = await loaders[queue_by_id].load(record.entry.queue_id)
    return SaleQueueChange(cursor=cursor, sale_queue=SaleQueue.wrap_optional(queue))


@dataclass(frozen=True)
class SaleQueueSource(JournalSource[SaleQueueChange]):
    """The queue of an event, the same for all who follow it: its figures are public."""

    event_id: UUID
    changes: ClassVar[Any] = {SaleQueueChanged: _changed}

    @property
    def topics(self) -> Sequence[str]:
        return [event_topic(self.event_id)]

    def audience(self, viewer: Viewer) -> Hashable:
        return "everyone"

    async def unauthorized(
        self, reads: SharedReads, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        """Return no one: an event that was shown stays so, so no query is needed."""
        return []

    def checkpoint(self, cursor: str) -> SaleQueueChange:
        return SaleQueueChange(cursor=cursor)
