"""A dispute, which admins and the members of its vendors see."""

from sqlmodel import SQLModel

from models.payments.disputes import Dispute, DisputeShare, DisputeState
from models.payments.payments import PaymentProvider
from tests.factories.orders import PlacedOrder
from tests.resolvers.scene import ADMIN, OWNER, Scene

SEEN_BY = {"Dispute": {ADMIN, OWNER}}


def dispute_of(
    placed: PlacedOrder, state: DisputeState = DisputeState.WARNING
) -> tuple[Dispute, DisputeShare]:
    """Make a dispute of the payment of an order, with the share of its first part."""
    dispute = Dispute(
        payment_id=placed.payments[0].id,
        provider=PaymentProvider.STRIPE,
        reference="dp_1",
        dispute_state=state,
        reason="fraudulent",
        amount=1_000,
        currency=placed.order.currency,
    )
    share = DisputeShare(dispute_id=dispute.id, suborder_id=placed.suborders[0].id, amount=1_000)
    return dispute, share


async def make(scene: Scene) -> dict[str, SQLModel]:
    placed = await scene.world.placed_order(scene.customer, [scene.vendor])
    dispute, share = dispute_of(placed)
    await scene.world.save(dispute, share)
    return {"Dispute": dispute}
