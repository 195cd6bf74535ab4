"""The message log. Only it changes the counters, on a locked conversation, so that they agree."""

from typing import Any
from uuid import UUID

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change, increment
from core.statements.shared_reads import SharedReads
from models.chat.conversations import (
    Conversation,
    Inbox,
    InboxReader,
    MessageCounts,
    Participant,
    Side,
)
from models.chat.messages import Message, MessageKind, NoticeKind
from services.chat.entries import (
    ConversationEntry,
    ConversationRead,
    ConversationUpdated,
    MessageSent,
)
from services.chat.seen_notifications import count_again, mark_seen_read
from services.journal import append as journal
from services.journal.topics import conversation_topic, user_topic, vendor_topic
from services.vendors.access import find_chat_vendors_of
from services.viewer import Acting


async def append(
    session: AsyncSession, conversation: Conversation, *, sender_id: UUID, **content: Any
) -> Message:
    """Append a person's message. Reopens an archived conversation.

    The sender has seen what they answer, so everything before it is marked as read.
    """
    side = conversation.side_of(sender_id)
    reopen(session, conversation)
    await _read_all(session, conversation, sender_id)
    message = await _append_to_inbox(session, conversation, side, sender_id=sender_id, **content)
    conversation.record_response_times(side, message.created_at)
    return message


async def append_auto_reply(
    session: AsyncSession, conversation: Conversation, text: str
) -> Message:
    """Append an automatic reply. It has no sender and is no response."""
    return await _append_to_inbox(
        session, conversation, Side.VENDOR, kind=MessageKind.AUTO_REPLY, text=text
    )


def append_notice(session: AsyncSession, conversation: Conversation, kind: NoticeKind) -> None:
    """Append a system notice for both sides. Notices are never unread."""
    conversation.notices += 1
    _append(session, conversation, side=Side.VENDOR, kind=MessageKind.NOTICE, notice=kind)


def reopen(session: AsyncSession, conversation: Conversation) -> None:
    """Reopen a conversation, with a notice for both sides if it was archived."""
    if conversation.reopen():
        append_notice(session, conversation, NoticeKind.REOPENED)
        publish(session, conversation, ConversationUpdated(conversation.id, conversation.user_id))


async def discount(session: AsyncSession, conversation: Conversation, message: Message) -> None:
    """Take a deleted message out of all counts of messages that can be unread.

    Who has read it has read one message less. Rows of one table are locked in the order of ids.
    """
    message.discounted = True
    conversation.count_deleted(message.side)
    reader_ids = await _discount_positions(session, conversation, message)
    owner_id = conversation.inbox_owner(message.side.other)
    readers = select(InboxReader).where(
        InboxReader.owner_id == owner_id, col(InboxReader.user_id).in_(reader_ids)
    )
    for reader in await session.exec(for_change(readers.order_by(col(InboxReader.user_id)))):
        reader.read -= 1
    await count_again(session, conversation, message.side.other)
    await increment(session, col(Inbox.received), -1, owner_id=owner_id)


async def find_position(
    session: AsyncSession, conversation: Conversation, user_id: UUID
) -> Participant:
    """Return a user's read position, or the one before the first message."""
    position = await session.get(Participant, (conversation.id, user_id))
    return position or Participant(conversation_id=conversation.id, user_id=user_id)


async def advance_read(
    session: AsyncSession,
    conversation: Conversation,
    position: Participant,
    up_to_sequence: MessageCounts,
) -> None:
    """Move a read position to a later message, given by its counts."""
    session.add(position)
    side = conversation.side_of(position.user_id)
    newly_read = position.advance(side, up_to_sequence)
    conversation.advance(side, position)
    await increment(
        session,
        col(InboxReader.read),
        newly_read,
        owner_id=conversation.inbox_owner(side),
        user_id=position.user_id,
    )
    _publish_position(session, conversation, position)
    await mark_seen_read(session, conversation, side, position.user_id)


def see_joined(
    session: AsyncSession, conversation: Conversation, position: Participant, sequence: int
) -> None:
    """Publish a receipt when a new member sees what was read for them when they joined."""
    if position.begin_to_see(sequence):
        conversation.advance(conversation.side_of(position.user_id), position)
        _publish_position(session, conversation, position)


def advance_delivered(
    session: AsyncSession, conversation: Conversation, position: Participant, sequence: int
) -> None:
    session.add(position)
    position.delivered = sequence
    conversation.advance(conversation.side_of(position.user_id), position)
    _publish_position(session, conversation, position)


def publish(session: AsyncSession, conversation: Conversation, entry: ConversationEntry) -> None:
    """Append an entry for subscribers of the conversation, its customer and vendor."""
    topics = (
        conversation_topic(conversation.id),
        user_topic(conversation.user_id),
        vendor_topic(conversation.vendor_id),
    )
    journal.append(session, entry, to=topics)


async def inbox_topics(
    reads: SharedReads, user_id: UUID, acting: Acting | None = None
) -> list[str]:
    """Return the topics of a user's inbox: their own, and of the vendors that they answer for.

    In browser mode, only the vendor that they act for counts.
    """
    vendor_ids = await find_chat_vendors_of(reads, user_id)
    if acting is not None:
        vendor_ids = [id for id in vendor_ids if id == acting.vendor_id]
    return [user_topic(user_id), *map(vendor_topic, vendor_ids)]


async def _read_all(session: AsyncSession, conversation: Conversation, user_id: UUID) -> None:
    """Mark all messages as read. Publishes a receipt only if any was unread."""
    position = await find_position(session, conversation, user_id)
    if conversation.unread(conversation.side_of(user_id), position):
        await advance_read(session, conversation, position, conversation.counts)
    else:
        see_joined(session, conversation, position, conversation.last_sequence)


async def _discount_positions(
    session: AsyncSession, conversation: Conversation, message: Message
) -> list[UUID]:
    """Count a deleted message in the positions after it. Returns the recipients at these."""
    column = col(
        Participant.user_deleted if message.side is Side.USER else Participant.vendor_deleted
    )
    after = update(Participant).where(
        col(Participant.conversation_id) == conversation.id,
        col(Participant.read) >= message.sequence,
    )
    moved = await session.exec(
        after.values({column: column + 1}).returning(col(Participant.user_id))
    )
    return [
        user_id for user_id in moved.scalars() if conversation.side_of(user_id) is not message.side
    ]


async def _append_to_inbox(
    session: AsyncSession, conversation: Conversation, side: Side, **content: Any
) -> Message:
    conversation.user_messages += side is Side.USER
    message = _append(session, conversation, side=side, **content)
    await increment(session, col(Inbox.received), owner_id=conversation.inbox_owner(side.other))
    return message


def _append(
    session: AsyncSession, conversation: Conversation, *, text: str = "", **content: Any
) -> Message:
    conversation.last_sequence += 1
    message = Message(
        conversation_id=conversation.id,
        sequence=conversation.last_sequence,
        user_messages=conversation.user_messages,
        notices=conversation.notices,
        **content,
    )
    message.change_text(text, conversation)
    session.add(message)
    conversation.last_message_at = message.created_at
    sent = MessageSent(
        conversation.id, conversation.user_id, message_id=message.id, sequence=message.sequence
    )
    publish(session, conversation, sent)
    return message


def _publish_position(
    session: AsyncSession, conversation: Conversation, position: Participant
) -> None:
    advanced = ConversationRead(
        conversation.id,
        conversation.user_id,
        reader_id=position.user_id,
        read=position.read,
        delivered=position.delivered,
    )
    publish(session, conversation, advanced)
