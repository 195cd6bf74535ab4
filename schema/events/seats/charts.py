"""Charts of seats, with their price categories, sections and rows."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from core.ids import global_id
from dataloaders.events import (
    categories_of_chart,
    category_of_seats,
    drawing_of_chart,
    row_by_id,
    rows_of_section,
    seats_of_row,
    section_by_id,
    sections_of_chart,
    visible_category,
    visible_chart,
    visible_venue,
)
from engine.ids import id_field, id_of
from engine.types import Rows, column, loaded, related
from models.events.seats import charts as rows
from models.events.seats.chart_drafts import ChartDraft
from schema.events.enums import ChartFormat, ChartState, SectionKind
from schema.lazy import LazyVenue
from services.events.charts.files import MAX_CHART_CHARACTERS, read_chart

ChartId = Annotated[UUID, id_of("Chart", "The chart's id.")]
IDEMPOTENCY_KEY = (
    "A unique key of at most 100 characters. A retry with the same key and input returns the first"
    " request's result."
)


@strawberry.type(
    description="A class of seats of a chart that have one price. Visible to everyone who can see"
    " the chart."
)
class PriceCategory(Rows[rows.PriceCategory], relay.Node, access=visible_category):
    id: relay.NodeID[UUID]
    name: str = column("The name.")
    colour: str = column("The colour on the chart, such as `#336699`.")


LazySection = Annotated["ChartSection", strawberry.lazy("schema.events.seats.charts")]


@strawberry.type(
    description="The seats of a row in their order, as lists of equal length that a client reads"
    " side by side."
)
class RowSeats:
    ids: list[strawberry.ID] = strawberry.field(description="The ids.")
    numbers: list[str] = strawberry.field(
        description="The printed numbers. They do not count places: they can be 1, 3, 5."
    )
    positions: list[int] = strawberry.field(
        description="The physical places in the row. Seats are side by side if these follow each"
        " other."
    )
    xs: list[float] = strawberry.field(description="The x coordinates.")
    ys: list[float] = strawberry.field(description="The y coordinates.")
    accessible_ids: list[strawberry.ID] = strawberry.field(
        description="The ids of places for wheelchairs."
    )
    companion_ids: list[strawberry.ID] = strawberry.field(
        description="The ids of seats for companions of those in accessible places."
    )
    restricted_ids: list[strawberry.ID] = strawberry.field(
        description="The ids of seats with a restricted view."
    )


def _ids(seats: Sequence[rows.Seat]) -> list[strawberry.ID]:
    return [strawberry.ID(global_id("Seat", seat.id)) for seat in seats]


@strawberry.type(description="Seats side by side of one price category, at most 62.")
class ChartRow(Rows[rows.ChartRow]):
    row_id: strawberry.ID = column("The id, as seat maps show it.", needs=("id",))
    label: str = column("The label. A long row consists of several blocks with one label.")
    block: int = column("The number of the block in the row, from 0.")
    rank: int = column("The place in the order of the distance from the focal point, from 0.")
    category: PriceCategory = related(
        category_of_seats, by="category_id", description="The price category."
    )
    section: LazySection = related(section_by_id, by="section_id", description="The section.")

    @loaded(seats_of_row, by="id", description="The seats.", size=1)
    def seats(root: strawberry.Parent[rows.ChartRow], seats: Sequence[rows.Seat]) -> RowSeats:
        return RowSeats(
            ids=_ids(seats),
            numbers=[seat.number for seat in seats],
            positions=[seat.pos for seat in seats],
            xs=[seat.x for seat in seats],
            ys=[seat.y for seat in seats],
            accessible_ids=_ids([seat for seat in seats if seat.accessible]),
            companion_ids=_ids([seat for seat in seats if seat.companion_of_id]),
            restricted_ids=_ids([seat for seat in seats if seat.restricted_view]),
        )


@strawberry.type(description="A part of a chart: with rows of seats, or for people who stand.")
class ChartSection(Rows[rows.ChartSection]):
    section_id: strawberry.ID = column("The id, for `holdTickets`.", needs=("id",))
    name: str = column("The name.")
    section_kind: SectionKind = column("Whether it has seats.", of="kind")
    entrance: str | None = column("The entrance. Null if none is named.")
    capacity: int | None = column("The number of people who stand. Null if it has seats.")
    x: float = column("The x coordinate.")
    y: float = column("The y coordinate.")
    rows: list[ChartRow] = related(
        rows_of_section,
        by="id",
        description="The rows of seats, those closest to the focal point first, at most 2,000.",
        size=20,
    )


@strawberry.type(description="A seat of a chart.")
class Seat(Rows[rows.Seat]):
    seat_id: strawberry.ID = column("The id, as charts and seat maps show it.", needs=("id",))
    number: str = column("The printed number.")
    accessible: bool = column("Whether it is a place for a wheelchair.")
    restricted_view: bool = column("Whether the view is restricted.")
    row: ChartRow = related(row_by_id, by="row_id", description="The row.")


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
    seats: int = column("The number of seats.")
    standing: int = column("The number of people who can stand.")
    focal_x: float = column("The x coordinate of the focal point, such as the stage.")
    focal_y: float = column("The y coordinate of the focal point.")
    sections: list[ChartSection] = related(
        sections_of_chart,
        by="id",
        description="The sections in their order, at most 500.",
        size=10,
    )
    venue: LazyVenue | None = related(
        visible_venue,
        by="venue_id",
        description="The venue. Null unless the viewer can see it.",
    )

    @loaded(
        drawing_of_chart,
        by="id",
        description="The chart as SVG. Each seat is an element with the seat's id.",
        size=500,
    )
    def svg(root: strawberry.Parent[rows.Chart], drawing: str) -> str:
        return drawing


@strawberry.input(description="A chart of a venue as a file.")
class SaveChartInput:
    venue_id: UUID = id_field("Venue", "The venue's id.")
    name: str = column("The name, at most 80 characters. Versions of a chart have one name.")
    format: ChartFormat = column("The format of `content`.")
    content: str = column(
        f"The file, at most {MAX_CHART_CHARACTERS:,} characters. See docs/clients/seats.md."
    )
    idempotency_key: str = column(IDEMPOTENCY_KEY)


def chart_draft(input: SaveChartInput) -> ChartDraft:
    return read_chart(input.name, input.content, input.format)
