"""Telling people of messages that they have not read in a while."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_reliance
from models.chat.conversations import Conversation, ConversationState, Participant, Side
from models.chat.messages import Message
from models.notifications.inbox import Notification, NotificationKind
from models.vendors import VendorMember
from services import jobs
from services.notifications.inbox import lock_inbox, notify
from services.notifications.texts import MANY

KIND = NotificationKind.MESSAGE_RECEIVED
MOST_MEMBERS = 100


async def watch_message(session: AsyncSession, message: Message, *, after: timedelta) -> None:
    """See after a while who has not read a message; called where it is sent."""
    at = now() + after if after else None
    await jobs.defer(session, "notify_of_message", at=at, message_id=message.id)


async def notify_of_message(session: AsyncSession, message_id: UUID) -> None:
    """Tell each whom a message is for and who has not read it, with all else unread before it.

    Messages of one run are so told together, by the job of the first; those of the others
    find that it has been done.
    """
    message = await session.get_one(Message, message_id)
    rows = select(Conversation).where(Conversation.id == message.conversation_id)
    conversation = (await session.exec(for_reliance(rows))).one()
    if conversation.state is ConversationState.BLOCKED:
        return
    for user_id in await _recipients(session, conversation, message):
        place = await session.get(Participant, (conversation.id, user_id))
        if place is None or place.read < message.sequence:
            await _tell(session, conversation, message, user_id, place.read if place else 0)


async def takes_part(session: AsyncSession, user_id: UUID, conversation_id: UUID) -> bool:
    """Whether somebody is of a conversation still, and nobody blocks it."""
    member = select(VendorMember.id).where(
        VendorMember.vendor_id == Conversation.vendor_id, VendorMember.user_id == user_id
    )
    rows = select(Conversation.id).where(
        Conversation.id == conversation_id,
        Conversation.state != ConversationState.BLOCKED,
        or_(Conversation.user_id == user_id, member.exists()),
    )
    return (await session.exec(rows)).first() is not None


async def is_unread(session: AsyncSession, notification: Notification) -> bool:
    """Whether any of the messages that this tells of was neither read nor taken back meanwhile."""
    conversation = await session.get_one(Conversation, notification.subject_id)
    mine = conversation.user_id == notification.user_id
    place = await session.get(Participant, (conversation.id, notification.user_id))
    unread = _unread(
        conversation.id, Side.VENDOR if mine else Side.USER, place.read if place else 0
    )
    told = unread.where(Message.sequence <= notification.up_to_sequence).limit(1)
    return (await session.exec(told)).first() is not None


async def _recipients(
    session: AsyncSession, conversation: Conversation, message: Message
) -> Sequence[UUID]:
    """The user; the member that a conversation is assigned to; or else all members.

    A member who has read an unassigned one spares the others.
    """
    if message.side is Side.VENDOR:
        return [conversation.user_id]
    members = select(VendorMember.user_id).where(
        VendorMember.vendor_id == conversation.vendor_id,
        VendorMember.user_id != conversation.user_id,
    )
    if conversation.assignee_id is not None:
        members = members.where(VendorMember.user_id == conversation.assignee_id)
    elif conversation.vendor_read >= message.sequence:
        return []
    ordered = members.order_by(col(VendorMember.user_id)).limit(MOST_MEMBERS)
    return (await session.exec(ordered)).all()


async def _tell(
    session: AsyncSession, conversation: Conversation, message: Message, user_id: UUID, read: int
) -> None:
    """Unless they have been told of it, by a job that comes before this one at the inbox."""
    await lock_inbox(session, user_id)
    told = select(func.max(Notification.up_to_sequence)).where(
        Notification.user_id == user_id,
        Notification.kind == KIND,
        Notification.subject_id == conversation.id,
    )
    if ((await session.exec(told)).one() or 0) >= message.sequence:
        return
    latest = col(Message.sequence).desc()
    unread = _unread(conversation.id, message.side, read).order_by(latest).limit(MANY)
    if sequences := (await session.exec(unread)).all():
        await notify(
            session,
            user_id,
            KIND,
            conversation.id,
            after=timedelta(),
            up_to_sequence=max(sequences[0], message.sequence),
            count=len(sequences),
        )


def _unread(conversation_id: UUID, side: Side, read: int) -> SelectOfScalar[int]:
    """What people of a side have written since, and not taken back."""
    return select(Message.sequence).where(
        Message.conversation_id == conversation_id,
        Message.sequence > read,
        Message.side == side,
        col(Message.sender_id).is_not(None),
        col(Message.deleted_at).is_(None),
    )
