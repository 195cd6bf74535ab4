"""Notices about disputes, to the members of their vendors and to admins."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.members import Permission
from models.notifications.inbox import NotificationKind
from models.payments.disputes import Dispute
from services.admins.access import find_admins_to_notify
from services.notifications.inbox import Notice, notify_all
from services.refunds.notices import unknown_to
from services.vendors.member_notices import find_notices


async def notify_opened(
    session: AsyncSession, dispute: Dispute, vendor_ids: Sequence[UUID]
) -> None:
    """Notify the vendors, or the admins if no vendor can answer."""
    if not vendor_ids:
        await notify_admins(session, dispute)
    await _notify_vendors(session, dispute, vendor_ids, NotificationKind.DISPUTE_OPENED)


async def notify_due(session: AsyncSession, dispute: Dispute, vendor_ids: Sequence[UUID]) -> None:
    """Remind the vendors that have not answered."""
    await _notify_vendors(session, dispute, vendor_ids, NotificationKind.DISPUTE_DUE)


async def notify_ended(session: AsyncSession, dispute: Dispute, vendor_ids: Sequence[UUID]) -> None:
    await _notify_vendors(session, dispute, vendor_ids, NotificationKind.DISPUTE_ENDED)


async def notify_admins(session: AsyncSession, dispute: Dispute) -> None:
    """Ask the admins to answer: the vendors can no longer, or there is none."""
    kind = NotificationKind.DISPUTE_NEEDS_ADMIN
    notices = [Notice(id, kind, dispute.id) for id in await find_admins_to_notify(session)]
    if notices:
        await notify_all(session, await unknown_to(session, notices))


async def _notify_vendors(
    session: AsyncSession, dispute: Dispute, vendor_ids: Sequence[UUID], kind: NotificationKind
) -> None:
    """Notify the members who change orders, once each: one can work for several vendors."""
    permission = Permission.EDIT_ORDERS
    notices = {}
    for vendor_id in vendor_ids:
        for notice in await find_notices(session, vendor_id, permission, kind, dispute.id):
            notices[notice.user_id] = notice
    await notify_all(session, notices.values())
