"""The nearest time of the same day, for an occurrence of a series that cannot be booked."""

from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from core.statements.units import UnitOfWork
from models.bookings.setting_up.services import Service
from services.bookings.slots.listing import WantedSlots, list_slots


async def find_nearest(
    unit: UnitOfWork, service: Service, local: datetime, zone: str, staff_id: UUID | None
) -> datetime | None:
    """Return the start that is nearest to a wall time on its day, the earlier one of two."""
    midnight = datetime.combine(local.date(), time(), ZoneInfo(zone))
    wanted = WantedSlots(staff_ids=None if staff_id is None else {staff_id}, named=False)
    day = timedelta(days=1)
    slots = await list_slots(unit, service, midnight, midnight + day, wanted)
    asked = local.replace(tzinfo=ZoneInfo(zone))
    starts = sorted(slot.starts_at for slot in slots)
    return min(starts, key=lambda start: abs(start - asked), default=None)
