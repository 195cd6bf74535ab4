"""A purchase of a pack that was paid."""

from core.clock import now
from core.ids import new_id
from models.purchases import Purchase, PurchaseKind, PurchaseState
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    purchase = Purchase(
        user_id=till.customer.id,
        owner_id=till.vendor.id,
        kind=PurchaseKind.PACK,
        ref_id=new_id(),
        state=PurchaseState.PAID,
        currency="EUR",
        net=100,
        tax=18,
        total=118,
        hold_until=now(),
        paid_at=now(),
    )
    await world.save(purchase)
