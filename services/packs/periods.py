"""Periods of subscriptions: each has one purchase, which is charged by the mandate."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.ledger.accounts import WalletTooLow
from models.packs.packs import PackPrice
from models.packs.subscriptions import (
    GRACE,
    PackPeriod,
    PackSubscription,
    PeriodKind,
)
from models.payments.payments import Payment
from models.pricing.amounts import share
from models.purchases import PaymentNotOffered, Purchase, PurchaseKind, PurchaseState
from services.packs.outcomes import note_failed
from services.purchases.access import LockedPurchase
from services.purchases.paying import start_payment


async def begin_period(
    session: AsyncSession,
    subscription: PackSubscription,
    terms: PackPrice,
    starts_at: datetime,
    *,
    kind: PeriodKind = PeriodKind.RENEWAL,
    credit: int = 0,
) -> LockedPurchase:
    """Write a period and its purchase, which costs less by a credit. The caller charges it."""
    net = terms.net - credit
    tax = share(net, terms.tax_bps)
    upgrade = kind is PeriodKind.UPGRADE
    purchase = Purchase(
        user_id=subscription.user_id,
        owner_id=subscription.vendor_id,
        kind=PurchaseKind.PACK,
        ref_id=terms.pack_id,
        currency=subscription.currency,
        net=net,
        tax=tax,
        total=net + tax,
        hold_until=subscription.renews_at if upgrade else max(starts_at, now()) + GRACE,
    )
    period = PackPeriod(
        pack_subscription_id=subscription.id,
        starts_at=starts_at,
        ends_at=starts_at + subscription.period,
        kind=kind,
        purchase_id=purchase.id,
        net=terms.net,
        tax_bps=terms.tax_bps,
        credit=credit,
    )
    session.add_all([purchase, period])
    await session.flush()
    return LockedPurchase(purchase, [], subscription, period)


async def charge(session: AsyncSession, locked: LockedPurchase) -> None:
    """Charge a period without the buyer. A failure is noted, and tried again by the plan."""
    subscription, period = locked.subscription, locked.period
    if subscription is None or period is None:
        raise ValueError("Only purchases of subscriptions are charged without the buyer.")
    try:
        await start_payment(
            session,
            locked,
            subscription.provider,
            method_id=subscription.method_id,
            off_session=True,
        )
    except (WalletTooLow, PaymentNotOffered):
        await note_failed(session, subscription, period, locked.purchase)


async def find_open(session: AsyncSession, subscription: PackSubscription) -> LockedPurchase | None:
    """Return the purchase of a locked subscription that is not paid, locked, if there is one."""
    periods = (
        select(PackPeriod)
        .join(Purchase, col(Purchase.id) == PackPeriod.purchase_id)
        .where(
            PackPeriod.pack_subscription_id == subscription.id,
            Purchase.state == PurchaseState.PENDING,
        )
        .order_by(col(PackPeriod.starts_at).desc())
        .limit(1)
    )
    period = (await session.exec(periods)).first()
    if period is None:
        return None
    rows = select(Purchase).where(Purchase.id == period.purchase_id)
    purchase = (await session.exec(for_change(rows))).one()
    payments = select(Payment).where(Payment.purchase_id == purchase.id).order_by(col(Payment.id))
    found = (await session.exec(for_change(payments))).all()
    return LockedPurchase(purchase, [*found], subscription, period)
