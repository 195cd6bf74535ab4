"""Notifications about messages of which none is unread any more: all were read or deleted."""

from collections import Counter
from uuid import UUID

from sqlmodel import and_, col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import Select

from core.database import exists_in, for_change
from models.chat.conversations import Conversation, Participant, Side
from models.chat.messages import Message
from models.notifications.inbox import Notification, NotificationInbox, NotificationKind
from models.vendors import VendorMember
from services.journal import append as journal
from services.journal.topics import user_topic
from services.notifications.entries import NotificationsRead


async def mark_seen_read(
    session: AsyncSession, conversation: Conversation, side: Side, reader_id: UUID | None = None
) -> None:
    """Mark notifications of a side, or of one reader, as read if no message of theirs is unread.

    The conversation is locked, so no notification about it is created meanwhile. Their inboxes are
    locked in the order of ids, and only if there are such notifications: most messages have none.
    """
    found = (await session.exec(_seen(conversation, side, reader_id))).all()
    if not found:
        return
    inboxes = select(NotificationInbox).where(
        col(NotificationInbox.user_id).in_({user_id for user_id, _ in found})
    )
    ordered = for_change(inboxes.order_by(col(NotificationInbox.user_id)))
    locked = (await session.exec(ordered)).all()
    marked = await session.exec(
        update(Notification)
        .where(
            col(Notification.id).in_([id for _, id in found]), col(Notification.read_at).is_(None)
        )
        .values(read_at=func.now())
        .returning(col(Notification.user_id))
        .execution_options(synchronize_session=False)
    )
    numbers = Counter[UUID](marked.scalars())
    for inbox in locked:
        if number := numbers[inbox.user_id]:
            # A counter that drifted must not fail a user who reads: CHECK (unread >= 0).
            inbox.unread = max(0, inbox.unread - number)
            journal.append(session, NotificationsRead(), to=[user_topic(inbox.user_id)])


def _seen(conversation: Conversation, side: Side, reader_id: UUID | None) -> Select[UUID, UUID]:
    """Select the users and ids of unread notifications without an unread message."""
    members = select(VendorMember.user_id).where(VendorMember.vendor_id == conversation.vendor_id)
    recipient = col(Notification.user_id)
    if side is Side.USER:
        reader_id = conversation.user_id
    position = and_(
        col(Participant.conversation_id) == conversation.id,
        col(Participant.user_id) == Notification.user_id,
    )
    unread = exists_in(
        Message,
        col(Message.conversation_id) == conversation.id,
        col(Message.sequence) > func.coalesce(col(Participant.read), 0),
        col(Message.sequence) <= Notification.up_to_sequence,
        col(Message.side) == side.other,
        col(Message.sender_id).is_not(None),
        col(Message.deleted_at).is_(None),
    )
    return (
        select(Notification.user_id, Notification.id)
        .outerjoin(Participant, position)
        .where(
            recipient == reader_id if reader_id else recipient.in_(members),
            Notification.kind == NotificationKind.MESSAGE_RECEIVED,
            Notification.subject_id == conversation.id,
            col(Notification.read_at).is_(None),
            ~unread,
        )
    )
