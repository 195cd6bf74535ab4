"""Periods of subscriptions: each has one purchase, which is charged by the mandate."""

from datetime import datetime
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.ledger.accounts import WalletTooLow
from models.packs.packs import PackPrice
from models.packs.subscriptions import (
    GRACE,
    UPGRADE_TIME,
    PackPeriod,
    PackSubscription,
    PeriodKind,
)
from models.payments.ways import PaymentWay
from models.pricing.amounts import share
from models.purchases import Purchase, PurchaseKind
from services.packs.access import find_unpaid
from services.packs.outcomes import note_failed
from services.payments.calls.sending import CallSender
from services.purchases.access import LockedPurchase, lock_purchase
from services.purchases.paying import send_purchase_payment, start_payment


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
        hold_until=(
            min(subscription.renews_at, starts_at + UPGRADE_TIME)
            if upgrade
            else max(starts_at, now()) + GRACE
        ),
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
    return LockedPurchase(purchase, [])


async def charge(
    session: AsyncSession, subscription: PackSubscription, locked: LockedPurchase
) -> None:
    """Charge a period without a person. A wallet that has too little is tried again by the plan."""
    try:
        await start_payment(session, locked, way_of(subscription), off_session=True)
    except WalletTooLow:
        period = await find_period(session, locked.purchase)
        await note_failed(session, subscription, period, locked.purchase)


def way_of(subscription: PackSubscription) -> PaymentWay:
    return PaymentWay(provider=subscription.provider, method_id=subscription.method_id)


async def find_open(session: AsyncSession, subscription: PackSubscription) -> LockedPurchase | None:
    """Return the purchase of a locked subscription that waits for its payment, locked."""
    unpaid = await find_unpaid(session, subscription.id)
    return await lock_purchase(session, unpaid) if unpaid else None


async def send_period_payment(sender: CallSender, subscription_id: UUID) -> None:
    """Have the provider collect the payment of a period that was just begun, if there is one."""
    async with sender.transaction() as session:
        unpaid = await find_unpaid(session, subscription_id)
    if unpaid is not None:
        await send_purchase_payment(sender, unpaid)


async def find_period(session: AsyncSession, purchase: Purchase) -> PackPeriod:
    rows = select(PackPeriod).where(PackPeriod.purchase_id == purchase.id)
    return (await session.exec(rows)).one()
