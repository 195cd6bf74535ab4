"""How much of the time of resources is booked, and how many customers did not come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.statements.statement import Statement
from core.statements.units import connection_of
from models.bookings.setting_up.resources import Resource
from models.pricing.amounts import BPS
from models.vendors import Vendor
from services.bookings.agenda.hours import OpenTime, moments_of, read_hours
from services.bookings.slots.hours import window_of_days

MAX_UTILISATION_DAYS = 31
# Visits and meetings count with the part of their time that is in the range, without buffers.
FIGURES = Statement(
    text(
        """
    SELECT used.resource_id,
        coalesce(sum(date_part('epoch', least(booking.ends_at, :ends_at)
            - greatest(booking.starts_at, :starts_at)) / 60) FILTER (
                WHERE booking.meeting_id IS NULL
                    AND booking.state IN ('CONFIRMED', 'COMPLETED', 'NO_SHOW')), 0)::bigint
            AS minutes,
        count(*) FILTER (WHERE booking.state IN ('CONFIRMED', 'COMPLETED')) AS visits,
        count(*) FILTER (WHERE booking.state = 'NO_SHOW') AS no_shows,
        count(*) FILTER (WHERE booking.state = 'CANCELLED' AND booking.confirmed_at IS NOT NULL)
            AS cancellations,
        (SELECT coalesce(sum(date_part('epoch', least(ends_at, :ends_at)
            - greatest(starts_at, :starts_at)) / 60), 0)::bigint FROM class_meeting
         WHERE vendor_id = :vendor_id AND state <> 'CANCELLED'
            AND used.resource_id IN (staff_id, room_id)
            AND starts_at < :ends_at AND ends_at > :starts_at) AS in_classes
    FROM unnest(CAST(:ids AS uuid[])) AS used (resource_id)
    LEFT JOIN (booking_resource AS taken JOIN booking ON booking.id = taken.booking_id
            AND booking.vendor_id = :vendor_id AND booking.starts_at < :ends_at
            AND booking.ends_at > :starts_at
            AND booking.starts_at > CAST(:starts_at AS timestamptz) - interval '24 hours')
        ON taken.resource_id = used.resource_id
    GROUP BY used.resource_id
    """
    )
)


@dataclass(frozen=True, kw_only=True)
class UtilisationOf:
    """The figures of a resource. Each of its lanes adds to the open minutes."""

    resource: Resource
    open_minutes: int
    booked_minutes: int
    visits: int
    no_shows: int
    cancellations: int

    @property
    def booked_bps(self) -> int | None:
        """Return the part of the open time that is booked. None if it was never open."""
        if self.open_minutes == 0:
            return None
        return self.booked_minutes * BPS // self.open_minutes


async def read_utilisation(
    session: AsyncSession,
    vendor: Vendor,
    resources: Sequence[Resource],
    from_day: date,
    until_day: date,
) -> list[UtilisationOf]:
    """Return the figures of resources from a local day of their vendor until another, included."""
    window = window_of_days(vendor.time_zone, from_day, until_day)
    hours = await read_hours(session, vendor, resources, window)
    starts_at, ends_at = moments_of(window)
    found = await _read_figures(session, vendor, resources, starts_at, ends_at)
    return [_utilisation(one, hours[one.id], found[one.id]) for one in resources]


async def _read_figures(
    session: AsyncSession,
    vendor: Vendor,
    resources: Sequence[Resource],
    starts_at: datetime,
    ends_at: datetime,
) -> Mapping[UUID, Any]:
    rows = await FIGURES.fetch(
        await connection_of(session),
        ids=[one.id for one in resources],
        vendor_id=vendor.id,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    return {row["resource_id"]: row for row in rows}


def _utilisation(resource: Resource, hours: Sequence[OpenTime], row: Any) -> UtilisationOf:
    return UtilisationOf(
        resource=resource,
        open_minutes=sum(one.minutes for one in hours) * resource.lanes,
        booked_minutes=row["minutes"] + row["in_classes"],
        visits=row["visits"],
        no_shows=row["no_shows"],
        cancellations=row["cancellations"],
    )
