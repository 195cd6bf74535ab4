"""Read and delivery positions, and the number of unread messages."""

from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.chat.conversations import Conversation, Inbox, InboxReader, MessageCounts, Side
from models.chat.messages import Message
from models.errors import InvalidInput
from models.members import Permission
from services.chat import log
from services.chat.conversations import access_conversation
from services.vendors.access import works_at
from services.viewer import Viewer


async def mark_read(
    session: AsyncSession, viewer: Viewer, *, conversation_id: UUID, sequence: int
) -> Conversation:
    """Mark messages as read up to a sequence number. An earlier position changes nothing.

    Clients send positions late and out of order (two devices, a retry); moving back would make
    messages unread after a receipt. The lock keeps two devices from counting the same messages.
    Raises `InvalidInput` for a message that doesn't exist yet.
    """
    conversation = await access_conversation(session, viewer, conversation_id)
    _ensure_exists(conversation, sequence)
    position = await log.find_position(session, conversation, viewer.require_user())
    if sequence > position.read:
        up_to_sequence = await _counts_up_to(session, conversation, sequence)
        await log.advance_read(session, conversation, position, up_to_sequence)
    else:
        log.see_joined(session, conversation, position, sequence)
    return conversation


async def mark_delivered(
    session: AsyncSession, viewer: Viewer, *, conversation_id: UUID, sequence: int
) -> Conversation:
    """Mark messages as delivered to the viewer's device, up to a sequence number."""
    conversation = await access_conversation(session, viewer, conversation_id)
    _ensure_exists(conversation, sequence)
    position = await log.find_position(session, conversation, viewer.require_user())
    if sequence > position.delivered:
        log.advance_delivered(session, conversation, position, sequence)
    return conversation


async def find_unread(session: AsyncSession, viewer: Viewer) -> int:
    """Return the number of unread messages in all of the viewer's inboxes.

    It is the difference of two counters per inbox, so no messages are counted. What a member wrote
    as a customer of their vendor, and did not delete, is unread for others only.
    """
    user_id = viewer.user_id
    own_counter = and_(col(InboxReader.owner_id) == Inbox.owner_id, InboxReader.user_id == user_id)
    left = (
        select(func.sum(Inbox.received - func.coalesce(col(InboxReader.read), 0)))
        .outerjoin(InboxReader, own_counter)
        .where(
            or_(
                Inbox.owner_id == user_id,
                works_at(viewer.staff, col(Inbox.owner_id), Permission.CHAT),
            )
        )
    )
    written = select(
        func.sum(col(Conversation.user_messages) - col(Conversation.user_deleted))
    ).where(
        Conversation.user_id == user_id,
        works_at(viewer.staff, col(Conversation.vendor_id), Permission.CHAT),
    )
    unread = select(
        func.coalesce(left.scalar_subquery(), 0) - func.coalesce(written.scalar_subquery(), 0)
    )
    return int((await session.exec(unread)).one())


async def _counts_up_to(
    session: AsyncSession, conversation: Conversation, sequence: int
) -> MessageCounts:
    """Return the counts of a locked conversation up to a message.

    The deleted ones are those of the conversation without the later ones, which are few.
    """
    rows = select(
        Message.user_messages,
        Message.notices,
        conversation.user_deleted - _deleted_after(conversation, sequence, Side.USER),
        conversation.vendor_deleted - _deleted_after(conversation, sequence, Side.VENDOR),
    ).where(Message.conversation_id == conversation.id, Message.sequence == sequence)
    return MessageCounts(sequence, *(await session.exec(rows)).one())


def _deleted_after(conversation: Conversation, sequence: int, side: Side) -> ColumnElement[int]:
    later = aliased(Message)
    return (
        select(func.count())
        .select_from(later)
        .where(
            later.conversation_id == conversation.id,
            later.sequence > sequence,
            later.side == side,
            col(later.discounted),
        )
        .scalar_subquery()
    )


def _ensure_exists(conversation: Conversation, sequence: int) -> None:
    if not 0 <= sequence <= conversation.last_sequence:
        raise InvalidInput(
            "This conversation has no message {sequence} yet.",
            sequence=sequence,
            field=["sequence"],
        )
