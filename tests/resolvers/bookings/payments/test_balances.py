"""The rest of the price of a booking, which its customer pays online before the visit."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select
from strawberry.relay.utils import to_base64

from core.clock import now
from models.bookings.bookings import Booking, BookingState
from models.bookings.paid import surplus_of
from models.orders.lines import OrderLine
from models.orders.orders import Order
from models.payments.refunds import Refund
from models.vendors import MemberRole
from services.bookings.ordering.refunding import return_surplus
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.buying import Unheard
from tests.factories.order_of_user import OrderOfUser
from tests.factories.world import World
from tests.resolvers.bookings.inputs import cancel_input, keyed, move_input
from tests.resolvers.bookings.paying import DEPOSIT, PRICE, PayingCustomer
from tests.resolvers.bookings.payments.test_late_money import text_of_return

REST = PRICE - DEPOSIT
SHOWN = """query ($id: ID!) { booking(id: $id) {
  paidOnline { amountMinor } dueAtVisit { amountMinor } dueOnline { amountMinor }
  balanceLine { title } orderLine { title }
} }"""


class LastOrder(OrderOfUser):
    """The last order of a user who has several."""

    async def order(self) -> Order:
        rows = select(Order).where(Order.user_id == self.user.id).order_by(col(Order.id).desc())
        async with self.world.database.session() as session:
            return (await session.exec(rows.limit(1))).one()


async def with_deposit(world: World, api: Client) -> PayingCustomer:
    """Return the customer of a confirmed booking whose deposit is paid."""
    paying = await PayingCustomer.begin(world, api)
    await paying.buy()
    return paying


async def pay_rest(paying: PayingCustomer) -> LastOrder:
    """Order the rest, and pay it."""
    assert (await paying.place())["errors"] == []
    order = LastOrder(paying.world, paying.clinic.customer)
    await order.pay()
    return order


async def at_desk(api: Client, paying: PayingCustomer, amount: int) -> list[str]:
    given = {"bookingId": gid(paying.booking), "paid": "CASH", "amountMinor": amount, **keyed()}
    client = api.signed_in(paying.clinic.owner)
    return await client.refusal_codes("recordVisitPayment", given)


async def refunds_of(world: World, order: Order) -> list[tuple[str, int]]:
    rows = select(Refund.reason, Refund.amount).where(Refund.order_id == order.id)
    async with world.database.session() as session:
        return [(str(reason), amount) for reason, amount in await session.exec(rows)]


async def surplus(paying: PayingCustomer) -> int:
    """Return what is to go back of the rest that was paid."""
    booking = await paying.now()
    async with paying.world.database.session() as session:
        rest = await session.get_one(OrderLine, booking.balance_line_id)
    return surplus_of(booking, rest)


async def settle_surplus(world: World, booking: Booking) -> None:
    for _ in range(2):
        async with Transactions(world.database, Unheard()).begin() as session:
            await return_surplus(session, booking.id)


async def test_the_rest_is_paid_by_an_order_of_its_own(world: World, api: Client) -> None:
    paying = await with_deposit(world, api)
    placed = await paying.place()
    (line,) = placed["order"]["suborders"][0]["lines"]
    name = paying.clinic.visit.name["en"]
    assert line == {"title": f"{name} · Rest of the price", "quantity": 1}
    assert (await paying.now()).state is BookingState.CONFIRMED, "it never waits for the rest"
    await LastOrder(world, paying.clinic.customer).pay()
    shown = (await paying.customer.ask(SHOWN, id=gid(paying.booking)))["booking"]
    assert shown["paidOnline"]["amountMinor"] == PRICE
    assert shown["dueAtVisit"]["amountMinor"] == 0
    assert shown["dueOnline"]["amountMinor"] == DEPOSIT
    assert shown["balanceLine"]["title"] == line["title"]
    assert shown["orderLine"]["title"] == f"{name} · Deposit"
    assert len(await paying.clinic.claims(paying.clinic.asha)) == 1


async def test_the_rest_is_in_one_order_until_that_ends(world: World, api: Client) -> None:
    paying = await with_deposit(world, api)
    placed = await paying.place()
    problem = {"code": "BOOKING_STATE", "bookingId": gid(paying.booking)}
    assert problem in (await paying.check_out())["problems"]
    cancelled = {"orderId": placed["order"]["id"], **keyed()}
    assert await paying.customer.refusal_codes("cancelOrder", cancelled) == []
    assert (await paying.now()).balance_line_id is None
    await paying.place()
    order = LastOrder(world, paying.clinic.customer)
    await order.expire()
    assert (await paying.now()).state is BookingState.CONFIRMED
    await order.receive_money()
    assert (await paying.now()).paid_online == PRICE, "money that is late counts as well"


@pytest.mark.parametrize("change", [{"state": BookingState.REQUESTED}, {"order_line_id": None}])
async def test_only_the_rest_of_a_deposit_is_ordered(
    world: World, api: Client, change: dict[str, Any]
) -> None:
    """The desk takes what has no deposit."""
    paying = await with_deposit(world, api)
    booking = await paying.now()
    for name, value in change.items():
        setattr(booking, name, value)
    if booking.order_line_id is None:
        booking.paid_online = booking.due_online = 0
    booking.expires_at = booking.hard_until = now() + timedelta(hours=1)
    await world.save(booking)
    assert [one["code"] for one in (await paying.check_out())["problems"]] != []


async def test_nobody_else_pays_the_rest(world: World, api: Client) -> None:
    paying = await with_deposit(world, api)
    staff = await paying.clinic.member(MemberRole.STAFF)
    for wrong in (await world.user(), staff):
        problems = (await paying.check_out(api.signed_in(wrong)))["problems"]
        assert {"code": "NOT_SOLD", "bookingId": gid(paying.booking)} in problems


async def test_what_the_desk_took_meanwhile_goes_back(world: World, api: Client) -> None:
    paying = await with_deposit(world, api)
    await paying.place()
    assert await at_desk(api, paying, REST - 100_00) == []
    order = LastOrder(world, paying.clinic.customer)
    await order.pay()
    booking = await paying.now()
    assert (await surplus(paying), booking.due_at_visit) == (REST - 100_00, 0)
    await settle_surplus(world, booking)
    assert await order.refunded() == [("CANCELLED", REST - 100_00)]
    booking = await paying.now()
    assert booking.paid_online + booking.paid_at_desk == PRICE
    assert (await surplus(paying), booking.due_at_visit, booking.paid_balance) == (0, 0, 100_00)
    assert await at_desk(api, paying, 1) == ["VISIT_OVERPAID"]


async def test_money_for_a_booking_that_was_cancelled_goes_back(world: World, api: Client) -> None:
    paying = await with_deposit(world, api)
    await paying.place()
    cancel = cancel_input(paying.booking)
    assert await paying.customer.refusal_codes("cancelBooking", cancel) == []
    order = LastOrder(world, paying.clinic.customer)
    await order.receive_money()
    assert await order.refunded() == [("LATE_PAYMENT", REST)]
    assert "waitlist" not in await text_of_return(world)
    booking = await paying.now()
    assert (booking.state, booking.paid_online) == (BookingState.CANCELLED, 0)


@pytest.mark.parametrize(
    ("bps", "of_rest", "of_deposit"),
    [
        (10_000, [("CANCELLED", REST)], [("CANCELLED", DEPOSIT)]),
        (5_000, [("CANCELLED", PRICE // 2)], []),
        (8_000, [("CANCELLED", REST)], [("CANCELLED", PRICE * 8 // 10 - REST)]),
    ],
)
async def test_the_terms_give_back_a_part_of_all_that_was_paid(
    world: World,
    api: Client,
    bps: int,
    of_rest: list[tuple[str, int]],
    of_deposit: list[tuple[str, int]],
) -> None:
    paying = await with_deposit(world, api)
    deposit = await paying.order.order()
    rest = await pay_rest(paying)
    booking = await paying.now()
    booking.refund_tiers = [[60, bps]]
    await world.save(booking)
    cancel = cancel_input(booking, refundBps=bps)
    assert await paying.customer.refusal_codes("cancelBooking", cancel) == []
    assert await rest.refunded() == of_rest
    assert await refunds_of(world, deposit) == of_deposit
    booking = await paying.now()
    assert booking.paid_online == PRICE - sum(x for _, x in (*of_rest, *of_deposit))
    assert booking.due_at_visit == 0


async def test_a_cheaper_time_refunds_what_is_too_much(world: World, api: Client) -> None:
    paying = await with_deposit(world, api)
    rest = await pay_rest(paying)
    service = await world.fresh(paying.clinic.visit)
    service.price = PRICE - 50_00
    await world.save(service)
    moved = move_input(await paying.now(), paying.clinic.at(12))
    assert await paying.customer.refusal_codes("rescheduleBooking", moved) == []
    assert await rest.refunded() == [("CANCELLED", 50_00)]
    booking = await paying.now()
    assert (booking.paid_online, booking.due_at_visit) == (PRICE - 50_00, 0)
    assert await surplus(paying) == 0


async def test_a_deposit_that_is_taken_back_returns_the_rest(world: World, api: Client) -> None:
    paying = await with_deposit(world, api)
    await paying.order.deliver()
    deposit = await paying.order.line()
    rest = await pay_rest(paying)
    refund = {
        "suborderId": to_base64("SubOrder", str(deposit.suborder_id)),
        "lines": [{"lineId": gid(deposit), "quantity": 1}],
        "reason": "The doctor is ill.",
        "restock": True,
        **keyed(),
    }
    staff = api.signed_in(paying.clinic.owner)
    assert await staff.refusal_codes("grantRefund", refund) == []
    booking = await paying.now()
    assert (booking.state, await surplus(paying)) == (BookingState.CANCELLED, REST)
    await settle_surplus(world, booking)
    assert await rest.refunded() == [("CANCELLED", REST)]
    assert (await paying.now()).paid_online == 0
