"""Notifications about messages."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.errors import UserMessage
from models.chat.conversations import Conversation, ConversationState, Participant, Side
from models.chat.messages import Message
from models.identity.accounts import User
from models.notifications.deliveries import SkipReason
from models.notifications.inbox import Notification, NotificationKind
from models.vendors import Vendor
from services.chat.access import takes_part
from services.i18n import translate
from services.notifications.kinds import DeclaredKind, NotificationText, quoted

MAX_COUNT = 100  # more unread messages are not counted


async def _message_received(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    """Compose the text for the customer, or for a member of the vendor."""
    conversation = await session.get_one(Conversation, notification.subject_id)
    vendor = await session.get_one(Vendor, conversation.vendor_id)
    locales = [user.locale]
    shop = quoted(vendor.name, otherwise=translate(UserMessage("a vendor"), locales))
    if conversation.user_id == user.id:
        people = UserMessage("From the vendor {vendor}", vendor=shop)
    else:
        customer = await session.get_one(User, conversation.user_id)
        nameless = translate(UserMessage("without a name"), locales)
        name = quoted(customer.name, otherwise=nameless)
        people = UserMessage("From the customer {customer} to {vendor}", customer=name, vendor=shop)
    title, subject = _titles(notification.count)
    sender = translate(people, locales)
    answer = translate(UserMessage("Open Haat to read and answer."), locales)
    return NotificationText(
        push_title=translate(title, locales),
        push_body=sender,
        mail_subject=translate(subject, locales),
        mail_body=f"{sender}\n\n{answer}\n",
    )


def _titles(count: int) -> tuple[UserMessage, UserMessage]:
    """Return the title of a push message, and the subject of a mail."""
    if count == 1:
        return UserMessage("New message"), UserMessage("New message on Haat")
    if count < MAX_COUNT:
        return (
            UserMessage("{count} new messages", count=count),
            UserMessage("{count} new messages on Haat", count=count),
        )
    most = MAX_COUNT - 1
    return (
        UserMessage("More than {most} new messages", most=most),
        UserMessage("More than {most} new messages on Haat", most=most),
    )


def unread_messages(conversation_id: UUID, side: Side, read: int) -> SelectOfScalar[int]:
    """Select the numbers of a side's later messages by people, not deleted."""
    return select(Message.sequence).where(
        Message.conversation_id == conversation_id,
        Message.sequence > read,
        Message.side == side,
        col(Message.sender_id).is_not(None),
        col(Message.deleted_at).is_(None),
    )


async def _find_skip_reason(session: AsyncSession, notification: Notification) -> SkipReason | None:
    if not await _is_recipient(session, notification.user_id, notification.subject_id):
        return SkipReason.NO_PART
    return None if await _is_unread(session, notification) else SkipReason.READ


async def _is_recipient(session: AsyncSession, user_id: UUID, conversation_id: UUID) -> bool:
    """Return whether a user still takes part in an unblocked conversation."""
    rows = select(Conversation.id).where(
        Conversation.id == conversation_id,
        Conversation.state != ConversationState.BLOCKED,
        takes_part(user_id, user_id),
    )
    return (await session.exec(rows)).first() is not None


async def _is_unread(session: AsyncSession, notification: Notification) -> bool:
    """Return whether any message of a notification is neither read nor deleted."""
    conversation = await session.get_one(Conversation, notification.subject_id)
    sender_side = conversation.side_of(notification.user_id).other
    position = await session.get(Participant, (conversation.id, notification.user_id))
    unread = unread_messages(conversation.id, sender_side, position.read if position else 0)
    included = unread.where(Message.sequence <= notification.up_to_sequence).limit(1)
    return (await session.exec(included)).first() is not None


async def _find_sender(session: AsyncSession, notification: Notification) -> UUID | None:
    """Return the user whose message the notification is about."""
    rows = select(Message.sender_id).where(
        Message.conversation_id == notification.subject_id,
        Message.sequence == notification.up_to_sequence,
    )
    return (await session.exec(rows)).first()


KINDS = [
    DeclaredKind(
        NotificationKind.MESSAGE_RECEIVED,
        "The user has unread messages in a conversation.",
        subject="Conversation",
        compose=_message_received,
        find_skip_reason=_find_skip_reason,
        find_sender=_find_sender,
    )
]
