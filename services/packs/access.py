"""Access to packs, which all who can buy them see, and to what vendors have of them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlmodel import col, exists, false, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change
from core.keyset import Listing, newest_first
from models.errors import NotFound
from models.members import Permission
from models.packs.grants import PackGrant, QuotaUse
from models.packs.packs import Pack, PackNotInCurrency, PackPrice, PackState, QuotaUnit
from models.packs.subscriptions import PackPeriod, PackSubscription, PackSubscriptionState
from models.purchases import Purchase, PurchaseState
from services.journal.topics import vendor_topic
from services.purchases.access import lock_purchase
from services.vendors.access import access_vendor, works_at
from services.viewer import Viewer

Found = TypeVar("Found")


class LockedPeriod(NamedTuple):
    """A subscription, locked, and one of its periods."""

    subscription: PackSubscription
    period: PackPeriod


@dataclass(frozen=True)
class PackFilter:
    """Conditions of a list of packs, None for all."""

    unit: QuotaUnit | None = None
    currency: str | None = None
    state: PackState | None = None


def visible_packs(viewer: Viewer) -> SelectOfScalar[Pack]:
    """Select packs that are sold, and for members those that their vendors have. Admins see all."""
    if viewer.admin:
        return select(Pack)
    active = Pack.state == PackState.ACTIVE
    if viewer.user_id is None:
        return select(Pack).where(active)
    bought = visible_grants(viewer).with_only_columns(col(PackGrant.pack_id))
    subscribed = visible_subscriptions(viewer).with_only_columns(col(PackSubscription.pack_id))
    return select(Pack).where(or_(active, col(Pack.id).in_(bought), col(Pack.id).in_(subscribed)))


def list_packs(viewer: Viewer, wanted: PackFilter) -> Listing[Pack]:
    """List packs, the newest first. Retired ones are for admins."""
    rows = select(Pack)
    state = wanted.state or PackState.ACTIVE
    if state is PackState.RETIRED:
        viewer.require_admin()
    rows = rows.where(Pack.state == state)
    if wanted.unit is not None:
        rows = rows.where(Pack.unit == wanted.unit)
    if wanted.currency is not None:
        in_currency = exists().where(
            col(PackPrice.pack_id) == col(Pack.id), col(PackPrice.currency) == wanted.currency
        )
        rows = rows.where(in_currency)
    return Listing(rows, newest_first(Pack))


def visible_grants(viewer: Viewer) -> SelectOfScalar[PackGrant]:
    """Select the quota of vendors whose packs the viewer manages. Admins see all."""
    return _of_vendors(select(PackGrant), PackGrant.vendor_id, viewer)


def visible_uses(viewer: Viewer) -> SelectOfScalar[QuotaUse]:
    rows = select(QuotaUse)
    grants = visible_grants(viewer).with_only_columns(col(PackGrant.id))
    return rows.where(col(QuotaUse.pack_grant_id).in_(grants))


def visible_subscriptions(viewer: Viewer) -> SelectOfScalar[PackSubscription]:
    """Select the subscriptions of vendors whose packs the viewer manages. Admins see all."""
    return _of_vendors(select(PackSubscription), PackSubscription.vendor_id, viewer)


def _of_vendors(
    rows: SelectOfScalar[Found], vendor_id: Any, viewer: Viewer
) -> SelectOfScalar[Found]:
    if viewer.admin:
        return rows
    if viewer.user_id is None:
        return rows.where(false())
    return rows.where(works_at(viewer.staff, vendor_id, Permission.MANAGE_PACKS))


def list_grants(vendor_id: UUID) -> Listing[PackGrant]:
    """List the quota of a vendor, the newest first. The caller has authorized the viewer."""
    rows = select(PackGrant).where(PackGrant.vendor_id == vendor_id)
    return Listing(rows, newest_first(PackGrant), topics=[vendor_topic(vendor_id)])


def list_uses(grant_id: UUID) -> Listing[QuotaUse]:
    rows = select(QuotaUse).where(QuotaUse.pack_grant_id == grant_id)
    return Listing(rows, newest_first(QuotaUse))


def list_subscriptions(
    viewer: Viewer, vendor_id: UUID | None, states: Collection[PackSubscriptionState] | None
) -> Listing[PackSubscription]:
    """List subscriptions that the viewer can see, the newest first."""
    viewer.require_user()
    rows = visible_subscriptions(viewer)
    topics = []
    if vendor_id is not None:
        rows = rows.where(PackSubscription.vendor_id == vendor_id)
        topics = [vendor_topic(vendor_id)]
    if states is not None:
        rows = rows.where(col(PackSubscription.state).in_(states))
    return Listing(rows, newest_first(PackSubscription), topics=topics)


async def find_price(session: AsyncSession, pack_id: UUID, currency: str) -> PackPrice:
    """Return the price of a pack in a currency. Raises `PackNotInCurrency`."""
    rows = select(PackPrice).where(PackPrice.pack_id == pack_id, PackPrice.currency == currency)
    price = (await session.exec(rows)).first()
    if price is None:
        raise PackNotInCurrency(currency=currency)
    return price


async def access_subscription(
    session: AsyncSession, viewer: Viewer, subscription_id: UUID
) -> PackSubscription:
    """Return a subscription of a vendor whose packs the viewer manages, locked.

    A purchase of it that is not paid is locked before.
    """
    viewer.require_user()
    known = select(PackSubscription.vendor_id).where(PackSubscription.id == subscription_id)
    vendor_id = (await session.exec(known)).first()
    if vendor_id is None:
        raise NotFound
    await access_vendor(session, viewer, vendor_id, Permission.MANAGE_PACKS)
    return await lock_subscription(session, subscription_id)


async def lock_subscription(session: AsyncSession, subscription_id: UUID) -> PackSubscription:
    """Lock a subscription, after the purchase of it that waits for its payment, if there is one."""
    if (unpaid := await find_unpaid(session, subscription_id)) is not None:
        await lock_purchase(session, unpaid)
    rows = select(PackSubscription).where(PackSubscription.id == subscription_id)
    return (await session.exec(for_change(rows))).one()


async def lock_period(session: AsyncSession, purchase_id: UUID) -> LockedPeriod | None:
    """Return the period that a purchase pays, if any, with its subscription locked.

    The caller has locked the purchase before.
    """
    periods = select(PackPeriod).where(PackPeriod.purchase_id == purchase_id)
    period = (await session.exec(periods)).first()
    if period is None:
        return None
    rows = select(PackSubscription).where(PackSubscription.id == period.pack_subscription_id)
    return LockedPeriod((await session.exec(for_change(rows))).one(), period)


async def find_unpaid(session: AsyncSession, subscription_id: UUID) -> UUID | None:
    """Return the purchase of a subscription that waits for its payment."""
    rows = (
        select(PackPeriod.purchase_id)
        .join(Purchase, col(Purchase.id) == PackPeriod.purchase_id)
        .where(
            PackPeriod.pack_subscription_id == subscription_id,
            Purchase.state == PurchaseState.PENDING,
        )
        .order_by(col(PackPeriod.starts_at).desc())
    )
    return (await session.exec(rows.limit(1))).first()
