"""Charts of seats: shown to everybody once published, and written by members."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.keyset import Listing
from dataloaders.events import visible_chart
from engine.connections import Connection, connection
from engine.context import Info
from engine.ids import id_of
from engine.mutation import mutation
from engine.types import field
from models.errors import KEYED, InvalidInput, NotFound
from models.events import venues
from models.events.seats import charts as rows
from schema.events.seats.charts import Chart, ChartId, SaveChartInput, chart_draft
from services.events.charts import charts

CHART_COST = 200  # of up to a hundred thousand seats that are made
OfVenue = Annotated[UUID, id_of("Venue", "The venue's id.")]


@strawberry.type
class ChartQuery:
    @field(
        "Returns a chart of seats, which never changes once it is published. Null if it doesn't"
        " exist or the viewer can't see it."
    )
    async def seat_chart(self, info: Info, chart_id: ChartId) -> Chart | None:
        return Chart.wrap_optional(await info.context.loaders[visible_chart].load(chart_id))

    @connection(
        Connection[Chart],
        "The charts of a venue, the newest first. Drafts are returned to the vendor's members"
        " alone.",
    )
    def seat_charts(self, info: Info, venue_id: OfVenue) -> Listing[Any]:
        return charts.list_charts(info.context.viewer, venue_id)


@strawberry.type
class ChartMutation:
    @mutation(
        chart=Chart,
        cost=CHART_COST,
        while_impersonating=True,
        raises=(InvalidInput, NotFound, venues.VenueArchived, rows.ChartLimitReached, *KEYED),
    )
    async def save_chart(self, info: Info, input: SaveChartInput) -> rows.Chart:
        """Save a file as the draft of a chart, in place of the draft of its name. A published chart
        stays as it is: its draft is the next version.
        """
        info.context.viewer.require_user()
        draft = await asyncio.to_thread(chart_draft, input)
        async with info.context.transaction() as session:
            return await charts.save_chart(
                session,
                info.context.viewer,
                venue_id=input.venue_id,
                draft=draft,
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        chart=Chart,
        while_impersonating=True,
        raises=(NotFound, venues.VenueArchived, rows.ChartPublished),
        repeatable="sets a state",
    )
    async def publish_chart(self, info: Info, chart_id: ChartId) -> rows.Chart:
        """Publish a chart, so that dates can have its seats. It never changes from then on, and
        retires the version before it.
        """
        async with info.context.transaction() as session:
            return await charts.publish_chart(session, info.context.viewer, chart_id=chart_id)
