"""Charts drawn as SVG."""

from collections.abc import Mapping, Sequence
from uuid import UUID
from xml.sax.saxutils import escape, quoteattr

from core.ids import global_id
from models.events.seats.charts import (
    Chart,
    ChartRow,
    ChartSection,
    PriceCategory,
    Seat,
    SectionKind,
)

UNIT = 24  # pixels between two seats
RADIUS = 9
MARGIN = 2 * UNIT


def draw_chart(
    chart: Chart,
    categories: Sequence[PriceCategory],
    sections: Sequence[ChartSection],
    rows: Sequence[ChartRow],
    seats: Sequence[Seat],
) -> str:
    """Return a chart as SVG. Each seat is an element with its global id, so that pages mark it."""
    colours = {category.id: category.colour for category in categories}
    names = {section.id: section.name for section in sections}
    by_id = {row.id: row for row in rows}
    standing = [section for section in sections if section.kind is SectionKind.STANDING]
    points = [(seat.x, seat.y) for seat in seats] + [(one.x, one.y) for one in standing]
    points.append((chart.focal_x, chart.focal_y))
    left, top = min(x for x, _ in points), min(y for _, y in points)
    width, height = max(x for x, _ in points) - left, max(y for _, y in points) - top
    size = f"{width * UNIT + 2 * MARGIN:g} {height * UNIT + 2 * MARGIN:g}"
    origin = f"{left * UNIT - MARGIN:g} {top * UNIT - MARGIN:g}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{origin} {size}" role="img">',
        f"<title>{escape(chart.name)}</title>",
        (
            f'<path class="focal" d="M{chart.focal_x * UNIT - UNIT:g} {chart.focal_y * UNIT:g}'
            f'h{2 * UNIT}" stroke="#000" stroke-width="3"/>'
        ),
    ]
    parts += [_standing(section, colours) for section in standing]
    parts += [_seat(seat, by_id[seat.row_id], names, colours) for seat in seats]
    return "".join([*parts, "</svg>"])


def _standing(section: ChartSection, colours: Mapping[UUID, str]) -> str:
    colour = colours.get(section.category_id or UUID(int=0), "#cccccc")
    x, y = section.x * UNIT, section.y * UNIT
    return (
        f'<g class="standing"><circle cx="{x:g}" cy="{y:g}" r="{2 * UNIT}" fill="{colour}"'
        f' fill-opacity=".3"/><text x="{x:g}" y="{y:g}" text-anchor="middle">'
        f"{escape(section.name)}</text></g>"
    )


def _seat(seat: Seat, row: ChartRow, names: Mapping[UUID, str], colours: Mapping[UUID, str]) -> str:
    kinds = ["seat"]
    if seat.accessible:
        kinds.append("accessible")
    if seat.restricted_view:
        kinds.append("restricted")
    corner = 2 if seat.accessible else RADIUS  # accessible places are square
    opacity = ".5" if seat.restricted_view else "1"
    label = quoteattr(f"{names[row.section_id]} {row.label} {seat.number}")
    return (
        f'<rect class="{" ".join(kinds)}" id="{global_id("Seat", seat.id)}"'
        f' x="{seat.x * UNIT - RADIUS:g}" y="{seat.y * UNIT - RADIUS:g}" width="{2 * RADIUS}"'
        f' height="{2 * RADIUS}" rx="{corner}" fill="{colours[row.category_id]}"'
        f' fill-opacity="{opacity}" aria-label={label}/>'
    )
