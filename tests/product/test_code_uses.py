"""A use of a promo code comes back from whatever was cancelled, if nothing of it is kept."""

import pytest

from models.pricing.discounts import PromoKind
from models.promos.codes import PromoCode
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.buying import PRICE, Buyer, Stall
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.bookings.inputs import cancel_input
from tests.resolvers.bookings.paying import PayingCustomer
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.inputs import keyed
from tests.resolvers.events.ordering import TicketOrder

ALL, HALF, OFF = 10_000, 5_000, 1_000


async def code_of(world: World) -> PromoCode:
    return await world.promo_code(kind=PromoKind.AMOUNT, value=OFF, capacity=1)


async def used(world: World, code: PromoCode) -> int:
    await check_invariants(world.database)
    fresh: PromoCode = await world.fresh(code)
    return fresh.used


@pytest.mark.parametrize(
    ("terms", "by_vendor", "left"), [(ALL, False, 0), (HALF, False, 1), (0, False, 1), (0, True, 0)]
)
async def test_of_a_booking(
    world: World, api: Client, terms: int, by_vendor: bool, left: int
) -> None:
    code = await code_of(world)
    paying = await PayingCustomer.begin(world, api, refund_tiers=[[0, terms]] if terms else [])
    checkout = await paying.check_out()
    entered = {"checkoutId": checkout["id"], "code": code.code}
    shown = "checkout { totals { total { amountMinor } } }"
    found = (await paying.customer.do("applyPromoCode", entered, shown))["checkout"]
    total = found["totals"]["total"]["amountMinor"]
    input = {"checkoutId": checkout["id"], "expectedTotalMinor": total, **keyed()}
    assert await paying.customer.refusal_codes("placeOrder", input) == []
    await paying.order.pay()
    assert await used(world, code) == 1
    staff = api.signed_in(await new_member(world, paying.clinic.vendor, MemberRole.STAFF))
    client = staff if by_vendor else paying.customer
    cancelled = cancel_input(await paying.now(), reason="Ill")
    assert await client.refusal_codes("cancelBooking", cancelled) == []
    assert await used(world, code) == left


@pytest.mark.parametrize(("bps", "left"), [(ALL, 0), (HALF, 1)])
async def test_of_tickets(world: World, api: Client, bps: int, left: int) -> None:
    """The last of them gives it back."""
    code = await code_of(world)
    office = await BoxOffice.open(world, refund_hours=24, refund_bps=bps)
    order = await TicketOrder.begin(office, api, quantity=2)
    checkout = await order.check_out()
    entered = {"checkoutId": checkout["id"], "code": code.code}
    shown = "checkout { id totals { total { amountMinor } } }"
    found = (await order.client.do("applyPromoCode", entered, shown))["checkout"]
    assert await order.client.refusal_codes("placeOrder", order.input(found)) == []
    await order.pay()
    first, last = await order.tickets()
    assert await order.client.refusal_codes("cancelTicket", keyed(ticketId=gid(first))) == []
    assert await used(world, code) == 1
    assert await order.client.refusal_codes("cancelTicket", keyed(ticketId=gid(last))) == []
    assert await used(world, code) == left


async def test_of_goods(world: World, api: Client) -> None:
    """Units that are cancelled give it back, and those that were shipped do not."""
    shop, code = await Stall.open(world), await code_of(world)
    buyer = await Buyer.create(world, api)
    total = PRICE - OFF
    await buyer.fill(shop.variant, codes=(code,), wallet=total)
    await world.fund(buyer.user, total)
    placed = await buyer.place(total, provider="WALLET")
    assert await used(world, code) == 1
    given = {"orderId": placed["order"]["id"], **keyed()}
    assert await buyer.client.refusal_codes("cancelOrder", given) == []
    assert await used(world, code) == 0
