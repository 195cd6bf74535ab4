"""A retired pack with quota that was used, and a subscription to it, of a vendor."""

from sqlmodel import SQLModel

from core.clock import now
from core.ids import new_id
from models.packs.grants import QuotaUse
from models.packs.packs import PackState
from models.packs.subscriptions import PackSubscription
from models.payments.payments import PaymentProvider
from tests.resolvers.scene import ADMIN, OWNER, Scene

SEEN_BY = {name: {OWNER, ADMIN} for name in ("Pack", "PackGrant", "QuotaUse", "PackSubscription")}


async def make(scene: Scene) -> dict[str, SQLModel]:
    world = scene.world
    pack = await world.pack(state=PackState.RETIRED)
    grant = await world.bought(scene.vendor, scene.owner, pack, used=1)
    use = QuotaUse(pack_grant_id=grant.id, subject_id=new_id(), quantity=1)
    subscription = PackSubscription(
        vendor_id=scene.vendor.id,
        user_id=scene.owner.id,
        pack_id=pack.id,
        unit=pack.unit,
        period_days=30,
        currency="INR",
        net=100_00,
        provider=PaymentProvider.WALLET,
        renews_at=now(),
    )
    await world.save(use, subscription)
    return {"Pack": pack, "PackGrant": grant, "QuotaUse": use, "PackSubscription": subscription}
