"""Times at which services can be booked."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, cast
from uuid import UUID

import strawberry

from core.clock import now
from core.errors import BadInput
from dataloaders.bookings.services import managed_service, visible_service
from dataloaders.vendors import vendor_by_id
from engine.context import Info
from engine.ids import ids_of, optional_id_of, optional_ids_of
from engine.scalars import TimeZone
from engine.types import field
from models.bookings.setting_up.services import MAX_HORIZON, StaffChoice
from schema.bookings.setting_up.services import ServiceId
from schema.bookings.slots import Availability, ConsecutiveSlots, SlotExplanation, SlotList
from services.bookings.slots.consecutive import MAX_VISITS, list_consecutive
from services.bookings.slots.explaining import explain_slot
from services.bookings.slots.listing import (
    MAX_AVAILABLE_DAYS,
    MAX_PETS,
    MAX_SLOT_DAYS,
    MAX_STAFF,
    WantedSlots,
    count_slots,
    list_slots,
)
from services.journal.topics import agenda_topic

ServiceIds = Annotated[
    list[UUID], ids_of("Service", f"Two to {MAX_VISITS} services, in the order of the visits.")
]
StaffIds = Annotated[
    list[UUID] | None,
    optional_ids_of("Resource", f"Returns slots of this staff, at most {MAX_STAFF}."),
]
StaffId = Annotated[UUID | None, optional_id_of("Resource", "The staff that is wanted.")]
FromDay = Annotated[date, strawberry.argument(description="The first day.")]
UntilDay = Annotated[
    date,
    strawberry.argument(description=f"The last day. At most {MAX_AVAILABLE_DAYS} days in all."),
]
Zone = Annotated[
    TimeZone | None,
    strawberry.argument(description="The time zone of the days. Defaults to the vendor's."),
]
StartsFrom = Annotated[
    datetime, strawberry.argument(description="Returns slots that start at this time or later.")
]
StartsUntil = Annotated[
    datetime,
    strawberry.argument(
        description="Returns slots that start before this time, at most"
        f" {MAX_SLOT_DAYS} days later."
    ),
]
Pets = Annotated[
    int,
    strawberry.argument(
        description=f"The visits in a row, one for each pet, at most {MAX_PETS}, or the seats of a"
        " class."
    ),
]
StartsAt = Annotated[datetime, strawberry.argument(description="The start.")]
PAST_DAYS, COMING_DAYS = 7, MAX_HORIZON + MAX_AVAILABLE_DAYS
A_DAY = timedelta(days=1)


@strawberry.type
class SlotQuery:
    @field(
        "Counts the slots of a service by day. Null if it doesn't exist or the viewer can't see"
        " it.",
        cost=20,
        public=True,
        volatile=True,
    )
    async def availability(
        self,
        info: Info,
        service_id: ServiceId,
        from_day: FromDay,
        until_day: UntilDay,
        staff_ids: StaffIds = None,
        time_zone: Zone = None,
        pets: Pets = 1,
    ) -> Availability | None:
        _ensure_days(from_day, until_day)
        service = await info.context.loaders[visible_service].load(service_id)
        if service is None:
            return None
        wanted = await _wanted(info, service, staff_ids, pets)
        cursor = await _cursor(info, service.vendor_id)  # before the state
        vendor: Any = await info.context.loaders[vendor_by_id].load(service.vendor_id)
        zone = time_zone or vendor.time_zone
        async with info.context.read_session() as session:
            days: Any = await count_slots(session, service, from_day, until_day, zone, wanted)
        return Availability(cursor=cursor, time_zone=zone, days=days)

    @field(
        "Lists the slots of a service. Null if it doesn't exist or the viewer can't see it.",
        cost=20,
        public=True,
        volatile=True,
    )
    async def slots(
        self,
        info: Info,
        service_id: ServiceId,
        starts_from: StartsFrom,
        starts_before: StartsUntil,
        staff_ids: StaffIds = None,
        pets: Pets = 1,
    ) -> SlotList | None:
        _ensure_times(starts_from, starts_before)
        service = await info.context.loaders[visible_service].load(service_id)
        if service is None:
            return None
        wanted = await _wanted(info, service, staff_ids, pets)
        cursor = await _cursor(info, service.vendor_id)  # before the state
        async with info.context.read_session() as session:
            found: Any = await list_slots(session, service, starts_from, starts_before, wanted)
        return SlotList(cursor=cursor, slots=found)

    @field(
        "Lists visits of several services one after another, at most an hour apart. Each takes the"
        " first slot after the one before. Empty if the viewer can't see one of the services.",
        cost=40,
        public=True,
        volatile=True,
    )
    async def consecutive_slots(
        self,
        info: Info,
        service_ids: ServiceIds,
        starts_from: StartsFrom,
        starts_before: StartsUntil,
    ) -> list[ConsecutiveSlots]:
        _ensure_times(starts_from, starts_before)
        if not 2 <= len(set(service_ids)) == len(service_ids) <= MAX_VISITS:
            raise BadInput("Choose two to {most} different services.", most=MAX_VISITS)
        services = await info.context.loaders[visible_service].load_many(service_ids)
        wanted = [await _wanted(info, one, None, 1) for one in services if one is not None]
        if len(wanted) < len(services):
            return []
        named = WantedSlots(named=all(one.named for one in wanted))
        async with info.context.read_session() as session:
            found = await list_consecutive(
                session, cast("Any", services), starts_from, starts_before, named
            )
        return cast("list[ConsecutiveSlots]", found)

    @field(
        "Explains why a start of a service can be booked, with this staff or with anybody, or not."
        " Null unless the viewer sees the agenda of the vendor.",
        cost=20,
    )
    async def explain_slot(
        self, info: Info, service_id: ServiceId, starts_at: StartsAt, staff_id: StaffId = None
    ) -> SlotExplanation | None:
        info.context.viewer.require_user()
        _ensure_times(starts_at, starts_at)
        service = await info.context.loaders[managed_service].load(service_id)
        if service is None:
            return None
        async with info.context.read_session() as session:
            found = await explain_slot(session, service, starts_at, staff_id=staff_id)
        return cast("SlotExplanation", found)


async def _wanted(
    info: Info, service: Any, staff_ids: Sequence[UUID] | None, pets: int
) -> WantedSlots:
    """Return what is wanted. Customers can neither choose nor learn the staff that are hidden."""
    if not 1 <= pets <= MAX_PETS:
        raise BadInput("Enter a number of pets from 1 to {most}.", most=MAX_PETS)
    if staff_ids is not None and len(staff_ids) > MAX_STAFF:
        raise BadInput("Choose at most {most} members of staff.", most=MAX_STAFF)
    named = service.staff_choice is not StaffChoice.HIDDEN
    if not named:
        named = await info.context.loaders[managed_service].load(service.id) is not None
    if staff_ids is not None and not named:
        raise BadInput("The staff of this service cannot be chosen.")
    chosen = None if staff_ids is None else frozenset(staff_ids)
    return WantedSlots(staff_ids=chosen, visits=pets, named=named)


async def _cursor(info: Info, vendor_id: UUID) -> str | None:
    """Return the cursor of a signed-in caller. The answers of others are kept for all of them."""
    if info.context.viewer.kind.user_id is None:
        return None
    return await info.context.cursor(agenda_topic(vendor_id))


def _ensure_days(from_day: date, until_day: date) -> None:
    if until_day < from_day:
        raise BadInput("The last day is before the first one.")
    today = now().date()
    near = today - PAST_DAYS * A_DAY <= from_day and until_day <= today + COMING_DAYS * A_DAY
    if not near or (until_day - from_day).days >= MAX_AVAILABLE_DAYS:
        raise BadInput("Choose at most {most} days, of the coming year.", most=MAX_AVAILABLE_DAYS)


def _ensure_times(starts_from: datetime, starts_before: datetime) -> None:
    moment, length = now(), starts_before - starts_from
    if length < timedelta():
        raise BadInput("The end must be after the start.")
    near = moment - PAST_DAYS * A_DAY <= starts_from <= moment + COMING_DAYS * A_DAY
    if not near or length > MAX_SLOT_DAYS * A_DAY:
        raise BadInput("Choose at most {most} days, of the coming year.", most=MAX_SLOT_DAYS)
