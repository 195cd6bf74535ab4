"""Buying packs once, without a subscription."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_reliance
from gateways.payments.gateway import PaymentGateway
from models.errors import NotFound
from models.packs.packs import Pack
from models.payments.payments import PaymentProvider
from models.purchases import HOLD_TIME, Purchase, PurchaseKind
from services import idempotency
from services.packs.access import find_price
from services.purchases.access import (
    LockedPurchase,
    ensure_few_pending,
    lock_vendor_buyer,
    visible_purchases,
)
from services.purchases.paying import Way, ensure_offered, start_payment
from services.viewer import Viewer


async def buy_pack(
    session: AsyncSession,
    viewer: Viewer,
    *,
    vendor_id: UUID,
    pack_id: UUID,
    way: Way,
    gateways: Mapping[PaymentProvider, PaymentGateway],
    idempotency_key: str,
) -> Purchase:
    """Buy a pack for a vendor, once per key. Its quota comes with the payment.

    Raises `PackRetired`, `PackNotInCurrency`, `WalletTooLow`, `PaymentNotOffered`,
    `PurchaseLimitReached`, `VendorNotApproved` and `VendorSuspended`.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "buyPack",
        idempotency_key,
        vendor_id=vendor_id,
        pack_id=pack_id,
        **vars(way),
    )
    if claimed.replayed:
        rows = visible_purchases(viewer).where(Purchase.id == claimed.replayed)
        if (known := (await session.exec(rows)).first()) is None:
            raise NotFound
        return known
    vendor = await lock_vendor_buyer(session, viewer, vendor_id)
    vendor.ensure_approved()
    pack = await rely_on_pack(session, pack_id)
    price = await find_price(session, pack.id, vendor.currency)
    ensure_offered(gateways, way.provider, PurchaseKind.PACK, price.currency)
    await ensure_few_pending(session, vendor.id)
    purchase = Purchase(
        user_id=viewer.require_user(),
        owner_id=vendor.id,
        kind=PurchaseKind.PACK,
        ref_id=pack.id,
        currency=price.currency,
        net=price.net,
        tax=price.tax,
        total=price.total,
        hold_until=now() + HOLD_TIME,
    )
    session.add(purchase)
    await start_payment(session, LockedPurchase(purchase, []), way)
    await idempotency.record_result(session, claimed, purchase.id)
    return purchase


async def rely_on_pack(session: AsyncSession, pack_id: UUID) -> Pack:
    """Return a pack that is sold, locked shared. Raises `NotFound` and `PackRetired`."""
    pack = (await session.exec(for_reliance(select(Pack).where(Pack.id == pack_id)))).first()
    if pack is None:
        raise NotFound(field=["packId"])
    pack.ensure_active()
    return pack
