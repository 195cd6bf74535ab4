"""Whole charts, read for drawings and for the seats of dates."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.events.charts import Chart, ChartRow, ChartSection, PriceCategory, Seat
from services.events.charts.drawing import draw_chart
from services.viewer import Viewer


async def draw_charts(
    session: AsyncSession, viewer: Viewer, chart_ids: Sequence[UUID]
) -> Mapping[UUID, str]:
    """Return charts as SVG. The viewer sees their charts."""
    return {id: await _draw(session, id) for id in chart_ids}


async def _draw(session: AsyncSession, chart_id: UUID) -> str:
    chart = await session.get_one(Chart, chart_id)
    categories = select(PriceCategory).where(PriceCategory.chart_id == chart_id)
    sections = (
        select(ChartSection)
        .where(ChartSection.chart_id == chart_id)
        .order_by(col(ChartSection.position))
    )
    found = (await session.exec(sections)).all()
    rows = (
        select(ChartRow)
        .where(col(ChartRow.section_id).in_([section.id for section in found]))
        .order_by(col(ChartRow.rank))
    )
    of_chart = (await session.exec(rows)).all()
    seats = (
        select(Seat)
        .join(ChartRow, col(ChartRow.id) == col(Seat.row_id))
        .where(col(ChartRow.section_id).in_([section.id for section in found]))
        .order_by(col(ChartRow.rank), col(Seat.pos))
    )
    return draw_chart(
        chart,
        (await session.exec(categories)).all(),
        found,
        of_chart,
        (await session.exec(seats)).all(),
    )
