"""Amounts paid for a booking: taxes on top of its price, discounts of codes, and its terms."""

from typing import Any

import pytest
from sqlmodel import col, update

from core.clock import now
from models.bookings.bookings import BookingState
from models.bookings.setting_up.services import ServiceResource
from models.vendors import MemberRole
from services.bookings.ordering.refunding import settle_no_show
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.buying import Unheard
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.bookings.inputs import cancel_input, move_input
from tests.resolvers.bookings.paying import DEPOSIT, PRICE, PayingCustomer
from tests.resolvers.bookings.payments.test_balances import (
    REST,
    LastOrder,
    at_desk,
    pay_rest,
    settle_surplus,
    with_deposit,
)

DUE = "query ($id: ID!) { booking(id: $id) { dueAtVisit { amountMinor } } }"


def taxed(amount: int) -> int:
    return amount + amount * 18 // 100


async def with_tax_on_top(world: World, api: Client, **values: Any) -> PayingCustomer:
    """Return the customer of a vendor whose prices are without their tax of 18 %."""
    paying = await PayingCustomer.begin(world, api, **values)
    vendor = paying.clinic.vendor
    vendor.subdivision = "Karnataka"
    await world.save(vendor)
    await world.tax_rate()
    await world.tax_registration(vendor, prices_include_tax=False)
    await paying.buy()
    return paying


async def cheaper_with_ravi(world: World, paying: PayingCustomer, price: int) -> dict[str, Any]:
    """Return the input of a move to a time with a price of its own."""
    of_ravi = update(ServiceResource).where(
        col(ServiceResource.resource_id) == paying.clinic.ravi.id
    )
    async with world.database.session() as session, session.begin():
        await session.exec(of_ravi.values(price=price))
    return move_input(await paying.now(), paying.clinic.at(15), paying.clinic.ravi)


async def due_at_visit(paying: PayingCustomer) -> int:
    shown = await paying.customer.ask(DUE, id=gid(paying.booking))
    amount: int = shown["booking"]["dueAtVisit"]["amountMinor"]
    return amount


async def test_a_tax_on_top_pays_nothing_of_the_price(world: World, api: Client) -> None:
    paying = await with_tax_on_top(world, api)
    assert (await paying.now()).paid_online == taxed(DEPOSIT)
    assert await due_at_visit(paying) == REST


async def test_a_move_keeps_the_tax_of_a_price_that_stays(world: World, api: Client) -> None:
    paying = await with_tax_on_top(world, api, due_online=PRICE)
    input = move_input(await paying.now(), paying.clinic.at(15))
    assert await paying.customer.refusal_codes("rescheduleBooking", input) == []
    assert await paying.order.refunded() == []
    assert (await paying.now()).paid_online == taxed(PRICE)


async def test_a_cheaper_time_refunds_its_tax_too(world: World, api: Client) -> None:
    paying = await with_tax_on_top(world, api, due_online=PRICE)
    input = await cheaper_with_ravi(world, paying, PRICE - 100_00)
    assert await paying.customer.refusal_codes("rescheduleBooking", input) == []
    assert await paying.order.refunded() == [("CANCELLED", taxed(100_00))]


async def test_the_tax_of_the_rest_is_no_surplus(world: World, api: Client) -> None:
    paying = await with_tax_on_top(world, api)
    rest = await pay_rest(paying)
    booking = await paying.now()
    await settle_surplus(world, booking)
    assert await rest.refunded() == []
    assert (await paying.now()).paid_online == taxed(PRICE)
    assert await due_at_visit(paying) == 0


async def test_a_surplus_goes_back_with_its_tax(world: World, api: Client) -> None:
    paying = await with_tax_on_top(world, api)
    await paying.place()
    assert await at_desk(api, paying, 100_00) == []
    rest = LastOrder(world, paying.clinic.customer)
    await rest.pay()
    await settle_surplus(world, await paying.now())
    assert await rest.refunded() == [("CANCELLED", taxed(100_00))]
    assert await due_at_visit(paying) == 0
    await check_invariants(world.database)


async def test_a_no_show_pays_the_tax_of_the_fee(world: World, api: Client) -> None:
    paying = await with_tax_on_top(world, api)
    missed = await paying.now()
    missed.state, missed.ended_at = BookingState.NO_SHOW, now()
    await world.save(missed)
    async with Transactions(world.database, Unheard()).begin() as session:
        await settle_no_show(session, missed.id, missed.ended_at)
    assert (await paying.now()).paid_online == taxed(PRICE // 5)


async def test_a_discount_of_the_rest_is_not_due_at_the_visit(world: World, api: Client) -> None:
    paying = await with_deposit(world, api)
    code = await world.promo_code()
    checkout = await paying.check_out()
    entered = {"checkoutId": checkout["id"], "code": code.code}
    assert await paying.customer.refusal_codes("applyPromoCode", entered) == []
    rest = await pay_rest(paying)
    await settle_surplus(world, await paying.now())
    assert await rest.refunded() == []
    assert (await paying.now()).paid_balance == REST * 9 // 10
    assert await due_at_visit(paying) == 0


@pytest.mark.parametrize(
    ("tiers", "back", "price"),
    [
        ([[60, 10_000]], PRICE - 100_00, 100_00),
        ([[60, 5_000]], 0, PRICE),
        ([], 0, PRICE),
    ],
)
async def test_a_cheaper_time_gives_back_nothing_that_the_terms_keep(
    world: World, api: Client, tiers: list[list[int]], back: int, price: int
) -> None:
    """Two moves give no more than one, and cancelling gives no more than before them."""
    paying = await PayingCustomer.begin(world, api, due_online=PRICE, refund_tiers=tiers)
    await paying.buy()
    input = await cheaper_with_ravi(world, paying, 100_00)
    assert await paying.customer.refusal_codes("rescheduleBooking", input) == []
    again = move_input(await paying.now(), paying.clinic.at(16), paying.clinic.ravi)
    assert await paying.customer.refusal_codes("rescheduleBooking", again) == []
    moved = await paying.now()
    assert (moved.price, moved.paid_online) == (price, PRICE - back)
    assert await paying.order.refunded() == ([("CANCELLED", back)] if back else [])
    assert await due_at_visit(paying) == 0


async def test_an_unpaid_part_of_the_price_falls_with_it(world: World, api: Client) -> None:
    paying = await PayingCustomer.begin(world, api, refund_tiers=[])
    await paying.buy()
    input = await cheaper_with_ravi(world, paying, 100_00)
    assert await paying.customer.refusal_codes("rescheduleBooking", input) == []
    moved = await paying.now()
    assert (moved.price, moved.paid_online) == (DEPOSIT, DEPOSIT)
    assert await due_at_visit(paying) == 0


async def test_a_cheaper_time_that_the_vendor_chooses_is_a_refund(
    world: World, api: Client
) -> None:
    paying = await PayingCustomer.begin(world, api, due_online=PRICE, refund_tiers=[])
    await paying.buy()
    staff = api.signed_in(await paying.clinic.member(MemberRole.STAFF))
    input = await cheaper_with_ravi(world, paying, 100_00)
    assert await staff.refusal_codes("rescheduleBooking", input) == []
    assert await paying.order.refunded() == [("CANCELLED", PRICE - 100_00)]


async def test_the_terms_of_cancelling_are_not_for_a_surplus(world: World, api: Client) -> None:
    """The customer cancels before the job that returns it has run."""
    paying = await with_deposit(world, api)
    await paying.place()
    assert await at_desk(api, paying, REST) == []
    rest = LastOrder(world, paying.clinic.customer)
    await rest.pay()
    booking = await paying.now()
    booking.refund_tiers = [[60, 5_000]]
    await world.save(booking)
    cancel = cancel_input(booking)
    assert await paying.customer.refusal_codes("cancelBooking", cancel) == []
    await settle_surplus(world, booking)
    assert await rest.refunded() == [("CANCELLED", REST)]
    assert (await paying.now()).paid_online == DEPOSIT // 2
    await check_invariants(world.database)
