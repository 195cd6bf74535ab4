"""Buying packs once, without a subscription."""

from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_reliance
from models.errors import NotFound
from models.packs.packs import Pack
from models.payments.ways import PaymentWay
from models.purchases import HOLD_TIME, Purchase, PurchaseKind
from services import idempotency
from services.packs.access import find_price
from services.payments.ways import WaysToPay
from services.purchases.access import (
    LockedPurchase,
    ensure_few_pending,
    lock_vendor_buyer,
    read_purchase,
)
from services.purchases.paying import ensure_possible, start_payment
from services.viewer import Viewer


async def buy_pack(
    session: AsyncSession,
    viewer: Viewer,
    *,
    vendor_id: UUID,
    pack_id: UUID,
    way: PaymentWay,
    ways: WaysToPay,
    idempotency_key: str,
) -> Purchase:
    """Buy a pack for a vendor, once per key. Its quota comes with the payment.

    Raises `PackRetired`, `PackNotInCurrency`, `WalletTooLow`, what `ensure_possible` raises,
    `PurchaseLimitReached`, `VendorNotApproved` and `VendorSuspended`.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "buyPack",
        idempotency_key,
        vendor_id=vendor_id,
        pack_id=pack_id,
        way=way.model_dump(),
    )
    if claimed.replayed:
        return await read_purchase(session, viewer, claimed.replayed)
    vendor = await lock_vendor_buyer(session, viewer, vendor_id)
    vendor.ensure_approved()
    pack = await rely_on_pack(session, pack_id)
    price = await find_price(session, pack.id, vendor.currency)
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
    await ensure_possible(session, viewer, ways, way, purchase)
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
