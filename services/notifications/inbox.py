"""What users are told of, once, and what of it they have read."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import and_, col, func, select, tuple_, update
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from core.keyset import Ordering
from models.errors import NotFound
from models.notifications.inbox import Notification, NotificationInbox, NotificationKind
from services import jobs
from services.journal import append as journal
from services.journal.topics import user_topic
from services.notifications.entries import NotificationCreated, NotificationsRead
from services.viewer import Viewer


def visible_notifications(viewer: Viewer) -> SelectOfScalar[Notification]:
    """Their own; all for an admin."""
    if viewer.admin:
        return select(Notification)
    return select(Notification).where(Notification.user_id == viewer.user_id)


def list_notifications(user_id: UUID) -> tuple[SelectOfScalar[Notification], Ordering]:
    """A user's notifications, the latest first."""
    rows = select(Notification).where(Notification.user_id == user_id)
    made_at = Notification.created_at
    latest = Ordering(
        "notifications", made_at, Notification.id, datetime.fromisoformat, descending=True
    )
    return rows, latest


async def notify(
    session: AsyncSession,
    user_id: UUID,
    kind: NotificationKind,
    subject_id: UUID,
    *,
    after: timedelta,
    up_to_sequence: int = 0,
    count: int = 1,
) -> None:
    """Tell a user in the app now, and by push and mail what they have not read `after` a while."""
    notification = Notification(
        user_id=user_id,
        kind=kind,
        subject_id=subject_id,
        up_to_sequence=up_to_sequence,
        count=count,
    )
    one_more = insert(NotificationInbox).values(user_id=user_id, unread=1)
    await session.execute(
        one_more.on_conflict_do_update(
            index_elements=["user_id"], set_={"unread": NotificationInbox.unread + 1}
        )
    )
    session.add(notification)
    journal.append(session, NotificationCreated(notification.id), to=[user_topic(user_id)])
    await jobs.defer(
        session,
        "plan_deliveries",
        at=now() + after if after else None,
        notification_id=notification.id,
    )


async def lock_inbox(session: AsyncSession, user_id: UUID) -> NotificationInbox:
    none_yet = insert(NotificationInbox).values(user_id=user_id, unread=0)
    await session.execute(none_yet.on_conflict_do_nothing())
    rows = select(NotificationInbox).where(NotificationInbox.user_id == user_id)
    return (await session.exec(for_change(rows))).one()


async def mark_notifications_read(session: AsyncSession, viewer: Viewer, *, up_to: UUID) -> int:
    """Mark one of the viewer's notifications and all before it as read; tells what is left."""
    mine = Notification.user_id == viewer.require_user()
    found = (await session.exec(select(Notification).where(Notification.id == up_to, mine))).first()
    if found is None:
        raise NotFound
    place = tuple_(col(Notification.created_at), col(Notification.id))
    return await _mark(session, found.user_id, place <= (found.created_at, found.id))


async def mark_subject_read(
    session: AsyncSession,
    user_id: UUID,
    kind: NotificationKind,
    subject_id: UUID,
    *,
    up_to_sequence: int = 0,
) -> None:
    """Mark what a user has been told of something as read, for they have looked at it itself."""
    told = and_(
        Notification.kind == kind,
        Notification.subject_id == subject_id,
        col(Notification.up_to_sequence) <= up_to_sequence,
    )
    unread = select(Notification.id).where(
        Notification.user_id == user_id, col(Notification.read_at).is_(None), told
    )
    if (await session.exec(unread.limit(1))).first():
        await _mark(session, user_id, told)


async def _mark(session: AsyncSession, user_id: UUID, which: ColumnElement[bool]) -> int:
    """Mark what is unread of these, counted under the lock of the inbox; tells what is left.

    What servers of the release before have made was not counted.
    """
    inbox = await lock_inbox(session, user_id)
    unread = and_(Notification.user_id == user_id, col(Notification.read_at).is_(None), which)
    marked = await session.exec(
        update(Notification)
        .where(unread)
        .values(read_at=func.now())
        .returning(col(Notification.id))
        .execution_options(synchronize_session=False)
    )
    if number := len(marked.all()):
        inbox.unread = max(0, inbox.unread - number)
        journal.append(session, NotificationsRead(), to=[user_topic(user_id)])
    return inbox.unread
