"""Two hundred customers, ten staff, one start: ten bookings, each with other staff."""

from itertools import cycle

from sqlmodel import select

from core.database import Database
from models.bookings.bookings import Booking
from tests.client import Client
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.crowd import at_once, crowd, tally
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import hold_input

PEOPLE, STAFF = 200, 10


async def test_as_many_are_booked_as_there_are_staff(
    world: World, clients: list[Client], database: Database
) -> None:
    clinic = await Clinic.open(world)
    staff = [await world.working(clinic.vendor) for _ in range(STAFF)]
    service = await world.service(clinic.vendor, *staff)
    answers = await at_once(
        client.signed_in(user).do("holdBooking", hold_input(service, clinic.at(10)))
        for client, user in zip(cycle(clients), await crowd(world, PEOPLE), strict=False)
    )
    assert tally(answers) == {"OK": STAFF, "SLOT_TAKEN": PEOPLE - STAFF}
    async with world.database.session() as session:
        booked = (await session.exec(select(Booking.staff_id))).all()
    assert set(booked) == {one.id for one in staff}
    await check_invariants(database)
