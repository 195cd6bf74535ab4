"""Fifty customers want one start: one gets it, whichever guard is left."""

from collections import Counter
from collections.abc import Collection, Mapping
from itertools import cycle
from uuid import UUID

import pytest
from sqlmodel import select

from core.database import Database
from core.statements.units import UnitOfWork, connection_of
from models.bookings.bookings import Booking, BookingState
from models.bookings.setting_up.resources import Resource
from models.bookings.setting_up.services import Service
from services.bookings.holding import holding, opening, times
from services.bookings.slots.offering import offered
from tests.client import Client
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.conftest import Drop
from tests.races.crowd import at_once, crowd, tally
from tests.races.meeting import Meeting
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import hold_input

PEOPLE = 50


async def rush(world: World, clients: list[Client], people: int = PEOPLE) -> Counter[str]:
    """Return the tally of all answers to those who want the same staff at the same time."""
    clinic = await Clinic.open(world)
    answers = await at_once(
        client.signed_in(user).do(
            "holdBooking", hold_input(clinic.visit, clinic.at(10), clinic.asha)
        )
        for client, user in zip(cycle(clients), await crowd(world, people), strict=False)
    )
    return tally(answers)


async def held(world: World) -> list[Booking]:
    async with world.database.session() as session:
        rows = select(Booking).where(Booking.state == BookingState.HELD)
        return list((await session.exec(rows)).all())


async def test_one_of_fifty_gets_the_slot(
    world: World, clients: list[Client], database: Database
) -> None:
    assert await rush(world, clients) == {"OK": 1, "SLOT_TAKEN": PEOPLE - 1}
    assert len(await held(world)) == 1
    await check_invariants(database)


async def read_resources(
    unit: UnitOfWork,
    service: Service,
    *,
    staff_id: UUID | None = None,
    also: Collection[UUID] = (),
) -> Mapping[UUID, Resource]:
    """Return the resources of a service without a lock, as `lock_resources` does with one."""
    unlocked = opening.LOCK.sql.replace("FOR NO KEY UPDATE", "")
    arguments = opening.LOCK.arguments(
        {"service_id": service.id, "staff_id": staff_id, "keys": sorted(also)}
    )
    connection = await connection_of(unit)
    rows = await connection.fetch(unlocked, *arguments, record_class=opening.LOCK._record)
    return {row.id: row for row in rows}


@pytest.fixture
def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two callers ask for what is free before one of them takes it."""
    monkeypatch.setattr(holding, "lock_resources", read_resources)
    monkeypatch.setattr(times, "offered", Meeting().after(offered))


@pytest.mark.usefixtures("unlocked")
async def test_the_constraint_alone_gives_it_to_one(
    world: World, api: Client, database: Database
) -> None:
    assert await rush(world, [api], people=2) == {"OK": 1, "SLOT_TAKEN": 1}
    await check_invariants(database)


@pytest.mark.usefixtures("unlocked")
async def test_two_get_it_without_the_constraint_and_the_lock(
    world: World, api: Client, drop: Drop, database: Database
) -> None:
    await drop("claim_during_excl")
    assert await rush(world, [api], people=2) == {"OK": 2}
    with pytest.raises(AssertionError, match="two claims of a lane overlap"):
        await check_invariants(database)


async def test_the_lock_alone_gives_it_to_one(
    world: World, clients: list[Client], drop: Drop, database: Database
) -> None:
    await drop("claim_during_excl")
    assert await rush(world, clients, people=10) == {"OK": 1, "SLOT_TAKEN": 9}
    await check_invariants(database)
