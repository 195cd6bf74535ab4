"""Which staff does a visit, if the customer does not choose."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from uuid import UUID

from sqlalchemy import DateTime, bindparam
from sqlmodel import col, func, select

from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.bookings.bookings import OCCUPYING, Booking, BookingState
from models.bookings.setting_up.resources import Resource

WINDOW, MINUTE = timedelta(days=28), timedelta(minutes=1)
NEVER = datetime.min.replace(tzinfo=UTC)
KEPT = (*OCCUPYING, BookingState.COMPLETED)
LOADS = Statement(
    select(
        col(Booking.staff_id),
        func.count().label("kept"),
        func.max(col(Booking.created_at)).label("latest_at"),
    )
    .where(
        any_of(col(Booking.staff_id)),
        col(Booking.starts_at) >= bindparam("since", type_=DateTime(timezone=True)),
        col(Booking.created_at) >= bindparam("since", type_=DateTime(timezone=True)),
        col(Booking.state).in_(KEPT),
    )
    .group_by(col(Booking.staff_id))
)


@dataclass(frozen=True)
class Load:
    """The work of a member of staff lately. `kept` are bookings of the last 28 days."""

    staff_id: UUID
    weight: int
    position: int
    joined_at: datetime
    kept: Fraction = Fraction(0)
    latest_at: datetime = NEVER


def rank_staff(
    pool: Sequence[Load], free: Collection[UUID], booking_id: UUID, moment: datetime
) -> list[UUID]:
    """Return those of a pool that are free, who is furthest behind their share of it first.

    The share is by weight; those with a weight of 0 come last. Of equal
    ones, it is the lower position, then who was booked least recently, then a hash of the booking.
    """
    loads = _with_mean(pool, moment)
    weights = sum(one.weight for one in loads) or 1
    kept = sum((one.kept for one in loads), Fraction(0))

    def key(one: Load) -> tuple[bool, Fraction, int, datetime, bytes]:
        deficit = kept * one.weight / weights - one.kept
        drawn = hashlib.sha256(booking_id.bytes + one.staff_id.bytes).digest()
        return one.weight == 0, -deficit, one.position, one.latest_at, drawn

    return [one.staff_id for one in sorted(loads, key=key) if one.staff_id in free]


def _with_mean(pool: Sequence[Load], moment: datetime) -> Sequence[Load]:
    """Let staff who joined within the window begin with what others had on average until then.

    Otherwise they would get every booking for weeks.
    """
    since = moment - WINDOW
    old = [one for one in pool if one.joined_at <= since]
    weights = sum(one.weight for one in old)
    if not weights:
        return pool
    mean = sum((one.kept for one in old), Fraction(0)) / weights

    def credited(one: Load) -> Load:
        missed = Fraction((one.joined_at - since) // MINUTE, WINDOW // MINUTE)
        return replace(one, kept=one.kept + mean * one.weight * min(missed, Fraction(1)))

    return [one if one.joined_at <= since else credited(one) for one in pool]


async def order_staff(
    unit: UnitOfWork,
    staff: Collection[Resource],
    free: Collection[UUID],
    booking_id: UUID,
    moment: datetime,
) -> list[UUID]:
    """Return the staff who are free in the order in which the booking goes to them.

    Called with the staff locked, so that the next booking counts this one.
    """
    if len(free) < 2:
        return list(free)
    rows = await LOADS.fetch(
        await connection_of(unit), since=moment - WINDOW, **{KEYS: [one.id for one in staff]}
    )
    found: Mapping[UUID, tuple[int, datetime]] = {
        row["staff_id"]: (row["kept"], row["latest_at"]) for row in rows
    }
    pool = []
    for one in staff:
        kept, latest_at = found.get(one.id, (0, NEVER))
        load = Load(one.id, one.weight, one.position, one.created_at, Fraction(kept), latest_at)
        pool.append(load)
    return rank_staff(pool, free, booking_id, moment)
