"""A payment and its refund, which the buyer and admins see."""

from sqlmodel import SQLModel

from models.payments.refunds import Refund, RefundPart, RefundReason
from tests.resolvers.scene import ADMIN, CUSTOMER, Scene

SEEN_BY = {
    "Payment": {CUSTOMER, ADMIN},
    "Refund": {CUSTOMER, ADMIN},
    "RefundPart": {CUSTOMER, ADMIN},
}


async def make(scene: Scene) -> dict[str, SQLModel]:
    placed = await scene.world.placed_order(scene.customer, [await scene.world.vendor()])
    payment = placed.payments[0]
    refund = Refund(order_id=placed.order.id, reason=RefundReason.GOODWILL, amount=0)
    way = RefundPart(
        refund_id=refund.id, payment_id=payment.id, provider=payment.provider, amount=1
    )
    await scene.world.save(refund, way)
    return {"Payment": payment, "Refund": refund, "RefundPart": way}
