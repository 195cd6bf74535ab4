"""Events, searched by everyone, and the venues of a vendor."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.errors import BadInput
from core.keyset import Listing
from dataloaders.events import visible_date, visible_event
from engine.arguments import NEAR_COST, NEAR_ORDER_COST, PUBLIC_COUNT_COST, SEARCH_COST, Search
from engine.connections import Connection, connection
from engine.context import Info
from engine.ids import id_of, optional_id_of
from engine.types import field
from schema.events.enums import EventOrder
from schema.events.inputs import EventWhere, event_filter
from schema.events.types import Event, EventConnection, EventDate, Venue
from schema.offers.inputs import NearInput
from services.events.search import search_events
from services.events.slugs import find_event_id
from services.events.venues import list_venues

Where = Annotated[EventWhere | None, strawberry.argument(description="Filters the list.")]
NearPlace = Annotated[
    NearInput | None,
    strawberry.argument(
        description="Returns events within this circle. In another order than NEAREST and without"
        " `search`, the nearest 1,000."
    ),
]
OrderBy = Annotated[
    EventOrder | None,
    strawberry.argument(
        description="The order. Defaults to RELEVANCE with `search`, else to NEAREST with `near`,"
        " else to NEXT_DATE, or to NEWEST with `states`."
    ),
]
EventNodeId = Annotated[UUID | None, optional_id_of("Event", "The event's id.")]
EventDateNodeId = Annotated[UUID, id_of("EventDate")]
Slug = Annotated[str | None, strawberry.argument(description="A slug that the event has or had.")]
VendorId = Annotated[UUID, id_of("Vendor", "The vendor's id.")]


@strawberry.type
class EventQuery:
    @connection(
        EventConnection,
        "Events that are on sale or to come, by default. With `states`, also others of the viewer's"
        " vendors.",
        argument_costs={
            "search": SEARCH_COST,
            "near": NEAR_COST,
            "near orderBy": NEAR_ORDER_COST,
        },
        count_cost=PUBLIC_COUNT_COST,
        public=True,
    )
    def events(
        self,
        info: Info,
        where: Where = None,
        search: Search = None,
        near: NearPlace = None,
        order_by: OrderBy = None,
    ) -> Listing[Any]:
        wanted = event_filter(where or EventWhere(), near, search)
        return search_events(info.context.viewer, wanted, order_by)

    @field(
        "Returns an event by its id or its slug. Null if it doesn't exist or the viewer can't see"
        " it.",
        public=True,
    )
    async def event(self, info: Info, id: EventNodeId = None, slug: Slug = None) -> Event | None:
        if (id is None) == (slug is None):
            raise BadInput("Choose an event by its id or by its address.")
        if slug is not None:
            async with info.context.read_session() as session:
                id = await find_event_id(session, slug)
        if id is None:
            return None
        return Event.wrap_optional(await info.context.loaders[visible_event].load(id))

    @field(
        "Returns a date of an event. Null if it doesn't exist or the viewer can't see it.",
        public=True,
    )
    async def event_date(self, info: Info, id: EventDateNodeId) -> EventDate | None:
        return EventDate.wrap_optional(await info.context.loaders[visible_date].load(id))

    @connection(Connection[Venue], "The venues of a vendor by name, without archived ones.")
    def venues(self, info: Info, vendor_id: VendorId) -> Listing[Any]:
        return list_venues(info.context.viewer, vendor_id)
