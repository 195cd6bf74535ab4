"""Notices about orders, to their buyers and to the members of their vendors."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.identity.accounts import User
from models.members import Permission
from models.notifications.inbox import NotificationKind
from models.orders.orders import Order
from models.vendors import VendorMember
from services.notifications import inbox
from services.vendors.access import grants

MAX_NOTIFIED_MEMBERS = 20


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
    """Notify the members who change orders, in the order in which inboxes are locked.

    `number` is that of the notification among those of its kind about the subject.
    """
    members = (
        select(VendorMember.user_id)
        .where(VendorMember.vendor_id == vendor_id, grants(Permission.EDIT_ORDERS))
        .order_by(col(VendorMember.user_id))
        .limit(MAX_NOTIFIED_MEMBERS)
    )
    for user_id in (await session.exec(members)).all():
        await inbox.notify(session, user_id, kind, subject_id, up_to_sequence=number)
