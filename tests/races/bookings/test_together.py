"""Customers want the same times together: one gets all of them, and no other gets a part."""

from collections import Counter
from itertools import cycle
from typing import Any

import pytest

from core.database import Database
from models.bookings.bookings import BookingState
from services.bookings.holding import times
from services.bookings.slots.offering import offered
from services.bookings.together import access
from tests.client import Client
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.bookings.test_one_slot import held, read_resources
from tests.races.conftest import Drop
from tests.races.crowd import at_once, crowd, tally
from tests.races.meeting import Meeting
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import keyed
from tests.resolvers.bookings.test_together import moves, stored, visit

PEOPLE = 10


def with_asha(clinic: Clinic, *hours: int) -> dict[str, Any]:
    return visit(clinic, *[clinic.at(hour) for hour in hours])


async def rush(world: World, clients: list[Client], people: int = PEOPLE) -> Counter[str]:
    """Return the tally of those who want the same two times, half of them in the other order."""
    clinic = await Clinic.open(world)
    wanted = cycle([(10, 11), (11, 10)])
    answers = await at_once(
        client.signed_in(user).do("holdVisit", with_asha(clinic, *hours))
        for client, user, hours in zip(
            cycle(clients), await crowd(world, people), wanted, strict=False
        )
    )
    return tally(answers)


async def test_one_gets_both_times_and_no_other_gets_one(
    world: World, clients: list[Client], database: Database
) -> None:
    assert await rush(world, clients) == {"OK": 1, "SLOT_TAKEN": PEOPLE - 1}
    first, second = await held(world)
    assert first.visit_id == second.visit_id is not None
    await check_invariants(database)


async def test_two_get_them_without_the_constraint_and_the_lock(
    world: World,
    api: Client,
    drop: Drop,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await drop("claim_during_excl")
    monkeypatch.setattr(access, "lock_resources", read_resources)
    both_times = Meeting(rounds=2)
    monkeypatch.setattr(times, "offered", both_times.after(offered))
    assert await rush(world, [api], people=2) == {"OK": 2}
    with pytest.raises(AssertionError, match="two claims of a lane overlap"):
        await check_invariants(database)


async def test_of_two_moves_of_a_visit_one_moves_all(
    world: World, clients: list[Client], database: Database
) -> None:
    """The other is refused by the revision, and leaves no booking between two times."""
    clinic = await Clinic.open(world)
    customer = clients[0].signed_in(clinic.customer)
    await customer.do("holdVisit", with_asha(clinic, 10, 11))
    for one in await stored(world):
        one.state, one.expires_at, one.hard_until = BookingState.CONFIRMED, None, None
        await world.save(one)
    bookings = await stored(world)
    wanted = cycle([(14, 15), (15, 16)])
    answers = await at_once(
        client.signed_in(clinic.customer).do(
            "rescheduleVisit", moves(bookings, *[clinic.at(hour) for hour in hours]) | keyed()
        )
        for client, hours in zip(cycle(clients), (next(wanted) for _ in range(4)), strict=False)
    )
    assert tally(answers) == {"OK": 1, "BOOKING_CHANGED": 3}
    moved = tuple(one.starts_at for one in await stored(world))
    assert moved in {(clinic.at(14), clinic.at(15)), (clinic.at(15), clinic.at(16))}
    await check_invariants(database)
