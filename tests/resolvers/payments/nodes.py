"""A payment and its refund, which the buyer and admins see."""

from sqlmodel import SQLModel

from core.clock import now
from models.payments.events import WebhookEvent
from models.payments.methods import PaymentMethod
from models.payments.payments import PaymentProvider
from models.payments.refunds import Refund, RefundPart, RefundReason
from tests.resolvers.scene import ADMIN, CUSTOMER, Scene

SEEN_BY = {
    "Payment": {CUSTOMER, ADMIN},
    "Refund": {CUSTOMER, ADMIN},
    "RefundPart": {CUSTOMER, ADMIN},
    "PaymentMethod": {CUSTOMER},
    "WebhookEvent": {ADMIN},
}


async def make(scene: Scene) -> dict[str, SQLModel]:
    placed = await scene.world.placed_order(scene.customer, [await scene.world.vendor()])
    payment = placed.payments[0]
    refund = Refund(order_id=placed.order.id, reason=RefundReason.GOODWILL, amount=0)
    way = RefundPart(
        refund_id=refund.id, payment_id=payment.id, provider=payment.provider, amount=1
    )
    method = PaymentMethod(
        user_id=scene.customer.id,
        provider=PaymentProvider.STRIPE,
        reference="pm_1",
        customer="cus_1",
        brand="visa",
        last4="4242",
    )
    event = WebhookEvent(
        provider=PaymentProvider.STRIPE,
        event_id="evt_1",
        kind="payment_intent.succeeded",
        about="PAYMENT",
        object_reference="pi_1",
        sent_at=now(),
    )
    await scene.world.save(refund, way, method, event)
    return {
        "Payment": payment,
        "Refund": refund,
        "RefundPart": way,
        "PaymentMethod": method,
        "WebhookEvent": event,
    }
