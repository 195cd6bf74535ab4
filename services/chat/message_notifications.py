"""Notifies of messages that are unread after a while."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_reliance
from models.chat.conversations import Conversation, ConversationState, Participant, Side
from models.chat.messages import Message
from models.members import Permission
from models.notifications.inbox import Notification, NotificationKind
from models.vendors import VendorMember
from services import jobs
from services.chat.notifications import MAX_COUNT, unread_messages
from services.notifications.inbox import lock_inbox, notify
from services.transaction import notification_delay
from services.vendors.access import grants

KIND = NotificationKind.MESSAGE_RECEIVED
MAX_NOTIFIED_MEMBERS = 100


async def schedule_notification(session: AsyncSession, message: Message) -> None:
    """Defer the job that notifies recipients of a message still unread."""
    delay = notification_delay(session)
    at = now() + delay if delay else None
    await jobs.defer(session, "notify_of_message", at=at, message_id=message.id)


async def notify_of_message(session: AsyncSession, message_id: UUID) -> None:
    """Notify the recipients who have not read a message, of all their unread messages at once.

    So messages in quick succession become one notification, by the first one's job; the other jobs
    find their message included.
    """
    message = await session.get_one(Message, message_id)
    rows = select(Conversation).where(Conversation.id == message.conversation_id)
    conversation = (await session.exec(for_reliance(rows))).one()
    if conversation.state is ConversationState.BLOCKED:
        return
    for user_id in await _recipients(session, conversation, message):
        position = await session.get(Participant, (conversation.id, user_id))
        read = position.read if position else 0
        if read < message.sequence:
            await _notify_once(session, conversation, message, user_id, read)


async def _recipients(
    session: AsyncSession, conversation: Conversation, message: Message
) -> Sequence[UUID]:
    """Return the customer, the assignee, or all members who chat if unassigned.

    If one member has read an unassigned conversation, the others are not notified.
    """
    if message.side is Side.VENDOR:
        return [conversation.user_id]
    members = select(VendorMember.user_id).where(
        VendorMember.vendor_id == conversation.vendor_id,
        VendorMember.user_id != conversation.user_id,
        grants(Permission.CHAT),
    )
    if conversation.assignee_id is not None:
        members = members.where(VendorMember.user_id == conversation.assignee_id)
    elif conversation.vendor_read >= message.sequence:
        return []
    ordered = members.order_by(col(VendorMember.user_id)).limit(MAX_NOTIFIED_MEMBERS)
    return (await session.exec(ordered)).all()


async def _notify_once(
    session: AsyncSession, conversation: Conversation, message: Message, user_id: UUID, read: int
) -> None:
    """Notify a user of a message, unless an earlier notification includes it.

    Two jobs of a conversation can run at once. The inbox's lock makes the second wait and then find
    the first one's notification.
    """
    await lock_inbox(session, user_id)
    notified = select(func.max(Notification.up_to_sequence)).where(
        Notification.user_id == user_id,
        Notification.kind == KIND,
        Notification.subject_id == conversation.id,
    )
    if ((await session.exec(notified)).one() or 0) >= message.sequence:
        return
    latest = col(Message.sequence).desc()
    unread = unread_messages(conversation.id, message.side, read).order_by(latest).limit(MAX_COUNT)
    if sequences := (await session.exec(unread)).all():
        await notify(
            session,
            user_id,
            KIND,
            conversation.id,
            up_to_sequence=max(sequences[0], message.sequence),
            count=len(sequences),
            deliver_after=timedelta(),  # the user has had that time to read the message
        )
