"""The scheduler of subscriptions: it begins periods, charges them again, and announces debits.

Each subscription has a transaction, which locks it before it looks whether it is due: of several
workers that renew it at once, one finds it due. The key of periods is the last word.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import structlog
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from models.packs.packs import PackPrice
from models.packs.subscriptions import (
    GRACE,
    NOTICE_AHEAD,
    NOTICE_TIME,
    PackSubscription,
    PackSubscriptionState,
)
from models.payments.payments import PaymentProvider
from models.vendors import Vendor, VendorStatus
from services.packs.access import lock_subscription
from services.packs.entries import publish_balance
from services.packs.outcomes import announce_renewal, end_subscription
from services.packs.periods import begin_period, charge, find_open
from services.transaction import OpenTransaction

BATCH_SIZE = 100
NOTICE_COUNTRIES = ("IN",)

log = structlog.get_logger(__name__)

Step = Callable[[AsyncSession, PackSubscription], Awaitable[bool]]


async def renew_due(transaction: OpenTransaction) -> bool:
    """Begin the next period of a batch of subscriptions. Returns whether there may be more.

    Those of vendors that are suspended wait until they are restored.
    """
    rows = _active().where(
        _is_approved(),
        col(PackSubscription.renews_at) <= now(),
        or_(
            col(PackSubscription.ends_with_period),
            ~_needs_notice(),
            col(PackSubscription.announced_at) <= now() - NOTICE_TIME,
        ),
    )
    return await _run(transaction, rows, PackSubscription.renews_at, renew)


async def renew(session: AsyncSession, subscription: PackSubscription) -> bool:
    """Begin the next period of a locked subscription, or end it. Returns whether it was due."""
    moment = now()
    if not subscription.is_due(moment):
        return False
    if subscription.ends_with_period:
        await end_subscription(session, subscription)
        return True
    if await _lacks_notice(session, subscription) or await find_open(session, subscription):
        return False  # an UPGRADE that is not paid expires first
    # After a long outage, the time before it is over is not charged.
    late = subscription.renews_at <= moment - GRACE
    starts_at = moment if late else subscription.renews_at
    subscription.use_next_terms()
    subscription.renews_at, subscription.announced_at = starts_at + subscription.period, None
    terms = PackPrice(
        pack_id=subscription.pack_id,
        currency=subscription.currency,
        net=subscription.net,
        tax_bps=subscription.tax_bps,
    )
    await charge(session, subscription, await begin_period(session, subscription, terms, starts_at))
    publish_balance(session, subscription.vendor_id)
    return True


async def retry_due(transaction: OpenTransaction) -> bool:
    """Charge a batch of unpaid periods again. Returns whether there may be more.

    Vendors that are suspended are not charged.
    """
    rows = select(PackSubscription.id).where(
        _is_approved(), col(PackSubscription.retry_at) <= now()
    )
    return await _run(transaction, rows, PackSubscription.retry_at, retry)


async def retry(session: AsyncSession, subscription: PackSubscription) -> bool:
    """Charge the unpaid period of a locked subscription again, if it is time to."""
    if subscription.retry_at is None or subscription.retry_at > now():
        return False
    subscription.retry_at = None
    unpaid = await find_open(session, subscription)
    if unpaid is not None and not any(one.status.is_live for one in unpaid.payments):
        await charge(session, subscription, unpaid)
    return True


async def announce_due(transaction: OpenTransaction) -> bool:
    """Announce the debits of a batch of subscriptions where that is the law."""
    rows = _active().where(
        _needs_notice(),
        col(PackSubscription.announced_at).is_(None),
        ~col(PackSubscription.ends_with_period),
        col(PackSubscription.renews_at) <= now() + NOTICE_AHEAD,
    )
    return await _run(transaction, rows, PackSubscription.renews_at, announce)


async def announce(session: AsyncSession, subscription: PackSubscription) -> bool:
    if subscription.announced_at is not None or not subscription.is_open:
        return False
    await announce_renewal(session, subscription)
    return True


def _active() -> SelectOfScalar[UUID]:
    return select(PackSubscription.id).where(PackSubscription.state == PackSubscriptionState.ACTIVE)


def _is_approved() -> Any:
    approved = select(Vendor.id).where(Vendor.status == VendorStatus.APPROVED)
    return col(PackSubscription.vendor_id).in_(approved)


def _needs_notice() -> Any:
    """Match subscriptions whose debits are announced: by a card of a vendor in India."""
    there = select(Vendor.id).where(col(Vendor.country).in_(NOTICE_COUNTRIES))
    return (col(PackSubscription.provider) != PaymentProvider.WALLET) & col(
        PackSubscription.vendor_id
    ).in_(there)


async def _lacks_notice(session: AsyncSession, subscription: PackSubscription) -> bool:
    if subscription.provider is PaymentProvider.WALLET:
        return False
    vendor = await session.get_one(Vendor, subscription.vendor_id)
    return vendor.country in NOTICE_COUNTRIES and not subscription.is_announced(now())


async def _run(
    transaction: OpenTransaction, rows: SelectOfScalar[UUID], order: Any, step: Step
) -> bool:
    """Take a step with a batch of subscriptions, each in its own transaction."""
    async with transaction() as session:
        ids = (await session.exec(rows.order_by(col(order)).limit(BATCH_SIZE))).all()
    taken = [await try_step(transaction, id, step) for id in ids]
    return len(ids) == BATCH_SIZE and any(taken)


async def try_step(transaction: OpenTransaction, subscription_id: UUID, step: Step) -> bool:
    """Take a step. A failure is logged, so that it does not keep others from theirs."""
    try:
        async with transaction() as session:
            return await step(session, await lock_subscription(session, subscription_id))
    except Exception:
        log.exception("pack_subscription.failed", pack_subscription_id=str(subscription_id))
        return False
