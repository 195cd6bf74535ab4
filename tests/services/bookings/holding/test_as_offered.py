"""Offered starts can be held, and no others; visits stack their buffers."""

from datetime import timedelta
from itertools import pairwise
from random import Random

from core.clock import now
from core.database import Database
from core.ids import new_id
from models.bookings.bookings import SlotNotOffered
from models.bookings.claims import SlotTaken
from models.bookings.drafts import BookingDraft
from services.bookings.holding.holding import hold_booking
from services.bookings.slots.reading import SlotQuestion, read_slots
from services.bookings.slots.zones import minute_of
from services.transaction import Transactions
from services.viewer import Viewer
from tests.factories.bookings import at, workday
from tests.factories.world import World
from tests.invariants.bookings import VIOLATIONS
from tests.resolvers.bookings.clinic import Clinic

MINUTES, DAYS = 100, 1


class _Undo(Exception):
    """Rolls a hold back."""


async def test_a_start_can_be_held_if_and_only_if_it_is_offered(
    world: World, transactions: Transactions, database: Database
) -> None:
    clinic = await Clinic.open(world, buffer_before=5, buffer_after=10, step=20, duration=25)
    dice = Random(11)
    for hour in (9, 11, 14):
        await clinic.booking(await world.user(), clinic.at(hour), clinic.asha)
        await clinic.booking(await world.user(), clinic.at(hour, 30), clinic.ravi, lane=1)
    first = minute_of(at(workday(2), 8))
    async with database.session() as session:
        end = first + DAYS * 24 * 60
        reading = await read_slots(session, SlotQuestion(clinic.visit, first, end, now()))
    offered = reading.starts()
    found = [n for n in range(first, end) if offered >> (n - reading.origin) & 1]
    wanted = {*dice.sample(range(first, end), MINUTES), *dice.sample(found, 20)}
    viewer, held = Viewer(clinic.customer.id), set()
    for minute in wanted:
        start = at(workday(2), 8) + timedelta(minutes=minute - first)
        draft = BookingDraft(service_id=clinic.visit.id, starts_at=start)
        try:
            async with transactions.begin() as session:
                await hold_booking(session, viewer, draft, idempotency_key=str(new_id()))
                raise _Undo
        except _Undo:
            held.add(minute)
        except (SlotNotOffered, SlotTaken):
            continue
    assert held == wanted & set(found)


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
