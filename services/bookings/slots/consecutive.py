"""Visits one after another: a slot of each of several services, in the order that is wanted."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from core.statements.units import UnitOfWork
from models.bookings.setting_up.services import Service
from services.bookings.slots.listing import Slot, WantedSlots, list_slots
from services.bookings.slots.zones import MINUTE

MAX_VISITS = 4
LONGEST_WAIT = timedelta(hours=1)  # between two visits


@dataclass(frozen=True, slots=True)
class Consecutive:
    """A slot of each service. Each can be held by itself."""

    slots: Sequence[Slot]

    @property
    def starts_at(self) -> datetime:
        return self.slots[0].starts_at

    @property
    def ends_at(self) -> datetime:
        return self.slots[-1].ends_at


async def list_consecutive(
    unit: UnitOfWork,
    services: Sequence[Service],
    first: datetime,
    end: datetime,
    wanted: WantedSlots,
) -> list[Consecutive]:
    """List the visits whose first one starts from a time until another.

    Each visit takes the first slot after the one before. Buffers lie between them, so that any
    resource of one can be that of the next.
    """
    found = [
        Consecutive([slot]) for slot in await list_slots(unit, services[0], first, end, wanted)
    ]
    for before, service in pairwise(services):
        if not found:
            return []
        buffers = timedelta(minutes=before.buffer_after + service.buffer_before)
        last_end = max(one.ends_at for one in found) + buffers + LONGEST_WAIT
        slots = await list_slots(unit, service, first, last_end + MINUTE, wanted)
        found = _followed(found, slots, buffers)
    return found


def _followed(
    found: Sequence[Consecutive], slots: Sequence[Slot], buffers: timedelta
) -> list[Consecutive]:
    """Return those that have a next slot within the longest wait."""
    starts, longer = [slot.starts_at for slot in slots], []
    for one in found:
        soonest = one.ends_at + buffers
        place = bisect_left(starts, soonest)
        if place < len(starts) and starts[place] <= soonest + LONGEST_WAIT:
            longer.append(Consecutive([*one.slots, slots[place]]))
    return longer
