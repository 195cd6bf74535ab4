"""An order with one line, as it is placed, a reservation of its units, and a return."""

from datetime import timedelta

from core.clock import now
from models.catalog.variants import Variant
from models.checkouts import Checkout
from models.events.date_changes import DateChange, TicketRefund
from models.events.ticket_links import TicketLink
from models.orders.lines import LineKind, LineTax, OrderLine
from models.orders.orders import Order, SubOrder
from models.orders.returns import ReturnLine, ReturnRequest
from models.orders.states import PaymentState
from models.orders.timeline import OrderActor, OrderStep, OrderStepKind
from models.pricing.taxes import TaxComponent
from models.stock.reservations import Reservation
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.models.downloads.sold import make_sold


async def make(world: World, till: Till) -> None:
    variant, checkout = await world.first(Variant), await world.first(Checkout)
    order = Order(
        number="7QX4M2K9",
        user_id=till.customer.id,
        checkout_id=checkout.id,
        currency=checkout.currency,
        goods=20_00,
        total=20_00,
        paid=20_00,
        payment_state=PaymentState.PAID,
        country="IN",
        hold_until=now() + timedelta(minutes=15),
    )
    part = SubOrder(
        order_id=order.id,
        vendor_id=till.vendor.id,
        position=0,
        goods=20_00,
        total=20_00,
        vendor_net=20_00,
    )
    line = OrderLine(
        suborder_id=part.id,
        position=0,
        kind=LineKind.GOODS,
        ref_id=variant.id,
        locale="en",
        title={"en": "Mug"},
        quantity=2,
        unit=10_00,
        goods=20_00,
        taxable=18_00,
        tax=2_00,
        total=20_00,
    )
    request = ReturnRequest(suborder_id=part.id, buyer_id=till.customer.id, reason="Too small")
    await world.save(
        order,
        TicketLink(order_id=order.id, user_id=till.customer.id, secret_hash=b"1" * 32),
        part,
        line,
        LineTax(
            line_id=line.id, component=TaxComponent.VAT, rate_bps=1100, taxable=18_00, tax=2_00
        ),
        OrderStep(
            order_id=order.id,
            suborder_id=part.id,
            kind=OrderStepKind.PLACED,
            actor=OrderActor.BUYER,
            user_id=till.customer.id,
        ),
        Reservation(order_id=order.id, variant_id=variant.id, quantity=2),
        request,
        ReturnLine(return_id=request.id, line_id=line.id, quantity=1),
        TicketRefund(
            change_id=(await world.first(DateChange)).id, order_line_id=line.id, tickets=1
        ),
    )
    await make_sold(world, till, line)
