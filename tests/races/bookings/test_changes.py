"""Bookings that are answered, moved, cancelled and confirmed by several at once."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import Database
from models.bookings.bookings import Booking, BookingState
from models.bookings.moves import BookingMove
from models.notifications.inbox import NotificationKind
from services.bookings import answering, notices
from services.bookings.holding import confirming
from services.notifications.inbox import Notice
from services.viewer import Viewer
from tests.client import Client, gid
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.conftest import Drop
from tests.races.crowd import at_once, crowd, tally
from tests.races.meeting import Meeting
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import cancel_input, hold_input, move_input
from tests.resolvers.bookings.stored import expire, kinds
from tests.resolvers.bookings.test_answers import request


async def changes_of(world: World) -> int:
    """Return how many changes of bookings their customers could follow."""
    entries = await world.journal()
    kind = "booking.updated"
    return sum(one == kind and topic.startswith("user:") for topic, _, one in entries)


async def test_two_members_approve_once(
    world: World, clients: list[Client], database: Database
) -> None:
    """The time is the customer's while it waits. Its approval is one change, and one notice."""
    clinic = await Clinic.open(world, needs_approval=True)
    booking = await request(clinic, clients[0])
    rival = clients[1].signed_in(await world.user())
    for state in (BookingState.REQUESTED, BookingState.CONFIRMED):
        row: Booking = await world.fresh(booking)
        staff = clinic.asha if row.staff_id == clinic.asha.id else clinic.ravi
        assert row.state is state
        input = hold_input(clinic.visit, clinic.at(10), staff)
        assert await rival.refusal_codes("holdBooking", input) == ["SLOT_TAKEN"]
        before = await changes_of(world)
        answers = await at_once(
            client.signed_in(clinic.owner).do("approveBooking", {"bookingId": gid(booking)})
            for client in clients * 2
        )
        assert tally(answers) == {"OK": 4}
        assert await changes_of(world) - before == (state is BookingState.REQUESTED)
    assert (await kinds(world)).count(NotificationKind.BOOKING_CONFIRMED) == 1
    await check_invariants(database)


async def test_two_members_approve_twice_without_the_lock(
    world: World, api: Client, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: both read the booking before one of them writes it."""
    meeting = Meeting()

    async def read(session: AsyncSession, _: Viewer, booking_id: UUID) -> Booking:
        booking = await session.get_one(Booking, booking_id)
        await meeting.arrive()
        return booking

    async def notice(_: AsyncSession, booking: Booking, kind: NotificationKind) -> list[Notice]:
        assert booking.user_id is not None
        return [Notice(booking.user_id, kind, booking.id)]

    monkeypatch.setattr(answering, "lock_customers_booking", read)
    monkeypatch.setattr(notices, "_to_customer", notice)
    await drop("notification_user_id_kind_subject_id_up_to_sequence_key")
    clinic = await Clinic.open(world, needs_approval=True)
    booking = await request(clinic, api)
    owner = api.signed_in(clinic.owner)
    await at_once(owner.do("approveBooking", {"bookingId": gid(booking)}) for _ in range(2))
    assert (await kinds(world)).count(NotificationKind.BOOKING_CONFIRMED) == 2


async def test_five_moves_from_two_tabs_make_one(
    world: World, clients: list[Client], database: Database
) -> None:
    clinic = await Clinic.open(world, duration=60, step=15)
    booking = await clinic.booking(starts_at=clinic.at(11))
    tabs = [client.signed_in(clinic.customer) for client in clients]
    answers = await at_once(
        tabs[n % 2].do(
            "rescheduleBooking", move_input(booking, clinic.at(11, 15) + timedelta(minutes=15 * n))
        )
        for n in range(1, 6)
    )
    assert tally(answers) == {"OK": 1, "BOOKING_CHANGED": 4}
    async with world.database.session() as session:
        assert len((await session.exec(select(BookingMove))).all()) == 1
    assert len(await clinic.claims(clinic.asha)) == 1
    await check_invariants(database)


async def test_a_time_that_two_move_to_goes_to_one(
    world: World, clients: list[Client], database: Database
) -> None:
    clinic = await Clinic.open(world)
    users = await crowd(world, 4)
    moves = []
    for hour, user in enumerate(users, 9):
        booking = await clinic.booking(user, clinic.at(hour))
        input = move_input(booking, clinic.at(15), clinic.asha)
        moves.append(clients[hour % 2].signed_in(user).do("rescheduleBooking", input))
    assert tally(await at_once(moves)) == {"OK": 1, "SLOT_TAKEN": 3}
    assert len(await clinic.claims(clinic.asha)) == 4, "those who were refused keep their times"
    await check_invariants(database)


async def test_two_bookings_cannot_take_the_time_of_each_other(
    world: World, api: Client, database: Database
) -> None:
    """A refused move brings the claims back that it had deleted, in either order."""
    clinic = await Clinic.open(world)
    users = await crowd(world, 2)
    one, other = [
        await clinic.booking(user, clinic.at(hour))
        for hour, user in zip((10, 11), users, strict=True)
    ]
    answers = await at_once(
        [
            api.signed_in(users[0]).do(
                "rescheduleBooking", move_input(one, other.starts_at, clinic.asha)
            ),
            api.signed_in(users[1]).do(
                "rescheduleBooking", move_input(other, one.starts_at, clinic.asha)
            ),
        ]
    )
    assert tally(answers) == {"SLOT_TAKEN": 2}
    await check_invariants(database)


async def test_a_booking_is_moved_or_cancelled_and_its_time_is_free_once(
    world: World, clients: list[Client], database: Database
) -> None:
    clinic = await Clinic.open(world)
    for hour in range(9, 13):
        booking = await clinic.booking(starts_at=clinic.at(hour))
        client, desk = clients[0].signed_in(clinic.customer), clients[1].signed_in(clinic.owner)
        answers = await at_once(
            [
                client.do("rescheduleBooking", move_input(booking, clinic.at(hour + 5))),
                desk.do("cancelBooking", cancel_input(booking)),
            ]
        )
        codes = [[one["code"] for one in answer["errors"]] for answer in answers]
        assert codes in ([[], []], [["BOOKING_STATE"], []])
    assert await clinic.claims(clinic.asha) == []
    await check_invariants(database)


async def test_a_hold_is_confirmed_or_given_to_the_next(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    """It is confirmed by a clock that is late, while another user wants its time."""
    clinic = await Clinic.open(world)
    client = api.signed_in(clinic.customer)
    late = now() - timedelta(minutes=5)
    monkeypatch.setattr(confirming, "now", lambda: late)
    outcomes: Counter[str] = Counter()
    for hour in range(9, 13):
        start = clinic.at(hour)
        booking = await clinic.booking(starts_at=start, state=BookingState.HELD)
        await expire(world, booking)
        next_one = api.signed_in(await world.user())
        answers = await at_once(
            [
                client.do("confirmBooking", {"bookingId": gid(booking)}),
                next_one.do("holdBooking", hold_input(clinic.visit, start, clinic.asha)),
            ]
        )
        outcomes += tally(answers)
    assert outcomes["OK"] == 4, "one of both each time"
    assert set(outcomes) <= {"OK", "SLOT_TAKEN", "BOOKING_HOLD_EXPIRED"}
    await check_invariants(database)
