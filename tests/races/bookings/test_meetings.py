"""Classes whose places are taken and left at once."""

from itertools import cycle
from typing import Any

import pytest
from sqlmodel import select

from core.database import Database
from models.bookings.bookings import Booking, BookingState
from models.bookings.classes import ClassMeeting, MeetingState
from services.bookings.holding import holding, meetings, times
from services.bookings.holding.meetings import JOIN
from services.bookings.slots.offering import offered
from tests.client import Client
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.bookings.test_one_slot import read_resources
from tests.races.conftest import Drop
from tests.races.crowd import at_once, crowd, tally
from tests.races.meeting import Meeting
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import cancel_input, hold_input
from tests.resolvers.bookings.test_classes import book


async def of_classes(world: World) -> list[ClassMeeting]:
    async with world.database.session() as session:
        return list((await session.exec(select(ClassMeeting))).all())


async def join(clinic: Clinic, clients: list[Client], people: int) -> dict[str, int]:
    answers = await at_once(
        client.signed_in(user).do("holdBooking", hold_input(clinic.yoga, clinic.at(10)))
        for client, user in zip(cycle(clients), await crowd(clinic.world, people), strict=False)
    )
    return dict(tally(answers))


async def test_first_joiners_share_one_meeting_until_it_is_full(
    world: World, clients: list[Client], database: Database
) -> None:
    clinic = await Clinic.open(world)
    assert await join(clinic, clients, 12) == {"OK": 5, "MEETING_FULL": 7}
    (meeting,) = await of_classes(world)
    assert meeting.taken == 5
    await check_invariants(database)


async def test_first_joiners_make_two_meetings_without_the_lock(
    world: World, api: Client, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: neither the lock nor a constraint is left."""
    monkeypatch.setattr(holding, "lock_resources", read_resources)
    monkeypatch.setattr(times, "offered", Meeting().after(offered))
    await drop("class_meeting_start_key")
    await drop("claim_during_excl")
    clinic = await Clinic.open(world)
    assert await join(clinic, [api], 2) == {"OK": 2}
    assert len(await of_classes(world)) == 2


async def test_all_leave_at_once_and_the_meeting_frees_its_time(
    world: World, api: Client, database: Database
) -> None:
    clinic = await Clinic.open(world)
    places = [await book(clinic, api) for _ in range(4)]
    answers = await at_once(
        client.do("cancelBooking", cancel_input(booking)) for client, booking in places
    )
    assert tally(answers) == {"OK": 4}
    (meeting,) = await of_classes(world)
    assert (meeting.taken, meeting.state) == (0, MeetingState.CANCELLED)
    assert await clinic.claims(clinic.asha) == []
    await check_invariants(database)


async def test_one_joins_while_the_last_one_leaves(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    """The joiner has found the meeting when it is cancelled, and makes another one."""
    clinic = await Clinic.open(world)
    client, last = await book(clinic, api)
    left: list[dict[str, Any]] = []

    class LeftMeanwhile:
        async def fetch_one(self, *args: object, **given: object) -> object:
            if not left:
                left.append(await client.do("cancelBooking", cancel_input(last)))
            return await JOIN.fetch_one(*args, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(meetings, "JOIN", LeftMeanwhile())
    joiner = api.signed_in(await world.user())
    joined = await joiner.do("holdBooking", hold_input(clinic.yoga, clinic.at(10)))
    assert joined["errors"] == left[0]["errors"] == []
    states = sorted((one.state, one.taken) for one in await of_classes(world))
    assert states == [(MeetingState.CANCELLED, 0), (MeetingState.SCHEDULED, 1)]
    async with world.database.session() as session:
        rows = select(Booking).where(Booking.state == BookingState.HELD)
        (booking,) = (await session.exec(rows)).all()
    assert booking.meeting_id is not None
    await check_invariants(database)
