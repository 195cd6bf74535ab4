"""Tickets that are paid by card: a payment that ends is begun again for the same hold."""

import httpx
from sqlmodel import col, select

from models.events.selling.holds import HoldState
from models.events.tickets import Ticket
from models.orders.lines import LineKind
from models.orders.states import OrderState
from models.payments.payments import PaymentStatus
from payments_stand_in.state import SECRET_KEY
from tests.client import gid
from tests.factories.buying import PRICE, Buyer
from tests.factories.paying import CARD, FIELDS, PayingShop
from tests.invariants import check_invariants
from tests.invariants.ledger import check_books
from tests.resolvers.events.box_office import BoxOffice


async def test_a_payment_that_the_provider_cancels_is_begun_again_for_the_same_hold(
    shop: PayingShop,
) -> None:
    office = await BoxOffice.open(shop.world, capacity=1)
    buyer = await Buyer.create(shop.world, shop.api)
    hold = await office.hold(buyer.user)
    items = [{"kind": LineKind.TICKET, "id": str(hold.id), "quantity": 1}]
    await buyer.fill(shop.stall.variant, items=items)
    given = buyer.input(PRICE + office.kind.price, **CARD)
    assert (await buyer.client.do("placeOrder", given, FIELDS))["errors"] == []
    first = await shop.payment(buyer)
    cancel = f"{shop.stand_in.url}/v1/payment_intents/{first.reference}/cancel"
    async with httpx.AsyncClient(auth=(SECRET_KEY, "")) as stripe:
        (await stripe.post(cancel)).raise_for_status()
    await shop.webhooks()
    assert (await shop.payment(buyer)).status is PaymentStatus.CANCELLED
    order = await buyer.order()
    assert order.state is OrderState.PENDING
    assert (await shop.world.fresh(hold)).state is HoldState.CHECKOUT
    again = {"orderId": gid(order), "idempotencyKey": "again", **CARD}
    assert (await buyer.client.do("retryPayment", again, FIELDS))["errors"] == []
    shop.pay(await shop.payment(buyer))
    await shop.webhooks()
    assert (await buyer.order()).state is OrderState.CONFIRMED
    rows = select(Ticket.hold_id).where(col(Ticket.holder_id) == buyer.user.id)
    async with shop.world.database.session() as session:
        assert (await session.exec(rows)).all() == [hold.id]
    assert await office.taken() == 1
    await check_invariants(shop.world.database)
    await check_books(shop.world.database)
