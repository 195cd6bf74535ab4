"""A pack with its price, quota that was used, a subscription with a period, and a rule."""

from datetime import timedelta

from core.clock import now
from core.ids import new_id
from models.packs.grants import PackGrant, PackRule, QuotaUse
from models.packs.packs import Pack, PackPrice, QuotaUnit
from models.packs.subscriptions import PackPeriod, PackSubscription
from models.payments.methods import PaymentMethod
from models.payments.payments import PaymentProvider
from models.purchases import Purchase, PurchaseKind
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    start, end = now(), now() + timedelta(days=30)
    pack = Pack(title={"en": "Five offers"}, unit=QuotaUnit.OFFER, quota=5, period_days=30)
    purchase = Purchase(
        user_id=till.customer.id,
        owner_id=till.vendor.id,
        kind=PurchaseKind.PACK,
        ref_id=pack.id,
        currency="EUR",
        net=100,
        total=100,
        hold_until=end,
    )
    grant = PackGrant(
        vendor_id=till.vendor.id,
        purchase_id=purchase.id,
        pack_id=pack.id,
        unit=QuotaUnit.OFFER,
        granted=5,
        used=1,
        currency="EUR",
        net=100,
        earned=20,
        starts_at=start,
        ends_at=end,
    )
    method = PaymentMethod(
        user_id=till.customer.id,
        provider=PaymentProvider.STRIPE,
        reference="pm_pack",
        customer="cus_pack",
        brand="visa",
        last4="4242",
    )
    subscription = PackSubscription(
        vendor_id=till.vendor.id,
        user_id=till.customer.id,
        pack_id=pack.id,
        unit=QuotaUnit.OFFER,
        period_days=30,
        currency="EUR",
        net=100,
        provider=method.provider,
        method_id=method.id,
        renews_at=end,
    )
    period = PackPeriod(
        pack_subscription_id=subscription.id,
        starts_at=start,
        ends_at=end,
        purchase_id=purchase.id,
        net=100,
    )
    await world.save(
        method,
        pack,
        PackPrice(pack_id=pack.id, currency="EUR", net=100),
        purchase,
        grant,
        QuotaUse(pack_grant_id=grant.id, subject_id=new_id(), quantity=1),
        PackRule(vendor_id=till.vendor.id, required=True),
        subscription,
        period,
    )
