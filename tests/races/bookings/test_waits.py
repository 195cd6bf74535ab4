"""A time becomes free, and several jobs serve those who wait while others want it."""

import asyncio

import pytest

from core.database import Database
from models.bookings.waits import BookingWait
from services.bookings.holding import times
from services.bookings.slots.offering import offered
from services.bookings.waiting import serving
from tests.client import Client
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.bookings.test_one_slot import read_resources
from tests.races.conftest import Drop
from tests.races.crowd import Payload, at_once, crowd, tally
from tests.races.meeting import Meeting
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import hold_input
from tests.resolvers.bookings.waiting import holds_of, serve, waiting

JOBS = 4


async def count_holds(clinic: Clinic, waits: list[BookingWait]) -> int:
    return sum([len(await holds_of(clinic, wait)) for wait in waits])


async def test_one_of_many_gets_the_time(
    world: World, clients: list[Client], database: Database
) -> None:
    """Either a user who waits gets it, or one of the public."""
    clinic = await Clinic.open(world)
    waits = [await waiting(clinic) for _ in range(6)]
    wanted = [
        client.signed_in(user).do(
            "holdBooking", hold_input(clinic.visit, clinic.at(10), clinic.asha)
        )
        for client, user in zip(clients * 4, await crowd(world, 4), strict=False)
    ]
    bought: list[Payload] = []

    async def buy() -> None:
        bought.extend(await at_once(wanted))

    await asyncio.gather(buy(), *(serve(clinic) for _ in range(JOBS)))
    assert await count_holds(clinic, waits) + tally(bought)["OK"] == 1
    await check_invariants(database)


async def test_no_more_are_held_than_are_free(world: World, database: Database) -> None:
    """Five seats of a class, two of them booked, for six users who wait, each for one seat."""
    clinic = await Clinic.open(world)
    meeting = await clinic.meeting()
    for _ in range(2):
        await world.booking(await world.user(), clinic.yoga, meeting=meeting)
    window = {"from_day": clinic.day(), "until_day": clinic.day()}
    waits = [
        await world.booking_wait(
            await world.user(), clinic.yoga, **window, day_from=600, day_until=630
        )
        for _ in range(6)
    ]
    await asyncio.gather(*(serve(clinic) for _ in range(JOBS)))
    assert [len(await holds_of(clinic, wait)) for wait in waits] == [1, 1, 1, 0, 0, 0]
    await check_invariants(database)


async def test_two_get_the_time_without_the_lock_and_the_constraint(
    world: World, drop: Drop, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: both have looked before one of them takes it."""
    await drop("claim_during_excl")
    monkeypatch.setattr(serving, "lock_resources", read_resources)
    monkeypatch.setattr(times, "offered", Meeting().after(offered))
    clinic = await Clinic.open(world)
    waits = [await waiting(clinic), await waiting(clinic)]
    sides = [serve(clinic), serve(clinic)]

    async def choose_other(*given: object, **named: object) -> object:
        choice = await chosen(*given, **named)  # type: ignore[arg-type]
        turn.append(choice)
        if len(turn) == 2 and choice is not None:
            return serving.HeldStart(waits[1], choice.starts_at, choice.until)
        return choice

    chosen, turn = serving._choose, list[object]()
    monkeypatch.setattr(serving, "_choose", choose_other)
    await asyncio.gather(*sides)
    assert await count_holds(clinic, waits) == 2
    with pytest.raises(AssertionError, match="two claims of a lane overlap"):
        await check_invariants(database)
