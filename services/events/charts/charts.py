"""Charts of venues: drafts are imported whole, and a published one is replaced by a new version."""

import asyncio
from uuid import UUID

from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from core.keyset import Listing, newest_first
from core.statements.inserts import insert_rows, insert_values
from core.statements.units import connection_of
from models.errors import NotFound
from models.events.seats.chart_drafts import ChartDraft
from models.events.seats.charts import (
    MAX_CHARTS,
    Chart,
    ChartLimitReached,
    ChartRow,
    ChartSection,
    ChartState,
    PriceCategory,
    Seat,
)
from services import idempotency
from services.events.access import access_managed_venue, visible_charts
from services.events.charts.layout import lay_out
from services.viewer import Viewer


def list_charts(viewer: Viewer, venue_id: UUID) -> Listing[Chart]:
    """List the charts of a venue that the viewer sees, the newest first."""
    return Listing(visible_charts(viewer).where(Chart.venue_id == venue_id), newest_first(Chart))


async def save_chart(
    session: AsyncSession,
    viewer: Viewer,
    *,
    venue_id: UUID,
    draft: ChartDraft,
    idempotency_key: str,
) -> Chart:
    """Save a chart as the draft of its name at the venue: in place of the last draft, if any.

    After a published version, the draft is the next version. The venue is locked, so that there is
    one draft of a name. Raises `ChartLimitReached`.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "saveChart",
        idempotency_key,
        venue_id=venue_id,
        draft=draft.model_dump(),
    )
    venue = await access_managed_venue(session, viewer, venue_id)
    if claimed.replayed:
        return await session.get_one(Chart, claimed.replayed)
    venue.ensure_usable()
    chart = await _find_draft(session, venue_id, draft.name)
    if chart is None:
        chart = Chart(
            vendor_id=venue.vendor_id,
            venue_id=venue.id,
            name=draft.name,
            version=await _next_version(session, venue_id, draft.name),
        )
        session.add(chart)
    else:
        await _clear(session, chart)
    chart.focal_x, chart.focal_y = draft.focal_x, draft.focal_y
    chart.seats, chart.standing = draft.seats, draft.standing
    await session.flush()
    layout = await asyncio.to_thread(lay_out, chart, draft)
    connection = await connection_of(session)
    for rows in (layout.categories, layout.sections, layout.rows):
        await insert_rows(connection, rows)
    await insert_values(connection, Seat, [vars(seat) for seat in layout.seats])
    await idempotency.record_result(session, claimed, chart.id)
    return chart


async def _find_draft(session: AsyncSession, venue_id: UUID, name: str) -> Chart | None:
    rows = select(Chart).where(
        Chart.venue_id == venue_id, Chart.name == name, Chart.state == ChartState.DRAFT
    )
    return (await session.exec(for_change(rows))).first()


async def _next_version(session: AsyncSession, venue_id: UUID, name: str) -> int:
    """Return the number of the next version. Raises `ChartLimitReached`."""
    counted = select(func.count()).where(Chart.venue_id == venue_id)
    if (await session.exec(counted)).one() >= MAX_CHARTS:
        raise ChartLimitReached(most=MAX_CHARTS)
    last = select(func.max(Chart.version)).where(Chart.venue_id == venue_id, Chart.name == name)
    return ((await session.exec(last)).one() or 0) + 1


async def _clear(session: AsyncSession, chart: Chart) -> None:
    """Delete what a draft consists of. No date has it yet."""
    sections = select(ChartSection.id).where(ChartSection.chart_id == chart.id)
    rows = select(ChartRow.id).where(col(ChartRow.section_id).in_(sections))
    await session.exec(delete(Seat).where(col(Seat.row_id).in_(rows)))
    await session.exec(delete(ChartRow).where(col(ChartRow.section_id).in_(sections)))
    await session.exec(delete(ChartSection).where(col(ChartSection.chart_id) == chart.id))
    await session.exec(delete(PriceCategory).where(col(PriceCategory.chart_id) == chart.id))


async def publish_chart(session: AsyncSession, viewer: Viewer, *, chart_id: UUID) -> Chart:
    """Publish a draft, which never changes from then on. The version before it is retired.

    A second call changes nothing. Dates keep the version that they have.
    """
    viewer.require_user()
    venue_id = (await session.exec(select(Chart.venue_id).where(Chart.id == chart_id))).first()
    if venue_id is None:
        raise NotFound
    venue = await access_managed_venue(session, viewer, venue_id)
    rows = select(Chart).where(Chart.id == chart_id)
    chart = (await session.exec(for_change(rows))).one()
    if chart.state is ChartState.PUBLISHED:
        return chart
    venue.ensure_usable()
    chart.ensure_draft()
    former = select(Chart).where(
        Chart.venue_id == venue_id, Chart.name == chart.name, Chart.state == ChartState.PUBLISHED
    )
    for version in (await session.exec(for_change(former))).all():
        version.state = ChartState.RETIRED
    chart.state, chart.published_at = ChartState.PUBLISHED, now()
    return chart
