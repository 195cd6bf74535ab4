"""The figures of a date for members of the vendor, and exports of them."""

from typing import Annotated, cast
from uuid import UUID

import strawberry

from dataloaders.events import managed_date
from engine.context import Info
from engine.ids import id_of
from engine.mutation import mutation
from engine.types import field
from models.errors import NotFound
from schema.events.sales import EventSales, ExportEventDateInput
from schema.links import ExpiringLink, expiring
from services.events.sales.exports import export_event_date
from services.events.sales.figures import read_sales
from services.events.sales.links import PATH
from services.journal.topics import event_topic

EventDateNodeId = Annotated[UUID, id_of("EventDate", "The date's id.")]


@strawberry.type
class SalesQuery:
    @field("Returns the figures of a date. Null unless the viewer sees those of the vendor.")
    async def event_sales(self, info: Info, event_date_id: EventDateNodeId) -> EventSales | None:
        date = await info.context.loaders[managed_date].load(event_date_id)
        if date is None:
            return None
        cursor = await info.context.cursor(event_topic(date.event_id))  # before the state
        async with info.context.read_session() as session:
            found = await read_sales(session, info.context.viewer, date, cursor)
        return cast("EventSales", found)


@strawberry.type
class SalesMutation:
    @mutation(link=ExpiringLink, raises=(NotFound,), repeatable="makes a link, and changes nothing")
    async def export_event_date(self, info: Info, input: ExportEventDateInput) -> ExpiringLink:
        """Return a link to an export as CSV, which works for ten minutes and for the viewer's
        rights. For the vendor's members with the STAFF role or higher, and admins.
        """
        context = info.context
        async with context.transaction() as session:
            link = await export_event_date(
                session, context.viewer, event_date_id=input.event_date_id, export=input.export
            )
        return expiring(info, PATH, link.sign(context.app.keys))
