"""Notices to the members of a vendor who have a permission."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.members import Permission
from models.notifications.inbox import Notification, NotificationKind
from models.vendors import VendorMember
from services.notifications import inbox
from services.notifications.inbox import Notice
from services.vendors.access import grants

MAX_NOTIFIED = 20  # members of a vendor


async def notify_members(
    session: AsyncSession,
    vendor_id: UUID,
    permission: Permission,
    kind: NotificationKind,
    subject_id: UUID,
    *,
    number: int = 0,
) -> None:
    """Notify members in the order in which inboxes are locked, without those who know.

    `number` is that of the notification among those of its kind about the subject. A job that runs
    again notifies no one twice.
    """
    await inbox.notify_all(
        session,
        await find_notices(session, vendor_id, permission, kind, subject_id, number=number),
    )


async def find_notices(
    session: AsyncSession,
    vendor_id: UUID,
    permission: Permission,
    kind: NotificationKind,
    subject_id: UUID,
    *,
    number: int = 0,
) -> Sequence[Notice]:
    """Return the notices to the members who do not know yet, as for `notify_members`."""
    known = select(Notification.user_id).where(
        Notification.kind == kind,
        Notification.subject_id == subject_id,
        Notification.up_to_sequence == number,
    )
    members = (
        select(VendorMember.user_id)
        .where(
            VendorMember.vendor_id == vendor_id,
            grants(permission),
            col(VendorMember.user_id).not_in(known),
        )
        .order_by(col(VendorMember.user_id))
        .limit(MAX_NOTIFIED)
    )
    return [Notice(id, kind, subject_id, number) for id in (await session.exec(members)).all()]
