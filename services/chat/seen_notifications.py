"""Keeps notifications about messages true while these are read or deleted.

The conversation is locked, so no notification about it is created meanwhile. Inboxes are locked in
the order of their users, and only if there are such notifications: most messages have none.
"""

from collections import Counter
from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import exists_in, for_change
from models.chat.conversations import Conversation, Participant, Side
from models.chat.messages import Message
from models.notifications.inbox import Notification, NotificationInbox, NotificationKind
from models.vendors import VendorMember
from services.chat.notifications import MAX_COUNT
from services.journal import append as journal
from services.journal.topics import user_topic
from services.notifications.entries import NotificationsRead


async def mark_seen_read(
    session: AsyncSession, conversation: Conversation, side: Side, reader_id: UUID | None = None
) -> None:
    """Mark notifications of a side, or of one reader, as read if no message of theirs is unread."""
    unread = _unread(conversation, side)
    rows = select(Notification.user_id, Notification.id).where(
        *_notifications(conversation, side, reader_id), ~exists_in(Message, *unread)
    )
    if found := (await session.exec(rows)).all():
        locked = await _lock_inboxes(session, {user_id for user_id, _ in found})
        await _mark_read(session, locked, [id for _, id in found])


async def count_again(session: AsyncSession, conversation: Conversation, side: Side) -> None:
    """Count the messages of a side's notifications again, after one of them was deleted.

    Those without an unread message are marked as read.
    """
    left = _count(conversation, side)
    rows = select(Notification.user_id, Notification.id, left).where(
        *_notifications(conversation, side, None), left < Notification.count
    )
    found = (await session.exec(rows)).all()
    if not found:
        return
    locked = await _lock_inboxes(session, {user_id for user_id, _, _ in found})
    await _mark_read(session, locked, [id for _, id, number in found if not number])
    if smaller := [id for _, id, number in found if number]:
        await session.exec(_change(smaller, count=left))


def _notifications(
    conversation: Conversation, side: Side, reader_id: UUID | None
) -> tuple[ColumnElement[bool] | bool, ...]:
    """Match the unread notifications of a side, or of one reader."""
    members = select(VendorMember.user_id).where(VendorMember.vendor_id == conversation.vendor_id)
    recipient = col(Notification.user_id)
    if side is Side.USER:
        reader_id = conversation.user_id
    return (
        recipient == reader_id if reader_id else recipient.in_(members),
        Notification.kind == NotificationKind.MESSAGE_RECEIVED,
        Notification.subject_id == conversation.id,
        col(Notification.read_at).is_(None),
    )


def _unread(conversation: Conversation, side: Side) -> tuple[ColumnElement[bool] | bool, ...]:
    """Match the messages of a notification that its user has not read, and that are not deleted."""
    read = (
        select(Participant.read)
        .where(
            Participant.conversation_id == conversation.id,
            Participant.user_id == Notification.user_id,
        )
        .correlate_except(Participant)
        .scalar_subquery()
    )
    return (
        col(Message.conversation_id) == conversation.id,
        col(Message.sequence) > func.coalesce(read, 0),
        col(Message.sequence) <= Notification.up_to_sequence,
        col(Message.side) == side.other,
        col(Message.sender_id).is_not(None),
        col(Message.deleted_at).is_(None),
    )


def _count(conversation: Conversation, side: Side) -> Any:
    counted = select(func.least(MAX_COUNT, func.count())).select_from(Message)
    return counted.where(*_unread(conversation, side)).correlate_except(Message).scalar_subquery()


async def _lock_inboxes(
    session: AsyncSession, user_ids: Collection[UUID]
) -> Collection[NotificationInbox]:
    inboxes = select(NotificationInbox).where(col(NotificationInbox.user_id).in_(user_ids))
    ordered = for_change(inboxes.order_by(col(NotificationInbox.user_id)))
    return (await session.exec(ordered)).all()


async def _mark_read(
    session: AsyncSession, locked: Collection[NotificationInbox], ids: Collection[UUID]
) -> None:
    marked = await session.exec(_change(ids, read_at=func.now()))
    numbers = Counter[UUID](marked.scalars())
    for inbox in locked:
        if number := numbers[inbox.user_id]:
            # A counter that drifted must not fail a user who reads: CHECK (unread >= 0).
            inbox.unread = max(0, inbox.unread - number)
            journal.append(session, NotificationsRead(), to=[user_topic(inbox.user_id)])


def _change(ids: Collection[UUID], **values: Any) -> Any:
    """Return a statement that changes those that are unread still, and returns their users."""
    return (
        update(Notification)
        .where(col(Notification.id).in_(ids), col(Notification.read_at).is_(None))
        .values(**values)
        .returning(col(Notification.user_id))
        .execution_options(synchronize_session=False)
    )
