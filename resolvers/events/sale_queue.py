"""Sale queues: run by members of the vendor, and passed through by users."""

from typing import Annotated

import strawberry

from core.errors import BadInput
from dataloaders.events import visible_queue
from engine.context import Info
from engine.mutation import mutation
from engine.types import field
from models.errors import KEYED, InvalidInput, NotFound
from models.events import events
from models.events.selling import sale_queue as rows
from schema.events.inputs import EventId
from schema.events.selling.sale_queue import (
    MAX_DRAW_KEYS,
    CreateSaleQueueInput,
    SaleAdmission,
    SaleQueue,
    SaleQueueEntry,
    SaleQueueId,
    queue_draft,
)
from services.events.sale_queue import admission, managing
from services.events.sale_queue.access import find_own_entry, find_queue_id
from services.events.sale_queue.checking import find_draw_keys

FirstNumber = Annotated[int, strawberry.argument(description="The first number, 1 by default.")]
Count = Annotated[
    int, strawberry.argument(description=f"How many to return, at most {MAX_DRAW_KEYS}.")
]


@strawberry.type
class SaleQueueQuery:
    @field("Returns the sale queue of an event. Null if there is none that the viewer can see.")
    async def sale_queue(self, info: Info, event_id: EventId) -> SaleQueue | None:
        async with info.context.read_session() as session:
            id = await find_queue_id(session, event_id)
        if id is None:
            return None
        return SaleQueue.wrap_optional(await info.context.loaders[visible_queue].load(id))

    @field("Returns the viewer's place in the sale queue of an event. Null if there is none.")
    async def sale_queue_entry(self, info: Info, event_id: EventId) -> SaleQueueEntry | None:
        async with info.context.read_session() as session:
            found = await find_own_entry(session, info.context.viewer, event_id)
        return SaleQueueEntry.of(admission.PlaceInQueue(*found)) if found else None

    @field(
        "Returns the keys of the draw of a sale queue in the order of their numbers, in hexadecimal"
        " digits: each is the SHA-256 of the seed and the 16 bytes of a user's id. Empty before the"
        " draw.",
        sized_by="count",
    )
    async def sale_queue_draw(
        self, info: Info, event_id: EventId, first_number: FirstNumber = 1, count: Count = 100
    ) -> list[str]:
        if not (1 <= count <= MAX_DRAW_KEYS and 1 <= first_number < 2**31):
            raise BadInput("Request at most {most} keys at once.", most=MAX_DRAW_KEYS)
        async with info.context.read_session() as session:
            return await find_draw_keys(session, event_id, first_number, count)


@strawberry.type
class SaleQueueMutation:
    @mutation(
        sale_queue=SaleQueue,
        raises=(
            InvalidInput,
            NotFound,
            events.InvalidEventState,
            rows.SaleQueueExists,
            *KEYED,
        ),
    )
    async def create_sale_queue(self, info: Info, input: CreateSaleQueueInput) -> rows.SaleQueue:
        """Add a queue to the sale of an event. Requires the vendor's MANAGER or OWNER role."""
        async with info.context.transaction() as session:
            return await managing.create_sale_queue(
                session,
                info.context.viewer,
                event_id=input.event_id,
                draft=queue_draft(input),
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        sale_queue=SaleQueue,
        raises=(NotFound, rows.InvalidQueueState),
        repeatable="sets a state",
    )
    async def open_sale_queue(self, info: Info, sale_queue_id: SaleQueueId) -> rows.SaleQueue:
        """Open a queue before its time, with the draw, or go on with one that is paused."""
        async with info.context.transaction() as session:
            return await managing.open_sale_queue(
                session, info.context.viewer, queue_id=sale_queue_id
            )

    @mutation(
        sale_queue=SaleQueue,
        raises=(NotFound, rows.InvalidQueueState),
        repeatable="sets a state",
    )
    async def pause_sale_queue(self, info: Info, sale_queue_id: SaleQueueId) -> rows.SaleQueue:
        """Stop the calls until the queue is opened again. Those who were called go on."""
        async with info.context.transaction() as session:
            return await managing.pause_sale_queue(
                session, info.context.viewer, queue_id=sale_queue_id
            )

    @mutation(sale_queue=SaleQueue, raises=(NotFound,), repeatable="sets a state")
    async def end_sale_queue(self, info: Info, sale_queue_id: SaleQueueId) -> rows.SaleQueue:
        """End a queue for good. From then on anybody can hold tickets."""
        async with info.context.transaction() as session:
            return await managing.end_sale_queue(
                session, info.context.viewer, queue_id=sale_queue_id
            )

    @mutation(
        entry=SaleQueueEntry,
        raises=(NotFound, rows.InvalidQueueState),
        repeatable="a user has one place",
    )
    async def join_sale_queue(self, info: Info, event_id: EventId) -> SaleQueueEntry:
        """Join the sale queue of an event. Those who join before it opens are drawn by lot."""
        async with info.context.prepared_transaction() as unit:
            place = await admission.join_sale_queue(unit, info.context.viewer, event_id)
        return SaleQueueEntry.of(place)

    @mutation(
        admission=SaleAdmission,
        raises=(NotFound, rows.InvalidQueueState, rows.NotYourTurn, rows.AdmissionEnded),
        repeatable="does not lengthen the admission",
    )
    async def enter_sale(self, info: Info, event_id: EventId) -> SaleAdmission:
        """Enter the sale of an event, once the queue serves the viewer's number."""
        context = info.context
        async with context.prepared_transaction() as unit:
            found = await admission.enter_sale(unit, context.viewer, context.app.keys, event_id)
        return SaleAdmission.of(found)
