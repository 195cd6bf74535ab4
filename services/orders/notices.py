"""Notices about orders, to their buyers and to the members of their vendors."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.identity.accounts import User
from models.members import Permission
from models.notifications.inbox import NotificationKind
from models.orders.orders import Order
from services.notifications import inbox
from services.notifications.inbox import Notice
from services.vendors.member_notices import find_notices


async def notify_buyer(
    session: AsyncSession, order: Order, kind: NotificationKind, subject_id: UUID
) -> None:
    """Notify the buyer of a step, once for each subject."""
    await inbox.notify_all(session, await to_buyer(session, order, kind, subject_id))


async def notify_vendor(
    session: AsyncSession,
    vendor_id: UUID,
    kind: NotificationKind,
    subject_id: UUID,
) -> None:
    """Notify the members who change orders."""
    await inbox.notify_all(session, await to_vendor(session, vendor_id, kind, subject_id))


async def to_buyer(
    session: AsyncSession, order: Order, kind: NotificationKind, subject_id: UUID
) -> Sequence[Notice]:
    """Return the notice to the buyer.

    Orders outlive the accounts of their buyers. An erased one has no inbox any more.
    """
    buyer = await session.get_one(User, order.user_id)
    return [] if buyer.is_erased else [Notice(buyer.id, kind, subject_id)]


async def to_vendor(
    session: AsyncSession,
    vendor_id: UUID,
    kind: NotificationKind,
    subject_id: UUID,
    *,
    number: int = 0,
) -> Sequence[Notice]:
    """Return the notices to the members who change orders. `number` is as for `notify_members`."""
    permission = Permission.EDIT_ORDERS
    return await find_notices(session, vendor_id, permission, kind, subject_id, number=number)
