"""Outcomes of payments, and their effects on the subscriptions whose periods they pay.

The caller has locked the purchase, and then the subscription.
"""

from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.members import Permission
from models.notifications.inbox import NotificationKind
from models.packs.grants import PackGrant
from models.packs.subscriptions import PackPeriod, PackSubscription, PeriodKind
from models.purchases import Purchase, PurchaseState
from services.packs.entries import publish_balance
from services.packs.granting import end_grant
from services.vendors.member_notices import notify_members


async def note_paid(
    session: AsyncSession, subscription: PackSubscription, period: PackPeriod, grant: PackGrant
) -> None:
    """Note that a period was paid. An UPGRADE takes its place now, unless time went past it.

    What its credit was for can be gone by now: units that were used, or refunded, while the bank
    asked the buyer. So many units of the new period are gone too.
    """
    if period.kind is PeriodKind.UPGRADE:
        moved = 0
        if subscription.is_open and await _is_newest(session, period):
            moved = await _upgrade(session, subscription, period, grant)
        grant.lower(period.net, period.credit - moved)
    elif subscription.is_open and period.ends_at == subscription.renews_at:
        subscription.note_payment()
    publish_balance(session, subscription.vendor_id)


async def note_failed(
    session: AsyncSession, subscription: PackSubscription, period: PackPeriod, purchase: Purchase
) -> None:
    """Note that a charge failed: it is tried again by its plan, and then the subscription ends.

    An UPGRADE that fails is not tried again: the subscription goes on as it is.
    """
    if period.kind is PeriodKind.UPGRADE:
        purchase.become(PurchaseState.EXPIRED)
        return
    if not subscription.is_open or period.ends_at != subscription.renews_at:
        return
    if subscription.note_failure(period.starts_at):
        kind = NotificationKind.PACK_PAYMENT_FAILED
        number = _day_of(period.starts_at) * 10 + subscription.failures
        await _notify(session, subscription, kind, number)
    else:
        purchase.become(PurchaseState.EXPIRED)
        await end_subscription(session, subscription)
    publish_balance(session, subscription.vendor_id)


async def note_expired(
    session: AsyncSession, subscription: PackSubscription, period: PackPeriod
) -> None:
    """End a subscription whose period was not paid in time."""
    is_current = period.ends_at == subscription.renews_at
    if period.kind is PeriodKind.RENEWAL and subscription.is_open and is_current:
        await end_subscription(session, subscription)


async def end_subscription(session: AsyncSession, subscription: PackSubscription) -> None:
    """End a locked subscription, and notify the members."""
    subscription.end(now())
    await _notify(session, subscription, NotificationKind.PACK_SUBSCRIPTION_ENDED, 0)
    publish_balance(session, subscription.vendor_id)


async def announce_renewal(session: AsyncSession, subscription: PackSubscription) -> None:
    """Notify the members of the next debit, a day before it or earlier."""
    subscription.announced_at = now()
    number = _day_of(subscription.renews_at)
    await _notify(session, subscription, NotificationKind.PACK_RENEWAL_COMING, number)


async def _upgrade(
    session: AsyncSession, subscription: PackSubscription, period: PackPeriod, grant: PackGrant
) -> int:
    """Put the new period in the place of the present one, whose quota ends.

    The value of its unused days, which the purchase was reduced by, moves to the new grant. Returns
    how much of it there still is.
    """
    moved, old = 0, await _lock_last_grant(session, subscription, period)
    if old is not None and old.ended_at is None:
        moved = min(period.credit, old.net - old.earned)
        old.net -= moved
        grant.net += moved
        await end_grant(session, old, now())
    subscription.pack_id, subscription.net = grant.pack_id, period.net
    subscription.tax_bps, subscription.renews_at = period.tax_bps, period.ends_at
    subscription.announced_at = None
    subscription.next_pack_id = subscription.next_net = subscription.next_tax_bps = None
    await session.flush()
    return moved


async def _is_newest(session: AsyncSession, period: PackPeriod) -> bool:
    newest = select(func.max(PackPeriod.starts_at)).where(
        PackPeriod.pack_subscription_id == period.pack_subscription_id
    )
    return (await session.exec(newest)).one() == period.starts_at


async def _lock_last_grant(
    session: AsyncSession, subscription: PackSubscription, period: PackPeriod
) -> PackGrant | None:
    """Return the grant of the last period before one, locked."""
    earlier = select(PackPeriod.purchase_id).where(
        PackPeriod.pack_subscription_id == subscription.id,
        col(PackPeriod.starts_at) < period.starts_at,
    )
    rows = select(PackGrant).where(col(PackGrant.purchase_id).in_(earlier))
    return (
        await session.exec(for_change(rows.order_by(col(PackGrant.ends_at).desc()).limit(1)))
    ).first()


def _day_of(moment: datetime) -> int:
    """Return the number of a day, which counts the notifications about a subscription."""
    return int(moment.timestamp()) // 86_400


async def _notify(
    session: AsyncSession, subscription: PackSubscription, kind: NotificationKind, number: int
) -> None:
    await session.flush()
    permission = Permission.MANAGE_PACKS
    await notify_members(
        session, subscription.vendor_id, permission, kind, subscription.id, number=number
    )
