"""Debts that vendors pay: by card on the page of a provider, or by a transfer."""

from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.payments.ways import PaymentWay
from models.payouts.debts import DebtPaymentOpen, DebtTooSmall
from models.purchases import HOLD_TIME, Purchase, PurchaseKind, PurchaseState
from services import idempotency
from services.payments.ways import WaysToPay
from services.payouts.balances import read_available
from services.purchases.access import LockedPurchase, lock_vendor_buyer, read_purchase
from services.purchases.paying import ensure_possible, start_payment
from services.viewer import Viewer


async def pay_debt(
    session: AsyncSession,
    viewer: Viewer,
    *,
    vendor_id: UUID,
    amount: int | None,
    way: PaymentWay,
    ways: WaysToPay,
    idempotency_key: str,
) -> Purchase:
    """Pay what a vendor owes, or a part of it, once per key.

    The vendor is locked: one payment waits at a time, so that a debt is not paid twice. Raises
    `DebtTooSmall`, `DebtPaymentOpen`, what `ensure_possible` raises, and `NotFound`.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "payDebt",
        idempotency_key,
        vendor_id=vendor_id,
        amount=amount,
        way=way.model_dump(),
    )
    if claimed.replayed:
        return await read_purchase(session, viewer, claimed.replayed)
    vendor = await lock_vendor_buyer(session, viewer, vendor_id)
    owed = -await read_available(session, vendor.id, vendor.currency)
    wanted = owed if amount is None else amount
    if not 0 < wanted <= owed:
        raise DebtTooSmall(field=["amountMinor"])
    await _ensure_none_waits(session, vendor.id)
    purchase = Purchase(
        user_id=viewer.require_user(),
        owner_id=vendor.id,
        kind=PurchaseKind.DEBT,
        currency=vendor.currency,
        net=wanted,
        total=wanted,
        hold_until=now() + HOLD_TIME,
    )
    await ensure_possible(session, viewer, ways, way, purchase)
    session.add(purchase)
    await start_payment(session, LockedPurchase(purchase, []), way)
    await idempotency.record_result(session, claimed, purchase.id)
    return purchase


async def _ensure_none_waits(session: AsyncSession, vendor_id: UUID) -> None:
    waiting = select(Purchase.id).where(
        Purchase.owner_id == vendor_id,
        Purchase.kind == PurchaseKind.DEBT,
        Purchase.state == PurchaseState.PENDING,
    )
    if (await session.exec(waiting)).first() is not None:
        raise DebtPaymentOpen
