"""Limits of a day and of a user, met by many at once."""

from datetime import timedelta
from itertools import cycle

import pytest

from core.database import Database
from services.bookings.holding import holding
from services.bookings.holding.opening import ensure_below_limit
from services.bookings.holding.times import choose_time
from tests.client import Client
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.bookings.test_one_slot import read_resources
from tests.races.crowd import at_once, crowd, tally
from tests.races.meeting import Meeting
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import hold_input


async def fill_day(
    world: World, clients: list[Client], people: int, per_day: int
) -> dict[str, int]:
    """Let users want times of two staff on one day, each a time of its own."""
    clinic = await Clinic.open(world, per_day=per_day, duration=25, step=25)
    staff = clinic.asha, clinic.ravi
    times = [(clinic.at(9) + timedelta(minutes=25 * n), staff[n % 2]) for n in range(people)]
    answers = await at_once(
        client.signed_in(user).do("holdBooking", hold_input(clinic.visit, start, staff))
        for client, user, (start, staff) in zip(
            cycle(clients), await crowd(world, people), times, strict=False
        )
    )
    return dict(tally(answers))


async def test_no_more_are_booked_on_a_day_than_the_vendor_takes(
    world: World, clients: list[Client], database: Database
) -> None:
    assert await fill_day(world, clients, people=20, per_day=3) == {
        "OK": 3,
        "SLOT_NOT_OFFERED": 17,
    }
    await check_invariants(database)


async def test_one_too_many_is_booked_without_the_lock(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: both have looked before one of them has booked."""
    monkeypatch.setattr(holding, "lock_resources", read_resources)
    monkeypatch.setattr(holding, "choose_time", Meeting().after(choose_time))
    assert await fill_day(world, [api], people=2, per_day=1) == {"OK": 2}


async def book_at_once(
    world: World, clients: list[Client], times: int, most: int
) -> dict[str, int]:
    """Let one user want several times, of two staff."""
    clinic = await Clinic.open(world, per_user_open=most)
    staff = clinic.asha, clinic.ravi
    answers = await at_once(
        client.signed_in(clinic.customer).do(
            "holdBooking", hold_input(clinic.visit, clinic.at(9 + n), staff[n % 2])
        )
        for n, client in zip(range(times), cycle(clients), strict=False)
    )
    return dict(tally(answers))


async def test_a_user_books_no_more_at_once_than_one_may(
    world: World, clients: list[Client], database: Database
) -> None:
    assert await book_at_once(world, clients, 8, most=2) == {"OK": 2, "BOOKING_LIMIT": 6}
    await check_invariants(database)


async def test_a_user_books_too_many_without_the_lock(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lock_nobody(*_: object) -> None: ...

    monkeypatch.setattr(holding, "lock_user", lock_nobody)
    monkeypatch.setattr(holding, "lock_resources", read_resources)
    monkeypatch.setattr(holding, "ensure_below_limit", Meeting().after(ensure_below_limit))
    assert await book_at_once(world, [api], 2, most=1) == {"OK": 2}
