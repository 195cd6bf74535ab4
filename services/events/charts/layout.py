"""The rows of a draft as blocks of at most 62 positions, ranked by their distance."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import hypot
from uuid import UUID

from core.ids import new_id
from models.errors import InvalidInput
from models.events.seats.chart_drafts import ChartDraft, RowDraft, SeatDraft, SectionDraft
from models.events.seats.charts import (
    MAX_COORDINATE,
    MAX_POSITION,
    Chart,
    ChartRow,
    ChartSection,
    PriceCategory,
)


@dataclass
class PlacedSeat:
    """The columns of a seat. A hundred thousand objects of the table would take seconds to make."""

    id: UUID
    created_at: datetime
    row_id: UUID
    number: str
    pos: int
    x: float
    y: float
    accessible: bool
    companion_of_id: UUID | None
    restricted_view: bool


@dataclass(frozen=True)
class Layout:
    """All rows of the database that a chart has."""

    categories: list[PriceCategory]
    sections: list[ChartSection]
    rows: list[ChartRow]
    seats: list[PlacedSeat]


def lay_out(chart: Chart, draft: ChartDraft) -> Layout:
    """Return the rows of a chart. The closest block to the focal point has rank 0.

    Raises `InvalidInput` for seats that are not within the coordinates of charts.
    """
    categories = {
        name: PriceCategory(
            id=new_id(), chart_id=chart.id, name=name, colour=colour, position=position
        )
        for position, (name, colour) in enumerate(draft.colours().items())
    }
    ids = {name: category.id for name, category in categories.items()}
    sections: list[ChartSection] = []
    blocks: list[SeatBlock] = []
    for position, section in enumerate(draft.sections):
        row = _section(chart, section, position, ids)
        sections.append(row)
        blocks += _blocks(row, section, ids)
    blocks.sort(key=lambda block: block.distance(chart))
    for rank, block in enumerate(blocks):
        block.row.rank, block.row.centre = rank, block.centre(chart)
    return Layout(
        [*categories.values()],
        sections,
        [block.row for block in blocks],
        [seat for block in blocks for seat in block.seats],
    )


@dataclass(frozen=True)
class SeatBlock:
    row: ChartRow
    seats: list[PlacedSeat]

    def distance(self, chart: Chart) -> float:
        """Return the distance of the middle of the seats from the focal point."""
        count = len(self.seats)
        x, y = (
            sum(seat.x for seat in self.seats) / count,
            sum(seat.y for seat in self.seats) / count,
        )
        return hypot(x - chart.focal_x, y - chart.focal_y)

    def centre(self, chart: Chart) -> float:
        """Return the position that is closest to the focal point, between equally close seats."""
        by_distance = {
            seat.pos: round(hypot(seat.x - chart.focal_x, seat.y - chart.focal_y), 6)
            for seat in self.seats
        }
        closest = min(by_distance.values())
        positions = [pos for pos, distance in by_distance.items() if distance == closest]
        return sum(positions) / len(positions)


def _section(
    chart: Chart, section: SectionDraft, position: int, ids: Mapping[str, UUID]
) -> ChartSection:
    return ChartSection(
        id=new_id(),
        chart_id=chart.id,
        name=section.name,
        kind=section.kind,
        entrance=section.entrance,
        category_id=None if section.category is None else ids[section.category],
        capacity=section.capacity,
        position=position,
        x=section.x,
        y=section.y,
    )


def _blocks(
    section: ChartSection, draft: SectionDraft, ids: Mapping[str, UUID]
) -> Iterator[SeatBlock]:
    """Yield the blocks of a section. Its n-th row is n units behind, unless it names a place."""
    made: Counter[str] = Counter()
    for place, row in enumerate(draft.rows):
        for seats in _split(row):
            block = ChartRow(
                id=new_id(),
                section_id=section.id,
                category_id=ids[row.category],
                label=row.label,
                block=made[row.label],
                rank=0,
                centre=0,
            )
            made[row.label] += 1
            yield SeatBlock(block, _seats(section, block, row, seats, place))


def _split(row: RowDraft) -> Iterator[list[SeatDraft]]:
    """Yield the seats of a row in parts that span at most 62 positions."""
    part: list[SeatDraft] = []
    for seat in sorted(row.seats, key=lambda seat: seat.pos):
        if part and seat.pos - part[0].pos > MAX_POSITION:
            yield part
            part = []
        part.append(seat)
    yield part


def _seats(
    section: ChartSection, block: ChartRow, row: RowDraft, seats: list[SeatDraft], place: int
) -> list[PlacedSeat]:
    ids = {seat.number: new_id() for seat in seats}
    made = []
    for seat in seats:
        x, y = row.place(seat, place)
        x, y = section.x + x, section.y + y
        if not max(abs(x), abs(y)) <= MAX_COORDINATE:
            message = "This number is too large. Enter a smaller one."
            raise InvalidInput(message, field=["content"])
        made.append(
            PlacedSeat(
                created_at=section.created_at,
                id=ids[seat.number],
                row_id=block.id,
                number=seat.number,
                pos=seat.pos - seats[0].pos,
                x=x,
                y=y,
                accessible=seat.accessible,
                companion_of_id=ids.get(seat.companion_of or ""),
                restricted_view=seat.restricted_view,
            )
        )
    return made
