"""Bookings that are paid online: ordered, confirmed by money, freed and refunded."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import UpdateBase
from sqlmodel import col, update
from strawberry.relay.utils import to_base64

from core.clock import now
from models.bookings.bookings import Booking, BookingState
from models.bookings.claims import Claim
from models.bookings.intake import ServiceQuestion
from models.bookings.setting_up.services import Service, ServiceResource
from models.notifications.inbox import NotificationKind
from models.questions import QuestionKind
from models.vendors import MemberRole
from services.bookings.ordering.announcing import announce_paid
from services.bookings.ordering.refunding import settle_no_show
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.buying import Unheard
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.bookings.inputs import cancel_input, hold_input, keyed, move_input
from tests.resolvers.bookings.paying import (
    DEPOSIT,
    HELD,
    PLACED,
    PRICE,
    PayingCustomer,
    part_of,
)
from tests.resolvers.bookings.stored import kinds


async def test_a_deposit_is_paid_by_an_order(world: World, api: Client) -> None:
    """The held time follows the order, then is confirmed. The rest is paid at the visit."""
    ordering = await PayingCustomer.begin(world, api)
    placed = await ordering.place()
    assert placed["errors"] == []
    (line,) = placed["order"]["suborders"][0]["lines"]
    name = ordering.clinic.visit.name["en"]
    assert line == {"title": f"{name} · Deposit", "quantity": 1}
    pending = await ordering.now()
    assert pending.state is BookingState.PENDING_PAYMENT
    assert pending.expires_at is None
    await ordering.order.pay()
    assert (await ordering.now()).state is BookingState.CONFIRMED
    shown = await ordering.customer.ask(
        "query ($id: ID!) { booking(id: $id) {"
        " dueOnline { amountMinor } paidOnline { amountMinor } dueAtVisit { amountMinor }"
        " cancelQuote { refund { amountMinor } } orderLine { id } } }",
        id=gid(ordering.booking),
    )
    booking = shown["booking"]
    assert booking["orderLine"] is not None
    assert booking["paidOnline"]["amountMinor"] == booking["dueOnline"]["amountMinor"] == DEPOSIT
    assert booking["dueAtVisit"]["amountMinor"] == PRICE - DEPOSIT
    assert booking["cancelQuote"]["refund"]["amountMinor"] == DEPOSIT
    assert len(await ordering.clinic.claims(ordering.clinic.asha)) == 1


async def test_members_and_the_customer_learn_of_a_paid_booking_once(
    world: World, api: Client
) -> None:
    ordering = await PayingCustomer.begin(world, api)
    await ordering.buy()
    for _ in range(2):
        async with Transactions(world.database, Unheard()).begin() as session:
            await announce_paid(session, ordering.booking.id)
    found = await kinds(world)
    assert found.count(NotificationKind.BOOKING_CONFIRMED) == 1
    assert found.count(NotificationKind.BOOKING_MADE) == 1


async def test_a_wallet_pays_at_once(world: World, api: Client) -> None:
    """The booking is confirmed in the transaction that places the order."""
    ordering = await PayingCustomer.begin(world, api)
    await world.fund(ordering.clinic.customer, DEPOSIT)
    checkout = await ordering.check_out()
    use = {"checkoutId": checkout["id"], "amountMinor": DEPOSIT}
    assert await ordering.customer.refusal_codes("useWallet", use) == []
    input = {"checkoutId": checkout["id"], "expectedTotalMinor": DEPOSIT, **keyed()}
    assert (await ordering.customer.do("placeOrder", input, PLACED))["errors"] == []
    confirmed = await ordering.now()
    assert confirmed.state is BookingState.CONFIRMED
    assert confirmed.paid_online == DEPOSIT


async def test_required_questions_are_answered_before_the_order(world: World, api: Client) -> None:
    ordering = await PayingCustomer.begin(world, api)
    visit = ordering.clinic.visit
    question = ServiceQuestion(
        service_id=visit.id, kind=QuestionKind.TEXT, locale="en", prompt={"en": "Symptoms?"}
    )
    question.required = True
    await world.save(question)
    problems = (await ordering.check_out())["problems"]
    assert {"code": "BOOKING_ANSWERS_MISSING", "bookingId": gid(ordering.booking)} in problems


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"expires_at": now() - timedelta(hours=1)}, "BOOKING_HOLD_EXPIRED"),
        ({"due_online": 0}, "BOOKING_STATE"),
        ({"state": BookingState.CANCELLED, "cancelled_by": "CUSTOMER"}, "BOOKING_HOLD_EXPIRED"),
    ],
)
async def test_only_held_bookings_that_cost_something_are_ordered(
    world: World, api: Client, values: dict[str, Any], problem: str
) -> None:
    ordering = await PayingCustomer.begin(world, api, **values)
    found = (await ordering.check_out())["problems"]
    assert {"code": problem, "bookingId": gid(ordering.booking)} in found


async def test_nobody_orders_the_booking_of_another_user(world: World, api: Client) -> None:
    ordering = await PayingCustomer.begin(world, api)
    staff = await ordering.clinic.member(MemberRole.STAFF)
    for wrong in (await world.user(), staff):
        problems = (await ordering.check_out(api.signed_in(wrong)))["problems"]
        assert {"code": "NOT_SOLD", "bookingId": gid(ordering.booking)} in problems


async def test_a_booking_has_to_be_approved_before_it_is_ordered(world: World, api: Client) -> None:
    ordering = await PayingCustomer.begin(world, api)
    await _change(world, update(Service).values(needs_approval=True))
    problems = (await ordering.check_out())["problems"]
    assert {"code": "BOOKING_STATE", "bookingId": gid(ordering.booking)} in problems


async def test_an_order_that_is_not_paid_frees_the_time(world: World, api: Client) -> None:
    ordering = await PayingCustomer.begin(world, api)
    await ordering.place()
    await ordering.order.expire()
    assert (await ordering.now()).state is BookingState.EXPIRED
    assert await ordering.clinic.claims(ordering.clinic.asha) == []


async def test_a_time_that_is_held_again_after_a_payment_was_given_up_is_not_paid(
    world: World, api: Client
) -> None:
    """Nothing of the first order confirms the second booking."""
    ordering = await PayingCustomer.begin(world, api)
    clinic = ordering.clinic
    await _change(world, update(Service).values(pay_at_desk=False, deposit=DEPOSIT))
    await ordering.place()
    await ordering.order.expire()
    input = hold_input(clinic.visit, ordering.booking.starts_at, clinic.asha)
    again = await ordering.customer.do("holdBooking", input, "booking { id bookingState }")
    confirm = {"bookingId": again["booking"]["id"]}
    assert await ordering.customer.refusal_codes("confirmBooking", confirm) == ["BOOKING_UNPAID"]
    await check_invariants(world.database)
    states = {(await ordering.now()).state, again["booking"]["bookingState"]}
    assert states == {BookingState.EXPIRED, BookingState.HELD}


async def test_the_sweep_finds_a_confirmed_booking_without_its_money(
    world: World, api: Client
) -> None:
    ordering = await PayingCustomer.begin(world, api)
    await _change(
        world,
        update(Booking).values(state=BookingState.CONFIRMED, confirmed_at=now(), expires_at=None),
    )
    await _change(world, update(Claim).values(expires_at=None))
    with pytest.raises(AssertionError, match="a booking is confirmed and not paid"):
        await check_invariants(world.database)
    assert (await ordering.now()).paid_online == 0


@pytest.mark.parametrize(
    ("ahead", "refunds"),
    [
        (timedelta(days=2), [("CANCELLED", DEPOSIT)]),
        (timedelta(hours=3), [("CANCELLED", DEPOSIT // 2)]),
        (timedelta(minutes=30), []),
    ],
)
async def test_customers_get_back_what_the_terms_give(
    world: World, api: Client, ahead: timedelta, refunds: list[tuple[str, int]]
) -> None:
    ordering = await PayingCustomer.begin(world, api)
    await ordering.buy()
    await _start(world, ordering.booking, now() + ahead)
    input = cancel_input(ordering.booking)
    first = await ordering.customer.do("cancelBooking", input, "booking { bookingState }")
    assert first["booking"] == {"bookingState": "CANCELLED"}
    assert await ordering.customer.do("cancelBooking", input, "booking { bookingState }") == first
    assert await ordering.order.refunded() == refunds
    given = sum(amount for _, amount in refunds)
    assert (await ordering.now()).paid_online == DEPOSIT - given


async def test_a_vendor_who_cancels_refunds_all(world: World, api: Client) -> None:
    ordering = await PayingCustomer.begin(world, api)
    await ordering.buy()
    await _start(world, ordering.booking, now() + timedelta(minutes=30))
    staff = api.signed_in(await ordering.clinic.member(MemberRole.STAFF))
    assert await staff.refusal_codes("cancelBooking", cancel_input(ordering.booking)) == []
    assert await ordering.order.refunded() == [("CANCELLED", DEPOSIT)]


async def test_what_the_vendor_refunded_is_not_refunded_again(world: World, api: Client) -> None:
    """The refund of a line leaves nothing of it, also if another line of the part is paid."""
    ordering = await PayingCustomer.begin(world, api)
    clinic, until = ordering.clinic, now() + timedelta(minutes=10)
    held = HELD | {"expires_at": until, "hard_until": until}
    other = await clinic.booking(starts_at=clinic.at(12), **held)
    await ordering.buy(other)
    booking = await ordering.now()
    staff = api.signed_in(await clinic.member(MemberRole.STAFF))
    refund = {
        "suborderId": gid(await part_of(world)),
        "lines": [{"lineId": to_base64("OrderLine", str(booking.order_line_id)), "quantity": 1}],
        "reason": "The doctor was late.",
        **keyed(),
    }
    await ordering.order.deliver()
    assert await staff.refusal_codes("grantRefund", refund) == []
    assert (await ordering.now()).paid_online == 0
    assert await ordering.customer.refusal_codes("cancelBooking", cancel_input(booking)) == []
    refunded = await ordering.order.refunded()
    assert sum(amount for _, amount in refunded) == DEPOSIT


async def test_a_booking_in_an_order_ends_with_its_order(world: World, api: Client) -> None:
    ordering = await PayingCustomer.begin(world, api)
    placed = await ordering.place()
    input = cancel_input(ordering.booking)
    assert await ordering.customer.refusal_codes("cancelBooking", input) == ["BOOKING_STATE"]
    cancelled = {"orderId": placed["order"]["id"], **keyed()}
    assert await ordering.customer.refusal_codes("cancelOrder", cancelled) == []
    assert (await ordering.now()).state is BookingState.EXPIRED


async def test_a_cheaper_time_is_a_refund(world: World, api: Client) -> None:
    """The excess over the new price goes back. A move never waits for money."""
    ordering = await PayingCustomer.begin(world, api)
    await ordering.buy()
    clinic = ordering.clinic
    of_ravi = update(ServiceResource).where(col(ServiceResource.resource_id) == clinic.ravi.id)
    await _change(world, of_ravi.values(price=DEPOSIT - 50_00))
    booking = await ordering.now()
    input = move_input(booking, clinic.at(15), clinic.ravi)
    assert await ordering.customer.refusal_codes("rescheduleBooking", input) == []
    assert await ordering.order.refunded() == [("CANCELLED", 50_00)]
    moved = await ordering.now()
    assert moved.paid_online == moved.price == DEPOSIT - 50_00


async def test_a_move_to_a_time_of_the_same_price_keeps_the_deposit(
    world: World, api: Client
) -> None:
    ordering = await PayingCustomer.begin(world, api)
    await ordering.buy()
    input = move_input(await ordering.now(), ordering.clinic.at(15))
    assert await ordering.customer.refusal_codes("rescheduleBooking", input) == []
    assert await ordering.order.refunded() == []
    moved = await ordering.now()
    assert (moved.revision, moved.paid_online) == (1, DEPOSIT)


async def test_a_no_show_is_refunded_by_the_terms_after_a_week(world: World, api: Client) -> None:
    """Nothing moves while it can be undone, so nothing has to be reversed."""
    ordering = await PayingCustomer.begin(world, api)
    await ordering.buy()
    await _start(world, ordering.booking, now() - timedelta(minutes=15))
    staff = api.signed_in(await ordering.clinic.member(MemberRole.STAFF))
    id = {"bookingId": gid(ordering.booking)}
    assert await staff.refusal_codes("markNoShow", id) == []
    missed = await ordering.now()
    assert missed.ended_at is not None
    assert await ordering.order.refunded() == []
    for moment in (missed.ended_at - timedelta(seconds=1), missed.ended_at, missed.ended_at):
        async with Transactions(world.database, Unheard()).begin() as session:
            await settle_no_show(session, ordering.booking.id, moment)
    kept = PRICE * 2_000 // 10_000
    assert await ordering.order.refunded() == [("CANCELLED", DEPOSIT - kept)]
    assert (await ordering.now()).paid_online == kept


async def test_a_no_show_that_was_undone_is_not_refunded(world: World, api: Client) -> None:
    ordering = await PayingCustomer.begin(world, api)
    await ordering.buy()
    await _start(world, ordering.booking, now() - timedelta(minutes=15))
    staff = api.signed_in(await ordering.clinic.member(MemberRole.STAFF))
    id = {"bookingId": gid(ordering.booking)}
    await staff.refusal_codes("markNoShow", id)
    missed = await ordering.now()
    assert missed.ended_at is not None
    assert await staff.refusal_codes("undoNoShow", id) == []
    async with Transactions(world.database, Unheard()).begin() as session:
        await settle_no_show(session, ordering.booking.id, missed.ended_at)
    assert await ordering.order.refunded() == []


async def test_the_vendor_is_paid_after_the_visit(world: World, api: Client) -> None:
    """The line is shipped when it is paid, and delivered when the visit is over."""
    ordering = await PayingCustomer.begin(world, api)
    await ordering.buy()
    await ordering.order.deliver()
    assert (await part_of(world)).state == "SHIPPED"
    await _start(world, ordering.booking, now() - timedelta(hours=2))
    await ordering.order.deliver()
    assert (await part_of(world)).state == "DELIVERED"


async def _start(world: World, booking: Booking, starts_at: datetime) -> None:
    """Let a booking start at another minute, as if time had passed."""
    starts_at = starts_at.replace(second=0, microsecond=0)
    moved = update(Booking).where(col(Booking.id) == booking.id)
    await _change(
        world, moved.values(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=30))
    )


async def _change(world: World, statement: UpdateBase) -> None:
    async with world.database.session() as session, session.begin():
        await session.exec(statement)
