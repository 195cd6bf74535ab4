"""Adds the hall of the theatre: its chart, and which of its seats are sold next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from demo.dataset import Dataset
from demo.rng import SeededRandom
from models.events.seats.chart_drafts import ChartDraft
from models.events.seats.charts import Chart, ChartState, Seat
from models.events.venues import Venue
from services.events.charts.layout import Layout, PlacedSeat, lay_out

FRONT, STALLS, BALCONY = "Front", "Stalls", "Balcony"
CATEGORIES = ((FRONT, "#993333"), (STALLS, "#336699"), (BALCONY, "#339966"))
FLOOR = (  # rows from the stage on, with an aisle in the middle
    ("A", FRONT, "1-5 _ 6-10"),
    ("B", FRONT, "1-5 _ 6-10"),
    ("C", STALLS, "1-6 _ 7-12"),
    ("D", STALLS, "1-6 _ 7-12"),
    ("E", STALLS, "1-6 _ 7-12"),
    ("F", STALLS, "1:a 2:c1 3-6 _ 7-10 11:c12 12:a"),
)
UPSTAIRS = (  # behind pillars at both ends
    ("A", BALCONY, "1:r 2-9 10:r"),
    ("B", BALCONY, "1:r 2:r 3-8 9:r 10:r"),
)


@dataclass(frozen=True)
class DemoHall:
    """A published chart with all of its rows."""

    chart: Chart
    layout: Layout

    def categories(self, name: str) -> list[UUID]:
        return [one.id for one in self.layout.categories if one.name == name]

    def blocks(self, category: str) -> list[list[PlacedSeat]]:
        """Return the seats of a category in their rows, the best row first.

        Those for wheelchairs and for companions are left: they are sold to those who need them.
        """
        kept = {one.id for one in self.layout.seats if one.accessible or one.companion_of_id}
        ids = self.categories(category)
        rows = [row for row in self.layout.rows if row.category_id in ids]
        return [
            [one for one in self.layout.seats if one.row_id == row.id and one.id not in kept]
            for row in sorted(rows, key=lambda row: row.rank)
        ]


def add_hall(rng: SeededRandom, dataset: Dataset, venue: Venue) -> DemoHall:
    draft = ChartDraft.model_validate(
        {
            "name": "Theatre",
            "focal_x": 5.5,
            "focal_y": -2,
            "categories": [{"name": name, "colour": colour} for name, colour in CATEGORIES],
            "sections": [
                {"name": "Floor", "entrance": "Main door", "rows": _rows(FLOOR)},
                {"name": "Upstairs", "entrance": "Staircase", "y": 9, "rows": _rows(UPSTAIRS)},
            ],
        }
    )
    chart = Chart(
        id=rng.uuid7_at(venue.created_at),
        created_at=venue.created_at,
        vendor_id=venue.vendor_id,
        venue_id=venue.id,
        name=draft.name,
        focal_x=draft.focal_x,
        focal_y=draft.focal_y,
        seats=draft.seats,
        standing=draft.standing,
        state=ChartState.PUBLISHED,
        published_at=venue.created_at + timedelta(hours=1),
    )
    layout = lay_out(chart, draft)
    dataset.event_rows += [
        chart, *layout.categories, *layout.sections, *layout.rows,
        *(Seat(**vars(seat)) for seat in layout.seats),
    ]  # fmt: skip
    return DemoHall(chart, layout)


def _rows(rows: Sequence[tuple[str, str, str]]) -> list[dict[str, str]]:
    return [
        {"label": label, "category": category, "seats": seats} for label, category, seats in rows
    ]
