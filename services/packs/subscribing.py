"""Subscriptions to packs: started, changed, cancelled and resumed by the members of a vendor."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.audit import AuditAct
from models.errors import NotFound
from models.packs.grants import PackGrant
from models.packs.packs import Pack, PackPrice
from models.packs.subscriptions import (
    PackNotComparable,
    PackPastDue,
    PackPeriod,
    PackSubscription,
    PackSubscriptionState,
    PeriodKind,
)
from models.payments.methods import PaymentMethod
from models.payments.payments import CancelReason
from models.payments.ways import PaymentWay
from models.purchases import PurchaseState
from models.vendors import Vendor
from services import idempotency
from services.audit import entries as audit
from services.packs.access import access_subscription, find_price, visible_subscriptions
from services.packs.buying import rely_on_pack
from services.packs.entries import publish_balance
from services.packs.outcomes import end_subscription
from services.packs.periods import begin_period, find_open, find_period, way_of
from services.payments.ways import WaysToPay
from services.purchases.access import lock_vendor_buyer
from services.purchases.ending import end_purchase
from services.purchases.paying import FROM_WALLET, start_payment
from services.viewer import Viewer


async def subscribe_to_pack(
    session: AsyncSession,
    viewer: Viewer,
    *,
    vendor_id: UUID,
    pack_id: UUID,
    method_id: UUID | None,
    ways: WaysToPay,
    idempotency_key: str,
) -> PackSubscription:
    """Buy a pack for each period from now on, once per key. The first period is charged now.

    Periods are charged by a saved method of the viewer, or from the vendor's wallet without one.
    Raises `AlreadySubscribed`, and what `buy_pack` raises.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "subscribeToPack",
        idempotency_key,
        vendor_id=vendor_id,
        pack_id=pack_id,
        method_id=method_id,
    )
    if claimed.replayed:
        rows = visible_subscriptions(viewer).where(PackSubscription.id == claimed.replayed)
        if (known := (await session.exec(rows)).first()) is None:
            raise NotFound
        return known
    vendor = await lock_vendor_buyer(session, viewer, vendor_id)
    vendor.ensure_approved()
    pack = await rely_on_pack(session, pack_id)
    price = await find_price(session, pack.id, vendor.currency)
    way = await _find_way(session, viewer, method_id)
    ways.ensure_valid(way)
    ways.ensure_possible(way, price.total, price.currency)
    moment = now()
    subscription = _new_subscription(viewer, vendor, pack, price, way, moment)
    session.add(subscription)
    await session.flush()
    locked = await begin_period(session, subscription, price, moment)
    await start_payment(session, locked, way)
    audit.append(session, viewer, AuditAct.SUBSCRIBE_TO_PACK, subject_id=subscription.id)
    publish_balance(session, vendor.id)
    await idempotency.record_result(session, claimed, subscription.id)
    return subscription


def _new_subscription(
    viewer: Viewer, vendor: Vendor, pack: Pack, price: PackPrice, way: PaymentWay, moment: datetime
) -> PackSubscription:
    return PackSubscription(
        vendor_id=vendor.id,
        user_id=viewer.require_user(),
        pack_id=pack.id,
        unit=pack.unit,
        period_days=pack.period_days,
        currency=price.currency,
        net=price.net,
        tax_bps=price.tax_bps,
        provider=way.provider,
        method_id=way.method_id,
        renews_at=moment + timedelta(days=pack.period_days),
    )


async def change_subscription(
    session: AsyncSession,
    viewer: Viewer,
    *,
    subscription_id: UUID,
    pack_id: UUID,
    idempotency_key: str,
) -> PackSubscription:
    """Change to another pack of the same unit and length, once per key.

    A dearer one begins now: the value of the unused days is taken off its price, as far as their
    units are not used either. A cheaper one begins with the next period, and choosing the present
    pack takes that back. Raises `PackPastDue`, `PackNotComparable`, `PackSubscriptionEnded`, and
    what `buy_pack` raises.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "changePackSubscription",
        idempotency_key,
        subscription_id=subscription_id,
        pack_id=pack_id,
    )
    subscription = await access_subscription(session, viewer, subscription_id)
    if claimed.replayed:
        return subscription
    subscription.ensure_open()
    if subscription.state is not PackSubscriptionState.ACTIVE:
        raise PackPastDue
    if await find_open(session, subscription) is not None:
        raise PackPastDue
    if pack_id == subscription.pack_id:
        _set_next(subscription, None)
    else:
        await _change_pack(session, subscription, pack_id)
    audit.append(session, viewer, AuditAct.CHANGE_PACK_SUBSCRIPTION, subject_id=subscription.id)
    publish_balance(session, subscription.vendor_id)
    await idempotency.record_result(session, claimed, subscription.id)
    return subscription


async def cancel_subscription(
    session: AsyncSession, viewer: Viewer, *, subscription_id: UUID
) -> PackSubscription:
    """End a subscription with its period, or now if the period is not paid.

    Quota that was paid stays until the end of its period.
    """
    subscription = await access_subscription(session, viewer, subscription_id)
    if not subscription.is_open or subscription.ends_with_period:
        return subscription
    if await _is_paid(session, subscription):
        subscription.ends_with_period = True
    else:
        await end_subscription(session, subscription)
    audit.append(session, viewer, AuditAct.CANCEL_PACK_SUBSCRIPTION, subject_id=subscription.id)
    publish_balance(session, subscription.vendor_id)
    return subscription


async def resume_subscription(
    session: AsyncSession, viewer: Viewer, *, subscription_id: UUID
) -> PackSubscription:
    """Let a subscription that was to end go on. Raises `PackSubscriptionEnded` after its end."""
    subscription = await access_subscription(session, viewer, subscription_id)
    subscription.ensure_open()
    if subscription.ends_with_period:
        subscription.ends_with_period = False
        audit.append(session, viewer, AuditAct.RESUME_PACK_SUBSCRIPTION, subject_id=subscription.id)
        publish_balance(session, subscription.vendor_id)
    return subscription


async def _change_pack(
    session: AsyncSession, subscription: PackSubscription, pack_id: UUID
) -> None:
    pack = await rely_on_pack(session, pack_id)
    if (pack.unit, pack.period_days) != (subscription.unit, subscription.period_days):
        raise PackNotComparable
    price = await find_price(session, pack.id, subscription.currency)
    if price.net <= subscription.net:
        _set_next(subscription, price)
        return
    moment = now()
    current = await _current_period(session, subscription)
    credit = min(current.credit_left(moment), await _read_unearned(session, current))
    locked = await begin_period(
        session, subscription, price, moment, kind=PeriodKind.UPGRADE, credit=credit
    )
    await start_payment(session, locked, way_of(subscription))


async def _read_unearned(session: AsyncSession, period: PackPeriod) -> int:
    """Return the value of the units of a period that are neither used nor refunded."""
    rows = select(PackGrant).where(PackGrant.purchase_id == period.purchase_id)
    grant = (await session.exec(for_change(rows))).first()
    return grant.net - grant.earned if grant is not None and grant.ended_at is None else 0


async def _is_paid(session: AsyncSession, subscription: PackSubscription) -> bool:
    """Return whether the present period is paid. A purchase that waits is cancelled."""
    unpaid = await find_open(session, subscription)
    if unpaid is None:
        return True
    period = await find_period(session, unpaid.purchase)
    await end_purchase(session, unpaid, PurchaseState.CANCELLED, CancelReason.BUYER)
    return period.kind is PeriodKind.UPGRADE


async def _find_way(session: AsyncSession, viewer: Viewer, method_id: UUID | None) -> PaymentWay:
    """Return the way by a saved method of the viewer, or from the wallet. Raises `NotFound`."""
    if method_id is None:
        return FROM_WALLET
    rows = select(PaymentMethod).where(
        PaymentMethod.id == method_id, PaymentMethod.user_id == viewer.require_user()
    )
    method = (await session.exec(rows)).first()
    if method is None:
        raise NotFound(field=["methodId"])
    return PaymentWay(provider=method.provider, method_id=method.id)


def _set_next(subscription: PackSubscription, price: PackPrice | None) -> None:
    subscription.next_pack_id = price.pack_id if price else None
    subscription.next_net = price.net if price else None
    subscription.next_tax_bps = price.tax_bps if price else None


async def _current_period(session: AsyncSession, subscription: PackSubscription) -> PackPeriod:
    rows = select(PackPeriod).where(
        PackPeriod.pack_subscription_id == subscription.id,
        PackPeriod.ends_at == subscription.renews_at,
    )
    return (await session.exec(rows.order_by(col(PackPeriod.starts_at).desc()).limit(1))).one()
