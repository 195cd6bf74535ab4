"""How far everybody has read, and how much is left to."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import and_, col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.chat.conversations import Conversation, Inbox, InboxReader, MessageCounts, Participant
from models.chat.messages import Message
from models.errors import InvalidInput
from models.notifications.inbox import NotificationKind
from services.chat import log
from services.chat.conversations import access_conversation
from services.chat.entries import ConversationRead
from services.notifications.inbox import mark_subject_read
from services.vendors import at_own_vendor
from services.viewer import Viewer


async def mark_read(
    session: AsyncSession, viewer: Viewer, *, conversation_id: UUID, sequence: int
) -> Conversation:
    """The viewer has read up to a message. A place before the one already reached changes nothing.

    Raises `InvalidInput` for a message that isn't there yet.
    """
    conversation = await access_conversation(session, viewer, conversation_id)
    _ensure_said(conversation, sequence)
    place = await _place(session, viewer, conversation)
    if sequence > place.read:
        rows = select(Message.sequence, Message.user_messages, Message.notices).where(
            Message.conversation_id == conversation.id, Message.sequence == sequence
        )
        await _move(session, conversation, place, MessageCounts(*(await session.exec(rows)).one()))
    return conversation


async def read_all(session: AsyncSession, viewer: Viewer, conversation: Conversation) -> None:
    """Who says something next has read what is there; told only if any of it was unread."""
    place = await _place(session, viewer, conversation)
    if conversation.unread(conversation.side_of(viewer.require_user()), place):
        await _move(session, conversation, place, conversation.counts)


async def mark_delivered(
    session: AsyncSession, viewer: Viewer, *, conversation_id: UUID, sequence: int
) -> Conversation:
    """A device of the viewer's has the messages up to this one."""
    conversation = await access_conversation(session, viewer, conversation_id)
    _ensure_said(conversation, sequence)
    place = await _place(session, viewer, conversation)
    if sequence > place.delivered:
        session.add(place)
        place.delivered = sequence
        conversation.advance(conversation.side_of(viewer.require_user()), place)
        _tell(session, conversation, place)
    return conversation


async def find_unread(session: AsyncSession, viewer: Viewer) -> int:
    """How many messages wait for the viewer, in all inboxes: two counters each, no counting.

    What a member once wrote to the vendor as a user waits for the others alone.
    """
    read = and_(col(InboxReader.owner_id) == Inbox.owner_id, InboxReader.user_id == viewer.user_id)
    left = (
        select(func.sum(Inbox.received - func.coalesce(col(InboxReader.read), 0)))
        .outerjoin(InboxReader, read)
        .where(or_(Inbox.owner_id == viewer.user_id, at_own_vendor(viewer, col(Inbox.owner_id))))
    )
    own = select(func.sum(Conversation.user_messages)).where(
        Conversation.user_id == viewer.user_id, at_own_vendor(viewer, col(Conversation.vendor_id))
    )
    both = select(
        func.coalesce(left.scalar_subquery(), 0) - func.coalesce(own.scalar_subquery(), 0)
    )
    return int((await session.exec(both)).one())


def _ensure_said(conversation: Conversation, sequence: int) -> None:
    if not 0 <= sequence <= conversation.last_sequence:
        raise InvalidInput(
            "This conversation has no message {sequence} yet.",
            sequence=sequence,
            field=["sequence"],
        )


async def _place(session: AsyncSession, viewer: Viewer, conversation: Conversation) -> Participant:
    """Where the viewer stands in a conversation that is locked."""
    place = await session.get(Participant, (conversation.id, viewer.require_user()))
    return place or Participant(conversation_id=conversation.id, user_id=viewer.require_user())


async def _move(
    session: AsyncSession,
    conversation: Conversation,
    place: Participant,
    up_to_sequence: MessageCounts,
) -> None:
    session.add(place)
    side = conversation.side_of(place.user_id)
    newly = place.advance(side, up_to_sequence)
    conversation.advance(side, place)
    await _count_read(session, conversation.inbox_owner(side), place.user_id, newly)
    _tell(session, conversation, place)
    told = NotificationKind.MESSAGE_RECEIVED
    await mark_subject_read(
        session, place.user_id, told, conversation.id, up_to_sequence=place.read
    )


async def _count_read(session: AsyncSession, owner_id: UUID, user_id: UUID, newly: int) -> None:
    more = insert(InboxReader).values(owner_id=owner_id, user_id=user_id, read=newly)
    await session.exec(
        more.on_conflict_do_update(
            index_elements=["owner_id", "user_id"], set_={"read": InboxReader.read + newly}
        )
    )


def _tell(session: AsyncSession, conversation: Conversation, place: Participant) -> None:
    moved = ConversationRead(
        conversation.id,
        conversation.user_id,
        reader_id=place.user_id,
        read=place.read,
        delivered=place.delivered,
    )
    log.publish(session, conversation, moved)
