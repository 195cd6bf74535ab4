"""A user's notifications in the app, and which are unread."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam
from sqlmodel import and_, col, func, select, tuple_, update
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import incremented, lock_or_create
from core.keyset import Listing, newest_first
from core.statements.inserts import insert_rows
from core.statements.pages import PageStatements
from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from models.errors import NotFound
from models.notifications.inbox import Notification, NotificationInbox, NotificationKind
from services import jobs
from services.journal import append as journal
from services.journal.topics import user_topic
from services.notifications.entries import NotificationCreated, NotificationsRead
from services.transaction import notification_delay
from services.viewer import Viewer

COUNT_UNREAD = Statement(incremented(col(NotificationInbox.unread), user_id=bindparam("user_id")))

_OWN_NOTIFICATIONS = PageStatements(
    Listing(
        select(Notification).where(Notification.user_id == bindparam("user_id")),
        newest_first(Notification),
    )
)


class Notice(NamedTuple):
    """A notification for one user that is yet to be sent."""

    user_id: UUID
    kind: NotificationKind
    subject_id: UUID
    up_to_sequence: int = 0


def visible_notifications(viewer: Viewer) -> SelectOfScalar[Notification]:
    """Select the viewer's notifications. Admins see all."""
    if viewer.admin:
        return select(Notification)
    return select(Notification).where(Notification.user_id == viewer.user_id)


def list_notifications(user_id: UUID) -> Listing[Notification]:
    return _OWN_NOTIFICATIONS.listing({"user_id": user_id})


async def notify(
    unit: UnitOfWork,
    user_id: UUID,
    kind: NotificationKind,
    subject_id: UUID,
    *,
    up_to_sequence: int = 0,
    count: int = 1,
    deliver_after: timedelta | None = None,
    locale: str | None = None,
) -> None:
    """Notify a user in the app now, and by push and mail if still unread after a delay.

    `deliver_after` replaces the setting's delay. `locale` is the language of push and mail, for
    kinds that are translated. Raises an integrity error for a second notification of the same
    kind, subject and sequence.
    """
    notification = Notification(
        user_id=user_id,
        kind=kind,
        subject_id=subject_id,
        up_to_sequence=up_to_sequence,
        count=count,
        locale=locale,
    )
    await _send(unit, [notification], deliver_after)


async def notify_all(unit: UnitOfWork, notices: Iterable[Notice]) -> None:
    """Notify several users, in the order in which inboxes are locked, by three statements.

    All notices of a transaction to others than one user go through one call: two transactions that
    notify the same users in another order would wait for each other.
    """
    ordered = sorted(notices, key=lambda notice: notice.user_id)
    await _send(unit, [Notification(**one._asdict()) for one in ordered], None)


async def _send(
    unit: UnitOfWork, notifications: Sequence[Notification], deliver_after: timedelta | None
) -> None:
    if not notifications:
        return
    connection = await connection_of(unit)
    counted = [{"user_id": one.user_id} for one in notifications]
    await COUNT_UNREAD.execute_many(connection, counted)
    await insert_rows(connection, notifications)
    for one in notifications:
        journal.append(unit, NotificationCreated(one.id), to=[user_topic(one.user_id)])
    delay = notification_delay(unit) if deliver_after is None else deliver_after
    await jobs.defer_each(
        unit,
        "plan_deliveries",
        at=now() + delay if delay else None,
        notification_id=[one.id for one in notifications],
    )


async def lock_inbox(session: AsyncSession, user_id: UUID) -> NotificationInbox:
    """Lock a user's inbox, before any change of their unread notifications."""
    return await lock_or_create(session, NotificationInbox, user_id=user_id)


async def mark_notifications_read(session: AsyncSession, viewer: Viewer, *, up_to: UUID) -> int:
    """Mark the viewer's notification and older ones as read. Returns the unread count."""
    mine = Notification.user_id == viewer.require_user()
    found = (await session.exec(select(Notification).where(Notification.id == up_to, mine))).first()
    if found is None:
        raise NotFound
    position = tuple_(col(Notification.created_at), col(Notification.id))
    return await _mark_read(session, found.user_id, position <= (found.created_at, found.id))


async def _mark_read(session: AsyncSession, user_id: UUID, which: ColumnElement[bool]) -> int:
    """Mark these as read, under the lock of the inbox that counts them."""
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
        # A counter that drifted must not fail a user who reads notifications: CHECK (unread >= 0).
        inbox.unread = max(0, inbox.unread - number)
        journal.append(session, NotificationsRead(), to=[user_topic(user_id)])
    return inbox.unread
