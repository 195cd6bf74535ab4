"""Top-ups: users and vendors buy money for their wallets."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.money import in_major_units
from models.errors import InvalidInput
from models.payments.ways import PaymentWay
from models.purchases import (
    HOLD_TIME,
    TOP_UP_LIMITS,
    VENDOR_FACTOR,
    Purchase,
    PurchaseKind,
    TopUpNotOffered,
    TopUpOutOfRange,
)
from services import idempotency
from services.payments.ways import WaysToPay
from services.purchases.access import (
    LockedPurchase,
    ensure_few_pending,
    lock_user_buyer,
    lock_vendor_buyer,
    read_purchase,
)
from services.purchases.paying import ensure_possible, start_payment
from services.purchases.room import ensure_room
from services.viewer import Viewer


async def top_up_wallet(
    session: AsyncSession,
    viewer: Viewer,
    *,
    vendor_id: UUID | None,
    amount: int,
    currency: str,
    way: PaymentWay,
    ways: WaysToPay,
    idempotency_key: str,
) -> Purchase:
    """Buy money for the viewer's wallet, or for that of a vendor, once per key.

    Raises `TopUpNotOffered`, `TopUpOutOfRange`, `WalletFull`, `PurchaseLimitReached`,
    what `ensure_possible` raises, and `NotFound` for other vendors.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "topUpWallet",
        idempotency_key,
        vendor_id=vendor_id,
        amount=amount,
        currency=currency,
        way=way.model_dump(),
    )
    if claimed.replayed:
        return await read_purchase(session, viewer, claimed.replayed)
    owner_id = await _lock_owner(session, viewer, vendor_id, currency)
    _ensure_in_range(amount, currency, of_vendor=vendor_id is not None)
    await ensure_few_pending(session, owner_id)
    await ensure_room(session, owner_id, amount, currency, of_vendor=vendor_id is not None)
    purchase = Purchase(
        user_id=viewer.require_user(),
        owner_id=owner_id,
        kind=PurchaseKind.TOP_UP,
        currency=currency,
        net=amount,
        total=amount,
        hold_until=now() + HOLD_TIME,
    )
    await ensure_possible(session, viewer, ways, way, purchase)
    session.add(purchase)
    await start_payment(session, LockedPurchase(purchase, []), way)
    await idempotency.record_result(session, claimed, purchase.id)
    return purchase


async def _lock_owner(
    session: AsyncSession, viewer: Viewer, vendor_id: UUID | None, currency: str
) -> UUID:
    if vendor_id is None:
        return await lock_user_buyer(session, viewer)
    vendor = await lock_vendor_buyer(session, viewer, vendor_id)
    if vendor.currency != currency:
        raise InvalidInput(
            "The vendor's currency is {currency}. Use it for this amount.",
            currency=vendor.currency,
            field=["currency"],
        )
    return vendor.id


def _ensure_in_range(amount: int, currency: str, *, of_vendor: bool) -> None:
    limits = TOP_UP_LIMITS.get(currency)
    if limits is None:
        raise TopUpNotOffered(currency=currency)
    most = limits.most * (VENDOR_FACTOR if of_vendor else 1)
    if not limits.least <= amount <= most:
        raise TopUpOutOfRange(
            least=in_major_units(limits.least, currency),
            most=in_major_units(most, currency),
            currency=currency,
            field=["amountMinor"],
        )
