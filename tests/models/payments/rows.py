"""A payment that was captured, with a refund of one unit."""

from sqlalchemy.dialects.postgresql import Range

from models.orders.lines import OrderLine
from models.orders.orders import Order, SubOrder
from models.payments.payments import Payment, PaymentProvider, PaymentSplit, PaymentStatus
from models.payments.refunds import Refund, RefundLine, RefundPart, RefundReason
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    order = await world.first(Order)
    part, line = await world.first(SubOrder), await world.first(OrderLine)
    payment = Payment(
        order_id=order.id,
        provider=PaymentProvider.MANUAL,
        status=PaymentStatus.OPEN,
        amount=20_00,
        currency=order.currency,
        reference="BANK 1",
        captured=20_00,
        refunded=10_00,
    )
    refund = Refund(
        order_id=order.id,
        reason=RefundReason.CANCELLED,
        amount=10_00,
        granted_by_id=till.customer.id,
    )
    await world.save(
        payment,
        PaymentSplit(payment_id=payment.id, suborder_id=part.id, captured=20_00, refunded=10_00),
        refund,
        RefundLine(
            refund_id=refund.id,
            suborder_id=part.id,
            line_id=line.id,
            units=Range(0, 1),
            amount=10_00,
            tax=1_00,
        ),
        RefundPart(
            refund_id=refund.id,
            payment_id=payment.id,
            provider=PaymentProvider.MANUAL,
            amount=10_00,
            reference="BANK 2",
        ),
    )
