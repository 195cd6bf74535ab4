"""Charts: the sections, rows and seats of a venue, in versions that never change once published."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field

from core.ids import global_id
from models.base import DEFERRED, Row, enum_column, foreign_key, optional_foreign_key, timestamp
from models.errors import Refusal
from models.personal_data import of_others
from models.text import OneLine, one_line_constraint

MAX_CHARTS = 50  # of a venue, with all versions
MAX_SEATS = 100_000  # of a chart
MAX_BLOCKS = 100  # of rows of a section with one label
MAX_POSITION = 61  # of a seat in its row: `seat_row.sizes` has a bit for each length up to 62
MAX_STANDING = 1_000_000
MAX_RANK = 1_000_000
MAX_COORDINATE = 100_000
MAX_LABEL_LENGTH, MAX_SEAT_NUMBER_LENGTH = 40, 8
ChartName = Annotated[str, OneLine(80)]
Label = Annotated[str, OneLine(MAX_LABEL_LENGTH)]
SeatNumber = Annotated[str, OneLine(MAX_SEAT_NUMBER_LENGTH)]


def within_chart(x: str, y: str) -> CheckConstraint:
    """Return a constraint on the coordinates of a chart."""
    limit = f"BETWEEN -{MAX_COORDINATE} AND {MAX_COORDINATE}"
    return CheckConstraint(f"{x} {limit} AND {y} {limit}", name="coordinates")


class ChartState(StrEnum):
    """`DRAFT → PUBLISHED → RETIRED`. A PUBLISHED one is changed by a new version."""

    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    RETIRED = "RETIRED"


class SectionKind(StrEnum):
    SEATED = "SEATED"
    STANDING = "STANDING"


class Chart(Row, table=True):
    """A version of the seats of a venue. `seats` and `standing` count its places."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["venue_id", "vendor_id"], ["venue.id", "venue.vendor_id"], **DEFERRED
        ),
        UniqueConstraint("venue_id", "name", "version"),
        UniqueConstraint("id", "venue_id"),
        one_line_constraint("name"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint(f"seats BETWEEN 0 AND {MAX_SEATS}", name="seats"),
        CheckConstraint(f"standing BETWEEN 0 AND {MAX_STANDING}", name="standing"),
        CheckConstraint("(state = 'DRAFT') = (published_at IS NULL)", name="published_at"),
        within_chart("focal_x", "focal_y"),
        Index("chart_vendor_id_idx", "vendor_id", "created_at", "id"),
    )
    __privacy__ = of_others(none="name version seats standing focal_x focal_y")

    vendor_id: UUID
    venue_id: UUID
    name: ChartName = Field(max_length=80)
    version: int = 1
    state: ChartState = enum_column(ChartState, default=ChartState.DRAFT)
    focal_x: float = 0
    focal_y: float = 0
    seats: int = 0
    standing: int = 0
    published_at: datetime | None = timestamp(default=None)

    def ensure_draft(self) -> None:
        if self.state is not ChartState.DRAFT:
            raise ChartPublished

    def ensure_published(self) -> None:
        if self.state is not ChartState.PUBLISHED:
            raise ChartNotPublished


class PriceCategory(Row, table=True):
    """A class of seats of a chart that have one price, such as the stalls."""

    __tablename__ = "price_category"
    __table_args__ = (
        UniqueConstraint("chart_id", "position", **DEFERRED),
        UniqueConstraint("chart_id", "name"),
        one_line_constraint("name"),
        CheckConstraint("colour ~ '^#[0-9a-f]{6}$'", name="colour"),
        CheckConstraint("position BETWEEN 0 AND 49", name="position"),
    )
    __privacy__ = of_others(none="name colour position")

    chart_id: UUID = foreign_key("chart", index=False)
    name: Label = Field(max_length=MAX_LABEL_LENGTH)
    colour: str = Field(max_length=7)
    position: int = 0


class ChartSection(Row, table=True):
    """A part of a chart: with rows of seats, or for so many people who stand."""

    __tablename__ = "chart_section"
    __table_args__ = (
        UniqueConstraint("chart_id", "name"),
        UniqueConstraint("chart_id", "position", **DEFERRED),
        one_line_constraint("name"),
        one_line_constraint("entrance"),
        CheckConstraint(
            f"CASE kind WHEN 'STANDING' THEN capacity BETWEEN 1 AND {MAX_STANDING}"
            " ELSE capacity IS NULL END IS TRUE",
            name="capacity",
        ),
        CheckConstraint("position BETWEEN 0 AND 499", name="position"),
        within_chart("x", "y"),
    )
    __privacy__ = of_others(none="name entrance capacity position x y")

    chart_id: UUID = foreign_key("chart", index=False)
    name: Label = Field(max_length=MAX_LABEL_LENGTH)
    kind: SectionKind = enum_column(SectionKind)
    entrance: Label | None = Field(default=None, max_length=MAX_LABEL_LENGTH)
    category_id: UUID | None = optional_foreign_key("price_category")
    capacity: int | None = None
    position: int = 0
    x: float = 0
    y: float = 0

    @property
    def section_id(self) -> str:
        return global_id("ChartSection", self.id)


class ChartRow(Row, table=True):
    """Seats side by side, of one price category: at most 62, so a longer row is several blocks.

    `rank` orders the rows of a chart by their distance from the focal point, and `centre` is the
    position in the row that is closest to it.
    """

    __tablename__ = "chart_row"
    __table_args__ = (
        UniqueConstraint("section_id", "label", "block"),
        one_line_constraint("label"),
        CheckConstraint(f"block BETWEEN 0 AND {MAX_BLOCKS - 1}", name="block"),
        CheckConstraint(f"rank BETWEEN 0 AND {MAX_RANK}", name="rank"),
        CheckConstraint(f"centre BETWEEN 0 AND {MAX_POSITION}", name="centre"),
    )
    __privacy__ = of_others(none="label block rank centre")

    section_id: UUID = foreign_key("chart_section", index=False)
    category_id: UUID = foreign_key("price_category")
    label: Label = Field(max_length=MAX_LABEL_LENGTH)
    block: int = 0
    rank: int
    centre: float

    @property
    def row_id(self) -> str:
        return global_id("ChartRow", self.id)


class Seat(Row, table=True):
    """A seat of a row. `number` is printed, `pos` counts physical places: an aisle skips one.

    Numbers never mean that seats are side by side: they can be 1, 3, 5.
    """

    __table_args__ = (
        UniqueConstraint("row_id", "pos"),
        UniqueConstraint("row_id", "number"),
        one_line_constraint("number"),
        CheckConstraint(f"pos BETWEEN 0 AND {MAX_POSITION}", name="pos"),
        within_chart("x", "y"),
        CheckConstraint("companion_of_id <> id", name="companion"),
    )
    __privacy__ = of_others(none="number pos x y")

    row_id: UUID = foreign_key("chart_row", index=False)
    number: SeatNumber = Field(max_length=MAX_SEAT_NUMBER_LENGTH)
    pos: int
    x: float
    y: float
    accessible: bool = False
    companion_of_id: UUID | None = optional_foreign_key("seat")
    restricted_view: bool = False

    @property
    def seat_id(self) -> str:
        return global_id("Seat", self.id)


class ChartPublished(Refusal):
    message = "This chart is published, so it cannot be changed. Create a new version."
    meaning = "The chart is PUBLISHED or RETIRED. Tickets refer to its seats."
    remedy = "Offer to create a new version of the chart."


class ChartLimitReached(Refusal):
    message = "A venue can have at most {most} charts with all their versions."
    meaning = "The venue has the maximum number of charts."
    remedy = "Let the user change the draft of a chart, or use one that is published."


class ChartNotPublished(Refusal):
    message = "This chart is not published. Publish it first."
    meaning = "Only a chart that is PUBLISHED can be used for a date."
    remedy = "Offer to publish the chart, or let the user choose another one."


class ChartInUse(Refusal):
    message = "Tickets were sold for seats of this chart. It cannot be replaced on this date."
    meaning = "The date has holds, tickets or blocked seats of its chart."
    remedy = "Show `message`. Cancel and refund the tickets first, or keep the chart."
