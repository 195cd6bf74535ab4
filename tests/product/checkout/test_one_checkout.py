"""One payment for goods of two vendors, seats and a deposit, which goes back line by line."""

from collections import Counter
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import update

from core.clock import now
from models.bookings.bookings import Booking, BookingState
from models.bookings.claims import Claim
from models.events.dates import EventDate
from models.orders.lines import LineKind
from models.vendors import Vendor
from tests.client import gid
from tests.factories.buying import Buyer
from tests.factories.order_of_user import OrderOfUser
from tests.factories.paying import PayingShop
from tests.invariants import check_invariants
from tests.product.checkout.basket import DEPOSIT, GOODS, SEAT, TOTAL, Basket
from tests.resolvers.bookings.inputs import keyed

ORDER = """query ($id: ID!) { order(id: $id) {
  state paymentState amounts { total { amountMinor } refunded { amountMinor } }
  refunds { state amount { amountMinor } parts { paymentProvider } }
  invoices { invoiceKind total { amountMinor } issuer { id } corrects { issuer { id } } }
  suborders { state lines { id kind quantity cancelled shipped returned } } } }"""
NEXT_LOOK = text(
    "SELECT min(scheduled_at) FROM procrastinate_jobs"
    " WHERE task_name LIKE '%deliver_on_site' AND status = 'todo'"
)


async def bought(shop: PayingShop) -> Basket:
    """Return a basket that was paid by one payment."""
    basket = await Basket.fill(shop.world, shop.api)
    placed = await basket.place()
    assert placed["payment"]["amount"]["amountMinor"] == TOTAL
    (payment,) = await shop.payments(Buyer(shop.world, basket.user, basket.client))
    shop.pay(payment)
    await shop.webhooks()
    return basket


async def shown(basket: Basket) -> dict[str, Any]:
    found = await basket.client.ask(ORDER, id=gid(await basket.order()))
    order: dict[str, Any] = found["order"]
    return order


async def arrive(basket: Basket, vendor: Vendor) -> None:
    """Ship the goods of a vendor that are left, and report that they have arrived."""
    seller = await basket.seller(vendor)
    (line,) = await basket.lines(vendor, LineKind.GOODS)
    units = [{"lineId": gid(line), "quantity": line.quantity - line.cancelled}]
    part = {"suborderId": gid((await basket.parts())[vendor.id]), "lines": units, **keyed()}
    sent = await seller.do("createShipment", part, "shipment { id }")
    assert sent["errors"] == []
    report = {"shipmentId": sent["shipment"]["id"], "state": "DELIVERED", "at": now().isoformat()}
    assert await seller.refusal_codes("addTrackingEvent", report) == []


async def states(basket: Basket) -> list[str]:
    vendors = (basket.hall.vendor, basket.clinic.vendor)
    parts = await basket.parts()
    return [str(parts[one.id].state) for one in vendors]


async def end(basket: Basket, table: type[EventDate] | type[Booking]) -> None:
    """Let the date or the visit be over, as if time had passed."""
    over = {"starts_at": now() - timedelta(hours=3), "ends_at": now() - timedelta(hours=2)}
    whole = {name: moment.replace(second=0, microsecond=0) for name, moment in over.items()}
    async with basket.world.database.session() as session, session.begin():
        await session.exec(update(table).values(**whole))
        if table is Booking:
            await session.exec(
                update(Claim).values(
                    blocked_from=whole["starts_at"], blocked_until=whole["ends_at"]
                )
            )


async def test_one_payment_goes_back_line_by_line(shop: PayingShop) -> None:
    """A unit of goods and a seat go back whole, the deposit by the terms of its booking."""
    basket = await bought(shop)
    theatre, clinic = basket.hall.vendor, basket.clinic.vendor
    (goods,) = await basket.lines(theatre, LineKind.GOODS)
    one = {"lines": [{"lineId": gid(goods), "quantity": 1}], "reason": "One is enough."}
    of_order = {"orderId": gid(await basket.order()), **one, **keyed()}
    assert await basket.client.refusal_codes("cancelOrderLines", of_order) == []
    ticket = {"ticketId": (await basket.tickets())[0], **keyed()}
    assert await basket.client.refusal_codes("cancelTicket", ticket) == []
    visit = {"bookingId": basket.booking_id, **keyed()}
    assert await basket.client.refusal_codes("cancelBooking", visit) == []
    await shop.webhooks()
    order = await shown(basket)
    back = [GOODS, SEAT, DEPOSIT // 2]
    assert (order["state"], order["paymentState"]) == ("CONFIRMED", "PART_REFUNDED")
    assert order["amounts"] == {
        "total": {"amountMinor": TOTAL},
        "refunded": {"amountMinor": sum(back)},
    }
    assert Counter(one["amount"]["amountMinor"] for one in order["refunds"]) == Counter(back)
    assert {one["state"] for one in order["refunds"]} == {"SETTLED"}
    lines = [
        (one["kind"], one["cancelled"], one["shipped"])
        for part in order["suborders"]
        for one in part["lines"]
    ]
    assert lines == [
        ("GOODS", 1, 0),
        ("TICKET", 0, 1),
        ("TICKET", 0, 1),
        ("GOODS", 0, 0),
        ("BOOKING", 0, 1),
    ]
    documents = Counter(
        (one["invoiceKind"], one["issuer"]["id"], one["total"]["amountMinor"])
        for one in order["invoices"]
    )
    assert documents == Counter(
        [
            ("RECEIPT", gid(theatre), 2 * GOODS + 2 * SEAT),
            ("RECEIPT", gid(clinic), 2 * GOODS + DEPOSIT),
            ("CREDIT_NOTE", gid(theatre), GOODS),
            ("CREDIT_NOTE", gid(theatre), SEAT),
            ("CREDIT_NOTE", gid(clinic), DEPOSIT // 2),
        ]
    )
    assert (await basket.hall.states(0)).count("S") == 1
    assert (await basket.booking()).state is BookingState.CANCELLED
    assert sum(one["amount"] for one in shop.stand_in.objects("refund").values()) == sum(back)
    await check_invariants(shop.world.database)


async def test_a_part_is_delivered_after_its_date_though_its_goods_came_before(
    shop: PayingShop,
) -> None:
    """The vendor is paid after the date. The part of another vendor does not wait for it."""
    basket = await bought(shop)
    theatre, clinic = basket.hall.vendor, basket.clinic.vendor
    order = OrderOfUser(shop.world, basket.user)
    for vendor in (theatre, clinic):
        await arrive(basket, vendor)
    assert await states(basket) == ["SHIPPED", "SHIPPED"]
    for name in ("markSuborderDelivered", "confirmDelivery"):
        part = {"suborderId": gid((await basket.parts())[theatre.id])}
        client = basket.client if name == "confirmDelivery" else await basket.seller(theatre)
        assert await client.refusal_codes(name, part) == ["ORDER_STATE"]
    async with shop.world.database.session() as session:
        looks_at = await session.scalar(NEXT_LOOK)
    assert looks_at == (await basket.booking()).ends_at, "the first end, not the last one"
    await end(basket, Booking)
    await order.deliver()
    assert await states(basket) == ["SHIPPED", "DELIVERED"]
    await end(basket, EventDate)
    await order.deliver()
    assert await states(basket) == ["DELIVERED", "DELIVERED"]
    await check_invariants(shop.world.database)
