"""Charts of seats and their price categories."""

from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.events import categories_of_chart, visible_category, visible_chart
from engine.types import Rows, column, related
from models.events import charts as rows
from schema.events.enums import ChartState


@strawberry.type(
    description="A class of seats of a chart that have one price. Visible to everyone who can see"
    " the chart."
)
class PriceCategory(Rows[rows.PriceCategory], relay.Node, access=visible_category):
    id: relay.NodeID[UUID]
    name: str = column("The name.")
    colour: str = column("The colour on the chart, such as `#336699`.")


@strawberry.type(
    description="A version of the seats of a venue. Public once it was published, while its vendor"
    " is APPROVED. Otherwise visible to the vendor's members with the STAFF role or higher, and"
    " admins."
)
class Chart(Rows[rows.Chart], relay.Node, access=visible_chart):
    id: relay.NodeID[UUID]
    name: str = column("The name.")
    version: int = column("The number of the version, from 1.")
    state: ChartState = column("The state.")
    categories: list[PriceCategory] = related(
        categories_of_chart,
        by="id",
        description="The price categories in their order, at most 50.",
        size=10,
    )
