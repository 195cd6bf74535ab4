"""Whole charts, read for drawings and for the seats of dates."""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Uuid, bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.statements.selected import columns_of
from core.statements.statement import Statement
from core.statements.units import connection_of
from models.events.seats.charts import Chart, ChartRow, ChartSection, PriceCategory, Seat
from services.events.charts.drawing import draw_chart
from services.viewer import Viewer

# As records: objects of a hundred thousand seats would take seconds to make.
SEATS = Statement(
    select(*columns_of(Seat))
    .join(ChartRow, col(ChartRow.id) == col(Seat.row_id))
    .join(ChartSection, col(ChartSection.id) == col(ChartRow.section_id))
    .where(col(ChartSection.chart_id) == bindparam("chart_id", type_=Uuid()))
    .order_by(col(ChartRow.rank), col(Seat.pos)),
    Seat,
)


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
    seats = await SEATS.fetch(await connection_of(session), chart_id=chart_id)
    of_categories = (await session.exec(categories)).all()
    return await asyncio.to_thread(draw_chart, chart, of_categories, found, of_chart, seats)
