"""The starts that are free, as those who wait for one want them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.wall import wall
from models.bookings.bookings import OCCUPYING, Booking
from models.bookings.setting_up.services import MAX_HORIZON, Service
from models.bookings.waits import BookingWait, FreedSpan
from services.bookings.slots.listing import WantedSlots, find_starts

A_DAY = timedelta(days=1)


class FreeStart(NamedTuple):
    """A start that is free, and what clocks at the place show then."""

    moment: datetime
    local: datetime
    zone: ZoneInfo


class WaitedSpan(NamedTuple):
    """The times at which a start is looked for."""

    first: datetime
    end: datetime

    @classmethod
    def of(cls, waits: Collection[BookingWait], moment: datetime) -> Self:
        """Return the span of the days that are waited for in any zone, from a moment on."""
        first = min(wait.from_day for wait in waits) - A_DAY
        last = max(wait.until_day for wait in waits) + 2 * A_DAY
        return cls(
            max(moment, datetime.combine(first, time(), UTC)),
            min(moment + (MAX_HORIZON + 2) * A_DAY, datetime.combine(last, time(), UTC)),
        )

    def around(self, freed: FreedSpan | None) -> "WaitedSpan":
        """Return the part in which a freed time can have opened a start.

        A visit with its buffers is shorter than a day, and a limit of a day reaches no further.
        """
        if freed is None:
            return self
        first, end = freed.starts_at - A_DAY, freed.ends_at + A_DAY
        return WaitedSpan(max(self.first, first), min(self.end, end))


@dataclass(frozen=True)
class FreeStarts:
    """The free starts of services in a span, read once for each service and its chosen staff."""

    session: AsyncSession
    span: WaitedSpan
    read: dict[tuple[UUID, UUID | None], Sequence[FreeStart]] = field(default_factory=dict)

    async def wanted(self, service: Service, wait: BookingWait) -> Iterator[FreeStart]:
        """Return the starts that a user waits for, the earliest first."""
        key = service.id, wait.staff_id
        if key not in self.read:
            self.read[key] = await self._read(service, wait.staff_id)
        return (start for start in self.read[key] if wait.wants(start.local))

    async def _read(self, service: Service, staff_id: UUID | None) -> Sequence[FreeStart]:
        if self.span.first >= self.span.end:
            return []
        chosen = WantedSlots(staff_ids=None if staff_id is None else {staff_id})
        zone, starts = await find_starts(
            self.session, service, self.span.first, self.span.end, chosen
        )
        return [FreeStart(one, wall(one, zone), ZoneInfo(zone)) for one in starts]


async def find_known_starts(session: AsyncSession, wait: BookingWait) -> set[datetime]:
    """Return the starts that a wait never gets: those it got before, and those of own bookings."""
    return (await find_known_starts_of(session, [wait]))[wait.id]


async def find_known_starts_of(
    session: AsyncSession, waits: Iterable[BookingWait]
) -> Mapping[UUID, set[datetime]]:
    """Return the starts that each wait never gets."""
    found: dict[UUID, set[datetime]] = defaultdict(set)
    ids = {(wait.user_id, wait.service_id): wait.id for wait in waits}
    rows = select(Booking.user_id, Booking.service_id, Booking.wait_id, Booking.starts_at).where(
        or_(
            col(Booking.wait_id).in_(ids.values()),
            and_(
                col(Booking.user_id).in_({user_id for user_id, _ in ids}),
                col(Booking.service_id).in_({service_id for _, service_id in ids}),
                col(Booking.state).in_(OCCUPYING),
            ),
        )
    )
    for user_id, service_id, wait_id, starts_at in await session.exec(rows):
        own = None if user_id is None else ids.get((user_id, service_id))
        for id in {one for one in (wait_id, own) if one is not None}:
            found[id].add(starts_at)
    return found
