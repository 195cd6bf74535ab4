"""Notices about refunds, to buyers and to admins."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from services.admins.access import find_admins_to_notify
from services.notifications.inbox import Notice
from services.refunds.rows import LockedRefundPart


async def find_settled(session: AsyncSession, locked: LockedRefundPart) -> Sequence[Notice]:
    """Return the notice that all of the money was sent, once: banks can return it later."""
    kind = NotificationKind.REFUND_SETTLED
    return await _to_payer(session, locked.subject.payer_id, kind, locked.refund.id)


async def find_stuck(session: AsyncSession, locked: LockedRefundPart) -> Sequence[Notice]:
    """Return the notices that ask the payer for another way, and those to the admins."""
    kind = NotificationKind.REFUND_STUCK
    to_payer = await _to_payer(session, locked.subject.payer_id, kind, locked.part.id)
    return [*to_payer, *await to_admins(session, locked.part.id)]


async def to_admins(session: AsyncSession, part_id: UUID) -> Sequence[Notice]:
    """Return the notices to admins about a part that does not arrive."""
    admins = await find_admins_to_notify(session)
    notices = [Notice(id, NotificationKind.REFUND_NEEDS_ADMIN, part_id) for id in admins]
    return await unknown_to(session, notices) if notices else []


async def _to_payer(
    session: AsyncSession, user_id: UUID, kind: NotificationKind, subject_id: UUID
) -> Sequence[Notice]:
    """Return the notice, unless the buyer has it, or the account was erased."""
    if (await session.get_one(User, user_id)).is_erased:
        return []
    return await unknown_to(session, [Notice(user_id, kind, subject_id)])


async def unknown_to(session: AsyncSession, notices: Sequence[Notice]) -> Sequence[Notice]:
    """Return the notices that were not sent before. They are of one kind about one subject."""
    first = notices[0]
    known = select(Notification.user_id).where(
        Notification.kind == first.kind, Notification.subject_id == first.subject_id
    )
    sent = set((await session.exec(known)).all())
    return [one for one in notices if one.user_id not in sent]
