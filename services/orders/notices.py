"""Notices about orders, to their buyers and to the members of their vendors."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.identity.accounts import User
from models.members import Permission
from models.notifications.inbox import NotificationKind
from models.orders.orders import Order
from services.notifications import inbox
from services.vendors.member_notices import notify_members


async def notify_buyer(
    session: AsyncSession, order: Order, kind: NotificationKind, subject_id: UUID
) -> None:
    """Notify the buyer of a step, once for each subject.

    Orders outlive the accounts of their buyers. An erased one has no inbox any more.
    """
    buyer = await session.get_one(User, order.user_id)
    if not buyer.is_erased:
        await inbox.notify(session, buyer.id, kind, subject_id)


async def notify_vendor(
    session: AsyncSession,
    vendor_id: UUID,
    kind: NotificationKind,
    subject_id: UUID,
    *,
    number: int = 0,
) -> None:
    """Notify the members who change orders. `number` is as for `notify_members`."""
    permission = Permission.EDIT_ORDERS
    await notify_members(session, vendor_id, permission, kind, subject_id, number=number)
