"""Bookings in orders: paid in time, late, or not at all."""

from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from core.database import Database
from models.bookings.bookings import (
    Booking,
    BookingHoldExpired,
    BookingState,
    InvalidBookingState,
)
from models.errors import NotFound
from services.bookings.holding.access import lock_booking
from services.bookings.holding.paying import (
    await_payment,
    confirm_paid,
    free_unpaid,
    lock_payable,
)
from services.transaction import Transactions
from services.viewer import Viewer
from tests.factories.world import World
from tests.invariants.bookings import VIOLATIONS
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.stored import expire


class PaidVisit:
    """A clinic whose visits are paid online, and a booking that is held."""

    world: World
    clinic: Clinic
    booking: Booking
    transactions: Transactions

    @classmethod
    async def open(cls, world: World, transactions: Transactions, **values: Any) -> "PaidVisit":
        self = cls()
        self.world, self.transactions = world, transactions
        self.clinic = await Clinic.open(world, pay_at_desk=False, **values)
        self.booking = await self.clinic.booking(state=BookingState.HELD, due_online=500_00)
        return self

    async def order(self) -> None:
        placed = await self.world.placed_order(self.clinic.customer, [self.clinic.vendor])
        async with self.transactions.begin() as session:
            viewer = Viewer(self.clinic.customer.id)
            (locked,) = await lock_payable(session, viewer, [self.booking.id])
            await await_payment(session, locked, placed.lines[0].id)

    async def pay(self) -> bool:
        async with self.transactions.begin() as session:
            return await confirm_paid(session, await lock_booking(session, self.booking.id))

    async def give_up(self) -> None:
        async with self.transactions.begin() as session:
            await free_unpaid(session, [self.booking.id])

    async def state(self) -> BookingState:
        state: BookingState = (await self.world.fresh(self.booking)).state
        return state


async def violations(database: Database) -> list[Any]:
    async with database.session() as session:
        return list(await session.execute(VIOLATIONS))


async def test_a_booking_waits_for_its_order_and_is_confirmed_once(
    world: World, transactions: Transactions, database: Database
) -> None:
    visit = await PaidVisit.open(world, transactions)
    await visit.order()
    waiting = await world.fresh(visit.booking)
    assert (waiting.state, waiting.expires_at) == (BookingState.PENDING_PAYMENT, None)
    assert await violations(database) == []
    assert await visit.pay() is True
    assert await visit.pay() is True
    assert await visit.state() is BookingState.CONFIRMED
    assert await violations(database) == []


async def test_late_money_takes_the_same_time_again_or_none(
    world: World, transactions: Transactions, database: Database
) -> None:
    visit = await PaidVisit.open(world, transactions)
    await visit.order()
    await visit.give_up()
    assert await visit.state() is BookingState.EXPIRED
    assert await visit.clinic.claims(visit.clinic.asha) == []
    assert await visit.pay() is True
    assert await visit.state() is BookingState.CONFIRMED
    assert len(await visit.clinic.claims(visit.clinic.asha)) == 1
    assert await violations(database) == []

    late = await PaidVisit.open(world, transactions)
    await late.order()
    await late.give_up()
    await late.clinic.booking(await world.user())
    assert await late.pay() is False
    assert await late.state() is BookingState.EXPIRED
    assert len(await late.clinic.claims(late.clinic.room)) == 1, "nothing half taken stays"
    assert await violations(database) == []


async def test_late_money_takes_another_lane_of_the_same_room(
    world: World, transactions: Transactions, database: Database
) -> None:
    visit = await PaidVisit.open(world, transactions)
    await visit.order()
    await visit.give_up()
    await visit.clinic.booking(await world.user(), staff=visit.clinic.ravi)
    assert await visit.pay() is True
    assert [lane for _, _, lane in await visit.clinic.claims(visit.clinic.room)] == [0, 1]
    assert await violations(database) == []


async def test_late_money_for_a_place_in_a_class(world: World, transactions: Transactions) -> None:
    visit = await PaidVisit.open(world, transactions)
    clinic = visit.clinic
    meeting = await clinic.meeting(clinic.at(14))
    visit.booking = await world.booking(
        clinic.customer, clinic.yoga, meeting=meeting, state=BookingState.HELD, due_online=500_00
    )
    await visit.order()
    await visit.give_up()
    assert await visit.pay() is False, "the meeting was cancelled when the last one left"


async def test_only_ones_own_held_bookings_can_be_ordered(
    world: World, transactions: Transactions
) -> None:
    visit = await PaidVisit.open(world, transactions)
    clinic, customer = visit.clinic, Viewer(visit.clinic.customer.id)
    free = await clinic.booking(starts_at=clinic.at(11), state=BookingState.HELD)
    confirmed = await clinic.booking(starts_at=clinic.at(12))
    expired = await clinic.booking(
        starts_at=clinic.at(13), state=BookingState.HELD, due_online=500_00
    )
    await expire(world, expired)
    tested = [
        (Viewer((await world.user()).id), visit.booking, NotFound),
        (customer, free, InvalidBookingState),
        (customer, confirmed, BookingHoldExpired),
        (customer, expired, BookingHoldExpired),
    ]
    for viewer, booking, refusal in tested:
        with pytest.raises(refusal):
            async with transactions.begin() as session:
                await lock_payable(session, viewer, [booking.id])


async def test_what_the_vendor_has_to_approve_is_ordered_afterwards(
    world: World, transactions: Transactions
) -> None:
    visit = await PaidVisit.open(world, transactions, needs_approval=True)
    with pytest.raises(InvalidBookingState):
        await visit.order()
    approved = await world.fresh(visit.booking)
    approved.approved_at = now() - timedelta(minutes=1)
    await world.save(approved)
    await visit.order()
    assert await visit.state() is BookingState.PENDING_PAYMENT
