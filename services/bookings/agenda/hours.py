"""When resources work, read by one statement whatever their number."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.minutes import between, spans
from core.statements.statement import Statement
from core.statements.units import connection_of
from models.bookings.setting_up.resources import Resource
from models.bookings.setting_up.services import SlotAnchor
from models.vendors import Vendor
from services.bookings.slots.hours import Grid, MinuteWindow
from services.bookings.slots.reading import closed_days, hours_of
from services.bookings.slots.zones import DAY, moment_of

HOURS = Statement(
    text(
        """
    SELECT resource.id, resource.time_zone,
        (SELECT jsonb_agg(jsonb_build_array(from_day, until_day, spans))
         FROM schedule WHERE resource_id = resource.id
            AND from_day <= :until_day AND (until_day IS NULL OR until_day >= :from_day)) AS weeks,
        EXISTS (SELECT FROM schedule WHERE resource_id = resource.id) AS scheduled,
        (SELECT jsonb_object_agg(day, spans) FROM day_override
         WHERE resource_id = resource.id AND day BETWEEN :from_day AND :until_day) AS days,
        (SELECT jsonb_agg(jsonb_build_array(from_day, until_day)) FROM closure
         WHERE vendor_id = :vendor_id
            AND from_day <= :until_day AND until_day >= :from_day) AS closures
    FROM resource WHERE resource.id = ANY(:ids)
    """
    )
)
GRID = Grid(DAY, SlotAnchor.CLOCK)  # starts are not asked for
A_DAY = timedelta(days=1)


class OpenTime(NamedTuple):
    """A time at which a resource works."""

    starts_at: datetime
    ends_at: datetime

    @property
    def minutes(self) -> int:
        return (self.ends_at - self.starts_at) // timedelta(minutes=1)


async def read_hours(
    session: AsyncSession, vendor: Vendor, resources: Sequence[Resource], window: MinuteWindow
) -> Mapping[UUID, Sequence[OpenTime]]:
    """Return when resources work in a window, whatever is booked or blocked."""
    starts_at, ends_at = moment_of(window.first), moment_of(window.end)
    rows = await HOURS.fetch(
        await connection_of(session),
        ids=[one.id for one in resources],
        vendor_id=vendor.id,
        from_day=(starts_at - 2 * A_DAY).date(),
        until_day=(ends_at + 2 * A_DAY).date(),
    )
    kinds = {one.id: one.kind for one in resources}
    whole = MinuteWindow(window.first // DAY * DAY, -(-window.end // DAY) * DAY)
    asked = between(window.first - whole.first, window.end - whole.first)
    closed = closed_days(rows, whole)
    return {
        row["id"]: _open_times(
            hours_of(row, kinds[row["id"]]).sets(whole, GRID, closed)[0], asked, whole
        )
        for row in rows
    }


def _open_times(works: int, asked: int, window: MinuteWindow) -> list[OpenTime]:
    return [
        OpenTime(moment_of(window.first + first), moment_of(window.first + end))
        for first, end in spans(works & asked)
    ]


def moments_of(window: MinuteWindow) -> tuple[datetime, datetime]:
    """Return the start and the end of a window."""
    return moment_of(window.first), moment_of(window.end)
