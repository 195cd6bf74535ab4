"""The end of a conversation, where its next message goes."""

from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from models.chat.conversations import Conversation, Inbox, Side
from models.chat.messages import Message, MessageKind, NoticeKind
from services.chat.entries import ConversationEntry, ConversationUpdated, MessageSent
from services.journal import append as journal
from services.journal.topics import conversation_topic, user_topic, vendor_topic
from services.vendors import own_vendor_ids
from services.viewer import Viewer


async def write(
    session: AsyncSession, conversation: Conversation, side: Side, **content: Any
) -> Message:
    """Add the next message of a conversation that is locked, and count it for the other side."""
    conversation.user_messages += side is Side.USER
    message = _add(session, conversation, side=side, **content)
    await _receive(session, conversation.inbox_owner(side.other))
    return message


def notice(session: AsyncSession, conversation: Conversation, kind: NoticeKind) -> None:
    """What the house itself tells both sides, on the vendor's behalf: unread by nobody."""
    conversation.notices += 1
    _add(session, conversation, side=Side.VENDOR, kind=MessageKind.NOTICE, notice=kind)


def reopen(session: AsyncSession, conversation: Conversation) -> None:
    """Take a conversation out again if it was put away, and tell both sides, whatever did it."""
    if conversation.reopen():
        notice(session, conversation, NoticeKind.REOPENED)
        publish(session, conversation, ConversationUpdated(conversation.id, conversation.user_id))


def publish(session: AsyncSession, conversation: Conversation, entry: ConversationEntry) -> None:
    """Append an entry for the followers of the conversation, its customer and the members."""
    topics = (
        conversation_topic(conversation.id),
        user_topic(conversation.user_id),
        vendor_topic(conversation.vendor_id),
    )
    journal.append(session, entry, to=topics)


async def inbox_topics(session: AsyncSession, viewer: Viewer) -> list[str]:
    """Where somebody is told of all that concerns them: their own topic, and their vendors'."""
    vendor_ids = await session.exec(own_vendor_ids(viewer))
    return [
        user_topic(viewer.require_user()),
        *(vendor_topic(vendor_id) for vendor_id in vendor_ids),
    ]


def _add(session: AsyncSession, conversation: Conversation, **content: Any) -> Message:
    conversation.last_sequence += 1
    message = Message(
        conversation_id=conversation.id,
        sequence=conversation.last_sequence,
        user_messages=conversation.user_messages,
        notices=conversation.notices,
        **content,
    )
    session.add(message)
    conversation.last_message_at = message.created_at
    sent = MessageSent(
        conversation.id, conversation.user_id, message_id=message.id, sequence=message.sequence
    )
    publish(session, conversation, sent)
    return message


async def _receive(session: AsyncSession, owner_id: UUID) -> None:
    one_more = insert(Inbox).values(owner_id=owner_id, received=1)
    await session.exec(
        one_more.on_conflict_do_update(
            index_elements=["owner_id"], set_={"received": Inbox.received + 1}
        )
    )
