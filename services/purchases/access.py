"""Access to purchases: a user's own, those of vendors for their managers, all for admins.

Locks are taken in the order purchase, payment, pack subscription, pack grant, wallet.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, false, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change
from core.keyset import Listing, by_time
from models.errors import NotFound
from models.identity.accounts import User
from models.members import Permission
from models.payments.payments import Payment
from models.purchases import (
    MAX_PENDING,
    Purchase,
    PurchaseKind,
    PurchaseLimitReached,
    PurchaseState,
)
from models.vendors import Vendor
from services.journal.topics import user_topic, vendor_topic
from services.vendors.access import access_vendor, works_at
from services.viewer import Viewer


@dataclass(frozen=True)
class PurchaseFilter:
    """Conditions of a list of purchases, None for all."""

    vendor_id: UUID | None = None
    kinds: Collection[PurchaseKind] | None = None
    states: Collection[PurchaseState] | None = None
    begun_from: datetime | None = None
    begun_before: datetime | None = None


@dataclass(frozen=True)
class LockedPurchase:
    """A purchase with its payments, in the order of their ids."""

    purchase: Purchase
    payments: list[Payment]


def visible_purchases(viewer: Viewer) -> SelectOfScalar[Purchase]:
    """Select the viewer's purchases, and those of vendors whose packs they manage."""
    return select(Purchase) if viewer.admin else _own_purchases(viewer)


def _own_purchases(viewer: Viewer) -> SelectOfScalar[Purchase]:
    """Select what the viewer can pay and cancel: an admin sees more, and is no buyer of it."""
    rows = select(Purchase)
    if viewer.user_id is None:
        return rows.where(false())
    owner_id: Any = Purchase.owner_id
    at_vendor = works_at(viewer.staff, owner_id, Permission.MANAGE_PACKS)
    return rows.where(or_(owner_id == viewer.user_id, at_vendor))


def list_purchases(
    viewer: Viewer, wanted: PurchaseFilter, *, newest: bool = True
) -> Listing[Purchase]:
    """List purchases that the viewer can see: the viewer's own by default."""
    user_id = viewer.require_user()
    rows = visible_purchases(viewer)
    if wanted.vendor_id is not None:
        rows = rows.where(Purchase.owner_id == wanted.vendor_id)
    elif not viewer.admin:
        rows = rows.where(Purchase.owner_id == user_id)
    if wanted.kinds is not None:
        rows = rows.where(col(Purchase.kind).in_(wanted.kinds))
    if wanted.states is not None:
        rows = rows.where(col(Purchase.state).in_(wanted.states))
    if wanted.begun_from is not None:
        rows = rows.where(col(Purchase.created_at) >= wanted.begun_from)
    if wanted.begun_before is not None:
        rows = rows.where(col(Purchase.created_at) < wanted.begun_before)
    topic = vendor_topic(wanted.vendor_id) if wanted.vendor_id else user_topic(user_id)
    return Listing(rows, by_time(Purchase, newest=newest), topics=[topic])


async def read_purchase(session: AsyncSession, viewer: Viewer, purchase_id: UUID) -> Purchase:
    """Return a purchase that the viewer can see, not locked. Raises `NotFound`."""
    rows = visible_purchases(viewer).where(Purchase.id == purchase_id)
    purchase = (await session.exec(rows)).first()
    if purchase is None:
        raise NotFound
    return purchase


async def lock_purchase(session: AsyncSession, purchase_id: UUID) -> LockedPurchase | None:
    """Return a purchase, locked with its payments."""
    rows = select(Purchase).where(Purchase.id == purchase_id)
    purchase = (await session.exec(for_change(rows))).first()
    if purchase is None:
        return None
    payments = select(Payment).where(Payment.purchase_id == purchase_id).order_by(col(Payment.id))
    locked = (await session.exec(for_change(payments))).all()
    return LockedPurchase(purchase, [*locked])


async def access_purchase(
    session: AsyncSession, viewer: Viewer, purchase_id: UUID, *, as_buyer: bool = False
) -> LockedPurchase:
    """Return a purchase that the viewer can see, locked. Raises `NotFound`.

    Admins see all, but are no buyers of what is not theirs.
    """
    viewer.require_user()
    visible = _own_purchases(viewer) if as_buyer else visible_purchases(viewer)
    seen = visible.where(Purchase.id == purchase_id)
    if (await session.exec(seen)).first() is None:
        raise NotFound
    locked = await lock_purchase(session, purchase_id)
    if locked is None:
        raise NotFound
    return locked


async def lock_vendor_buyer(session: AsyncSession, viewer: Viewer, vendor_id: UUID) -> Vendor:
    """Return a vendor whose packs the viewer manages, locked, so that purchases are counted."""
    return await access_vendor(session, viewer, vendor_id, Permission.MANAGE_PACKS, change=True)


async def lock_user_buyer(session: AsyncSession, viewer: Viewer) -> UUID:
    """Return the viewer's id, with the user locked, so that purchases are counted."""
    user_id = viewer.require_user()
    await session.exec(for_change(select(User.id).where(User.id == user_id)))
    return user_id


async def ensure_few_pending(session: AsyncSession, owner_id: UUID) -> None:
    """Raise `PurchaseLimitReached`. The caller has locked the owner."""
    pending = (
        select(func.count())
        .select_from(Purchase)
        .where(Purchase.owner_id == owner_id, Purchase.state == PurchaseState.PENDING)
    )
    if (await session.exec(pending)).one() >= MAX_PENDING:
        raise PurchaseLimitReached(most=MAX_PENDING)
