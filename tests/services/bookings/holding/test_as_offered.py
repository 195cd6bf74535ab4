"""Offered starts can be held, and no others; visits stack their buffers."""

from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from core.clock import now
from core.database import Database
from core.ids import new_id
from models.bookings.claims import SlotTaken
from models.bookings.drafts import BookingDraft, MoveDraft
from models.bookings.slots import SlotNotOffered
from services.bookings.holding.holding import hold_booking
from services.bookings.moving import reschedule_booking
from services.bookings.slots.listing import WantedSlots, list_slots
from services.bookings.slots.reading import SlotQuestion, read_slots
from services.bookings.slots.zones import minute_of, moment_of
from services.transaction import Transactions
from services.viewer import Viewer
from tests.factories.world import World
from tests.invariants.bookings import VIOLATIONS
from tests.resolvers.bookings.clinic import Clinic

MINUTES = 500


class _Undo(Exception):
    """Rolls a hold back."""


async def ensure_holds_are_offers(clinic: Clinic, transactions: Transactions, dice: Random) -> None:
    """Hold random minutes of a day, and some that are offered: those alone can be held."""
    first = minute_of(clinic.at(0))
    end = first + 24 * 60
    async with clinic.world.database.session() as session:
        reading = await read_slots(session, SlotQuestion(clinic.visit, first, end, now()))
    offered = reading.starts()
    found = {n for n in range(first, end) if offered >> (n - reading.origin) & 1}
    assert found
    wanted = {*dice.sample(range(first, end), MINUTES), *found}
    assert {n for n in wanted if await can_hold(clinic, transactions, moment_of(n))} == found


async def can_hold(clinic: Clinic, transactions: Transactions, start: datetime) -> bool:
    """Hold a start with any staff, and roll it back."""
    draft = BookingDraft(service_id=clinic.visit.id, starts_at=start)
    viewer = Viewer(clinic.customer.id)
    try:
        async with transactions.begin_prepared() as unit:
            await hold_booking(unit, viewer, draft, idempotency_key=str(new_id()))
            raise _Undo
    except _Undo:
        return True
    except (SlotNotOffered, SlotTaken):
        return False


@pytest.mark.parametrize("seed", [11, 12])
async def test_a_start_can_be_held_if_and_only_if_it_is_offered(
    world: World, transactions: Transactions, seed: int
) -> None:
    """A thousand minutes in two clinics, other ones each."""
    dice = Random(seed)
    clinic = await Clinic.open(
        world,
        buffer_before=dice.choice([0, 5]),
        buffer_after=dice.choice([5, 10]),
        step=dice.choice([15, 20]),
        duration=dice.choice([25, 40]),
    )
    for hour in (9, 11, 14):
        await clinic.booking(await world.user(), clinic.at(hour), clinic.asha)
        await clinic.booking(await world.user(), clinic.at(hour, 30), clinic.ravi, lane=1)
    await ensure_holds_are_offers(clinic, transactions, dice)


async def test_after_a_move_what_is_offered_can_be_held(
    world: World, transactions: Transactions
) -> None:
    """The visit moves onto its own time. What it left is offered, and what it took is not."""
    clinic = await Clinic.open(world, duration=60, step=15)
    booking = await clinic.booking(starts_at=clinic.at(11, 30))
    for staff in (clinic.asha, clinic.ravi):
        await world.time_block(staff, clinic.at(14), clinic.at(15))
    await clinic.booking(await world.user(), clinic.at(11), clinic.ravi, lane=1)
    draft = MoveDraft(starts_at=clinic.at(11, 45), revision=0)
    async with transactions.begin() as session:
        viewer = Viewer(clinic.customer.id)
        await reschedule_booking(
            session, viewer, draft, booking_id=booking.id, idempotency_key=str(new_id())
        )
    await ensure_holds_are_offers(clinic, transactions, Random(13))


async def test_seats_left_of_a_class_with_buffers_can_be_held(
    world: World, transactions: Transactions
) -> None:
    """The buffers keep others from the time, and not those who come to the same class."""
    clinic = await Clinic.open(world)
    yoga = clinic.yoga
    yoga.buffer_before, yoga.buffer_after, yoga.step, yoga.pay_at_desk = 10, 20, 15, True
    await world.save(yoga)
    first, last = clinic.at(9), clinic.at(13)
    for left in range(yoga.seats, 0, -1):
        async with world.database.session() as session:
            found = await list_slots(session, yoga, first, last, WantedSlots())
        by_start = {slot.starts_at: slot.left for slot in found}
        assert by_start[clinic.at(10)] == left
        if left < yoga.seats:  # 10:00 to 11:00 keeps 9:50 to 11:20, and the next needs ten minutes
            assert min(start for start in by_start if start > clinic.at(10)) == clinic.at(11, 30)
        draft = BookingDraft(service_id=yoga.id, starts_at=clinic.at(10))
        async with transactions.begin_prepared() as unit:
            viewer = Viewer((await world.user()).id)
            await hold_booking(unit, viewer, draft, idempotency_key=str(new_id()))
    assert await clinic.claims(clinic.asha) == [(clinic.at(9, 50), clinic.at(11, 20), 0)]


async def test_buffers_stack_and_never_overlap(
    world: World, transactions: Transactions, database: Database
) -> None:
    """Between two visits are the buffer after one and that before the next, and no more."""
    clinic = await Clinic.open(world, buffer_before=5, buffer_after=10, step=5, duration=25)
    start, starts = clinic.at(9), []
    while start < clinic.at(12):
        viewer = Viewer((await world.user()).id)
        draft = BookingDraft(service_id=clinic.visit.id, starts_at=start, staff_id=clinic.asha.id)
        try:
            async with transactions.begin() as session:
                await hold_booking(session, viewer, draft, idempotency_key=str(new_id()))
            starts.append(start)
        except SlotTaken:
            pass
        start += timedelta(minutes=5)
    gaps = {later - earlier for earlier, later in pairwise(starts)}
    assert gaps == {timedelta(minutes=25 + 10 + 5)}
    async with database.session() as session:
        assert list(await session.execute(VIOLATIONS)) == []
