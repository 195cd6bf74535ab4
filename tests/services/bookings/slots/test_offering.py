"""Starts that a hold can take, with what is free, and the rules that close others."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from core.clock import now
from models.bookings.bookings import BookingState
from models.bookings.claims import SlotTaken
from models.bookings.classes import MeetingFull
from models.bookings.setting_up.resources import ResourceKind, ResourceState
from models.bookings.setting_up.services import Service
from models.bookings.slots import SlotNotOffered, SlotReason
from services.bookings.slots.listing import WantedSlots, list_slots
from services.bookings.slots.offering import SlotOffer, offered
from tests.factories.bookings import OPENS
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic


@pytest.fixture
async def clinic(world: World) -> Clinic:
    return await Clinic.open(world)


async def ask(clinic: Clinic, service: Service, start: datetime, **options: Any) -> SlotOffer:
    async with clinic.world.database.session() as session:
        return await offered(session, service, start, **options)


async def reason(clinic: Clinic, start: datetime, **options: Any) -> SlotReason:
    with pytest.raises(SlotNotOffered) as refusal:
        await ask(clinic, clinic.visit, start, **options)
    return refusal.value.reason


async def change(clinic: Clinic, service: Service, **values: Any) -> None:
    for name, value in values.items():
        setattr(service, name, value)
    await clinic.world.save(service)


def staff_of(offer: SlotOffer) -> Sequence[UUID]:
    return [one.resource_id for one in offer.staff]


async def test_offered_returns_free_staff_and_rooms_with_their_lanes(clinic: Clinic) -> None:
    await clinic.booking()
    offer = await ask(clinic, clinic.visit, clinic.at(10))
    assert [tuple(one) for one in offer.staff] == [(clinic.ravi.id, 30, 500_00, 0)]
    assert (offer.staff_count, offer.ends_at) == (1, clinic.at(10, 30))
    assert [tuple(one) for one in offer.needs[ResourceKind.ROOM].free] == [(clinic.room.id, 1)]


async def test_a_start_without_free_staff_or_room_is_taken(clinic: Clinic) -> None:
    await clinic.booking()
    with pytest.raises(SlotTaken):
        await ask(clinic, clinic.visit, clinic.at(10), staff_id=clinic.asha.id)
    await clinic.booking(staff=clinic.ravi, lane=1)
    with pytest.raises(SlotTaken):
        await ask(clinic, clinic.visit, clinic.at(10))
    assert len((await ask(clinic, clinic.visit, clinic.at(10, 30))).staff) == 2


async def test_expired_holds_and_the_booking_that_moves_take_nothing(clinic: Clinic) -> None:
    own = await clinic.booking()
    past = now() - timedelta(seconds=1)
    await clinic.booking(staff=clinic.ravi, lane=1, state=BookingState.HELD, expires_at=past)
    offer = await ask(clinic, clinic.visit, clinic.at(10))
    assert staff_of(offer) == [clinic.ravi.id]
    offer = await ask(clinic, clinic.visit, clinic.at(10), without_booking=own.id)
    assert staff_of(offer) == [clinic.asha.id, clinic.ravi.id]


async def test_the_first_rule_that_closes_a_start_is_the_reason(clinic: Clinic) -> None:
    assert await reason(clinic, clinic.at(10, 10)) is SlotReason.OFF_GRID
    assert await reason(clinic, clinic.at(10) + timedelta(seconds=1)) is SlotReason.OFF_GRID
    assert await reason(clinic, clinic.at(8, 30)) is SlotReason.CLOSED
    assert await reason(clinic, clinic.at(17, 45)) is SlotReason.CLOSED
    assert await reason(clinic, clinic.at(10, ahead=2) - timedelta(days=30)) is SlotReason.NOTICE
    assert await reason(clinic, clinic.at(10, ahead=100)) is SlotReason.HORIZON
    assert await reason(clinic, clinic.at(10), staff_id=clinic.room.id) is SlotReason.STAFF
    await change(clinic, clinic.visit, per_day=1)
    own = await clinic.booking()
    assert await reason(clinic, clinic.at(12)) is SlotReason.LIMIT
    await ask(clinic, clinic.visit, clinic.at(12), without_booking=own.id)
    await ask(clinic, clinic.visit, clinic.at(12, ahead=3))


async def test_overrides_closures_and_retirement_close_starts(clinic: Clinic) -> None:
    day = clinic.day()
    await clinic.world.day_override(clinic.asha, day, (OPENS, OPENS + 60))
    assert staff_of(await ask(clinic, clinic.visit, clinic.at(10))) == [clinic.ravi.id]
    await clinic.world.day_override(clinic.ravi, day)
    assert await reason(clinic, clinic.at(10)) is SlotReason.CLOSED
    await clinic.world.closure(clinic.vendor, day)
    assert await reason(clinic, clinic.at(9)) is SlotReason.CLOSED
    clinic.room.state = ResourceState.RETIRED
    await clinic.world.save(clinic.room)
    assert await reason(clinic, clinic.at(10, ahead=3)) is SlotReason.STAFF


async def test_the_desk_books_outside_hours_but_never_over_a_claim(clinic: Clinic) -> None:
    late = clinic.at(21, 7)
    offer = await ask(clinic, clinic.visit, late, allow_outside_hours=True)
    assert staff_of(offer) == [clinic.asha.id, clinic.ravi.id]
    await clinic.booking(starts_at=late)
    with pytest.raises(SlotTaken):
        await ask(clinic, clinic.visit, late, allow_outside_hours=True, staff_id=clinic.asha.id)


async def test_pets_come_one_after_another_with_buffers_at_both_ends(clinic: Clinic) -> None:
    await change(clinic, clinic.visit, buffer_before=10, buffer_after=20)
    await clinic.booking(starts_at=clinic.at(12))  # kept from 11:50 until 12:50
    offer = await ask(clinic, clinic.visit, clinic.at(10), pets=3, staff_id=clinic.asha.id)
    assert (offer.staff[0].duration, offer.ends_at) == (90, clinic.at(11, 30))
    with pytest.raises(SlotTaken):
        await ask(clinic, clinic.visit, clinic.at(10, 30), pets=3, staff_id=clinic.asha.id)


async def test_staff_have_durations_and_prices_of_their_own(world: World) -> None:
    clinic = await Clinic.open(world)
    slow = await world.working(clinic.vendor, name="Slow")
    await world.service_resource(clinic.visit, slow, duration=60, price=900_00)
    await clinic.booking(starts_at=clinic.at(10, 30), staff=clinic.ravi)
    await clinic.booking(starts_at=clinic.at(10, 30), staff=clinic.asha, lane=1)
    offer = await ask(clinic, clinic.visit, clinic.at(10))
    assert slow.id not in staff_of(offer)  # no room is free for the whole hour
    offer = await ask(clinic, clinic.visit, clinic.at(11))
    assert (slow.id, 60, 900_00, 0) in offer.staff
    assert offer.ends_at == clinic.at(12)


async def test_a_crew_of_two_needs_two_who_are_free(world: World) -> None:
    clinic = await Clinic.open(world)
    surgery = await world.service(
        clinic.vendor, clinic.asha, clinic.ravi, needs={ResourceKind.STAFF: 2}
    )
    offer = await ask(clinic, surgery, clinic.at(10), staff_id=clinic.ravi.id)
    assert (offer.staff_count, staff_of(offer)) == (2, [clinic.ravi.id, clinic.asha.id])
    await clinic.booking()
    with pytest.raises(SlotTaken):
        await ask(clinic, surgery, clinic.at(10))


async def test_rooms_without_a_schedule_are_always_open_and_staff_never(world: World) -> None:
    clinic = await Clinic.open(world)
    room = await world.resource(clinic.vendor, ResourceKind.ROOM)
    by_night = await world.service(clinic.vendor, room)
    offer = await ask(clinic, by_night, clinic.at(3))
    assert staff_of(offer) == [room.id]
    nobody = await world.resource(clinic.vendor)
    unscheduled = await world.service(clinic.vendor, nobody)
    with pytest.raises(SlotNotOffered):
        await ask(clinic, unscheduled, clinic.at(10))


async def test_classes_fill_a_meeting_before_they_open_another(clinic: Clinic) -> None:
    offer = await ask(clinic, clinic.yoga, clinic.at(10))
    assert (offer.meeting, staff_of(offer)) == (None, [clinic.asha.id])
    meeting = await clinic.meeting(taken=3)
    offer = await ask(clinic, clinic.yoga, clinic.at(10), pets=2)
    assert offer.meeting is not None
    assert (offer.meeting.id, staff_of(offer)) == (meeting.id, [clinic.asha.id])
    with pytest.raises(MeetingFull):
        await ask(clinic, clinic.yoga, clinic.at(10), pets=3)
    with pytest.raises(SlotTaken):
        await ask(clinic, clinic.visit, clinic.at(10), staff_id=clinic.asha.id)


async def test_no_one_joins_a_meeting_on_a_closed_day(clinic: Clinic) -> None:
    """Not in lists either. The desk can still add a customer."""
    meeting = await clinic.meeting(taken=3)
    await clinic.world.closure(clinic.vendor, clinic.day())
    with pytest.raises(SlotNotOffered) as refusal:
        await ask(clinic, clinic.yoga, clinic.at(10))
    assert refusal.value.reason is SlotReason.CLOSED
    async with clinic.world.database.session() as session:
        end = clinic.at(0) + timedelta(days=1)
        assert await list_slots(session, clinic.yoga, clinic.at(0), end, WantedSlots()) == []
    offer = await ask(clinic, clinic.yoga, clinic.at(10), allow_outside_hours=True)
    assert offer.meeting is not None
    assert offer.meeting.id == meeting.id


async def test_a_full_meeting_leaves_the_time_to_another_teacher(world: World) -> None:
    clinic = await Clinic.open(world)
    await world.service_resource(clinic.yoga, clinic.ravi)
    second = await world.working(clinic.vendor, ResourceKind.ROOM)
    await world.service_resource(clinic.yoga, second)
    await clinic.meeting(taken=5)
    offer = await ask(clinic, clinic.yoga, clinic.at(10))
    assert (offer.meeting, staff_of(offer)) == (None, [clinic.ravi.id])
    with pytest.raises(MeetingFull):
        await ask(clinic, clinic.yoga, clinic.at(10), staff_id=clinic.asha.id)
