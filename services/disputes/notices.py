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


async def find_opened(
    session: AsyncSession, dispute: Dispute, vendor_ids: Sequence[UUID]
) -> Sequence[Notice]:
    """Return the notices to the vendors, or to the admins if no vendor can answer.

    A bank that only asked opens it a second time when it takes the money, and can once more later.
    """
    if not vendor_ids:
        return await _to_admins(session, dispute)
    opened = NotificationKind.DISPUTE_OPENED
    number = _number_of(dispute)
    return await _to_vendors(session, dispute, vendor_ids, opened, number=number)


async def notify_due(session: AsyncSession, dispute: Dispute, vendor_ids: Sequence[UUID]) -> None:
    """Remind the vendors that have not answered."""
    due = NotificationKind.DISPUTE_DUE
    number = _number_of(dispute)
    await notify_all(session, await _to_vendors(session, dispute, vendor_ids, due, number=number))


async def find_ended(
    session: AsyncSession, dispute: Dispute, vendor_ids: Sequence[UUID], *, again: bool
) -> Sequence[Notice]:
    """Return the notices about a decision: one more if the bank has decided `again`."""
    ended = NotificationKind.DISPUTE_ENDED
    number = 2 * max(0, dispute.turns - 1) + again
    return await _to_vendors(session, dispute, vendor_ids, ended, number=number)


async def notify_admins(session: AsyncSession, dispute: Dispute) -> None:
    """Ask the admins to answer: the vendors can no longer, or there is none."""
    await notify_all(session, await _to_admins(session, dispute))


def _number_of(dispute: Dispute) -> int:
    """Return how often the bank has asked before: a warning, or before it has decided."""
    return dispute.turns if dispute.was_warning else 0


async def _to_admins(session: AsyncSession, dispute: Dispute) -> Sequence[Notice]:
    kind = NotificationKind.DISPUTE_NEEDS_ADMIN
    notices = [Notice(id, kind, dispute.id) for id in await find_admins_to_notify(session)]
    return await unknown_to(session, notices) if notices else []


async def _to_vendors(
    session: AsyncSession,
    dispute: Dispute,
    vendor_ids: Sequence[UUID],
    kind: NotificationKind,
    *,
    number: int = 0,
) -> Sequence[Notice]:
    """Return a notice to each member who changes orders: one can work for several vendors."""
    permission = Permission.EDIT_ORDERS
    notices = {}
    for vendor_id in vendor_ids:
        found = await find_notices(session, vendor_id, permission, kind, dispute.id, number=number)
        notices.update({notice.user_id: notice for notice in found})
    return [*notices.values()]
