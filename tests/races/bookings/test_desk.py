"""Two members take the rest of a price at once: it is taken once."""

from collections import Counter
from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database
from models.bookings.bookings import Booking
from services.bookings.desk import payments
from services.viewer import Viewer
from tests.client import Client, gid
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.crowd import at_once, tally
from tests.races.meeting import Meeting
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import keyed

PEOPLE = 6


async def pay(world: World, clients: list[Client], people: int) -> tuple[Booking, Counter[str]]:
    """Return a booking of 500.00, and the tally of those who each take 300.00 of it."""
    clinic = await Clinic.open(world)
    booking = await clinic.booking()
    given = {"bookingId": gid(booking), "paid": "CASH", "amountMinor": 300_00}
    answers = await at_once(
        clients[number % len(clients)]
        .signed_in(clinic.owner)
        .do("recordVisitPayment", given | keyed())
        for number in range(people)
    )
    return await world.fresh(booking), tally(answers)


async def test_money_at_the_desk_never_exceeds_what_is_due(
    world: World, clients: list[Client], database: Database
) -> None:
    booking, answers = await pay(world, clients, PEOPLE)
    assert answers == {"OK": 1, "VISIT_OVERPAID": PEOPLE - 1}
    assert booking.paid_at_desk == 300_00
    await check_invariants(database)


async def find_unlocked(session: AsyncSession, _: Viewer, booking_id: UUID) -> Booking:
    return await session.get_one(Booking, booking_id)


async def test_without_the_lock_it_is_taken_twice(
    world: World, api: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    met = Meeting().after(find_unlocked)
    monkeypatch.setattr(payments, "lock_customers_booking", met)
    _, answers = await pay(world, [api], 2)
    assert answers == {"OK": 2}
    with pytest.raises(AssertionError, match="paid_at_desk"):
        await check_invariants(database)
