"""Messages: send, edit and delete."""

from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change, for_reliance
from core.keyset import Listing, Ordering
from core.statements.pages import PageStatements
from models.chat.conversations import Conversation, Side
from models.chat.messages import (
    Message,
    MessageDraft,
    MessageEdit,
    MessageIdReused,
    MessageKind,
    MessageVersion,
    VersionKind,
)
from models.errors import NotFound
from models.offers.offers import Offer
from services.chat import hours, log
from services.chat.access import own_conversations
from services.chat.conversations import access_conversation, visible_conversations
from services.chat.entries import MessageDeleted, MessageEdited
from services.chat.message_notifications import schedule_notification
from services.chat.presence import TypingTracker
from services.chat.unanswered import count_unanswered
from services.journal.topics import conversation_topic
from services.offers.offers import live_offers
from services.transaction import on_commit
from services.uploads import uploads
from services.viewer import Viewer

BATCH_SIZE = 100

_OF_CONVERSATION = PageStatements(
    Listing(
        select(Message).where(Message.conversation_id == bindparam("conversation_id")),
        Ordering("messages", Message.sequence, Message.id, int),
    )
)


def visible_messages(viewer: Viewer) -> SelectOfScalar[Message]:
    """Select messages of conversations that the viewer can see."""
    seen = visible_conversations(viewer).with_only_columns(col(Conversation.id))
    return select(Message).where(col(Message.conversation_id).in_(seen))


def list_messages(conversation_id: UUID) -> Listing[Message]:
    values, topics = {"conversation_id": conversation_id}, [conversation_topic(conversation_id)]
    return _OF_CONVERSATION.listing(values, topics=topics)


async def send_message(
    session: AsyncSession,
    viewer: Viewer,
    typing: TypingTracker,
    *,
    conversation_id: UUID,
    draft: MessageDraft,
) -> Message:
    """Send a message, once per `clientMessageId`. Ends the sender's typing status.

    A retry returns the first request's message. Recipients who have not read it after a while are
    notified by push and mail.
    """
    sender_id = viewer.require_user()
    conversation = await access_conversation(session, viewer, conversation_id)
    on_commit(session, partial(typing.set, conversation_id, sender_id, typing=False))
    if earlier := await _find_sent(session, viewer, conversation, draft):
        return earlier
    conversation.ensure_writable()
    content = await _content(session, viewer, conversation, draft)
    await count_unanswered(session, conversation, sender_id)
    message = await log.append(
        session,
        conversation,
        sender_id=sender_id,
        client_message_id=draft.client_message_id,
        text=draft.text,
        **content,
    )
    await schedule_notification(session, message)
    if message.side is Side.USER:
        await hours.reply_out_of_hours(session, conversation)
    return message


async def edit_message(
    session: AsyncSession, viewer: Viewer, *, message_id: UUID, edit: MessageEdit
) -> Message:
    """Edit a message. The earlier text is kept for reports."""
    conversation, message = await _access_sent(session, viewer, message_id)
    conversation.ensure_writable()
    message.ensure_changeable()
    if message.text != edit.text:
        _keep_version(session, message, VersionKind.EDITED)
        message.change_text(edit.text, conversation)
        message.edited_at = now()
        edited = MessageEdited(conversation.id, conversation.user_id, message_id=message.id)
        log.publish(session, conversation, edited)
    return message


async def delete_message(session: AsyncSession, viewer: Viewer, *, message_id: UUID) -> Message:
    """Delete a message's text. Its number stays; the text is kept for reports.

    It is unread for no recipient any more. The counters are those that sending and reading change,
    so the conversation is locked as they do.
    """
    conversation, message = await _access_sent(session, viewer, message_id, exclusive=True)
    if message.deleted_at is None:
        message.ensure_changeable()
        _keep_version(session, message, VersionKind.DELETED)
        await _delete(session, conversation, message)
    return message


async def delete_messages_of(session: AsyncSession, user_id: UUID) -> bool:
    """Delete a batch of the messages of an account that ends, in one conversation.

    Otherwise badges would count messages without content. Returns whether there may be more.
    """
    sent = (Message.sender_id == user_id, col(Message.deleted_at).is_(None))
    conversation_id = (
        await session.exec(select(Message.conversation_id).where(*sent).limit(1))
    ).first()
    if conversation_id is None:
        return False
    only = select(Conversation).where(Conversation.id == conversation_id)
    conversation = (await session.exec(for_change(only))).one()
    rows = select(Message).where(*sent, Message.conversation_id == conversation_id)
    some = rows.order_by(col(Message.id)).limit(BATCH_SIZE)
    for message in (await session.exec(for_change(some))).all():
        await _delete(session, conversation, message)
    return True


async def _delete(session: AsyncSession, conversation: Conversation, message: Message) -> None:
    """Delete a message's text. The conversation is locked, because its counters change."""
    message.change_text("", conversation)
    message.deleted_at = now()
    await log.discount(session, conversation, message)
    deleted = MessageDeleted(conversation.id, conversation.user_id, message_id=message.id)
    log.publish(session, conversation, deleted)


async def _find_sent(
    session: AsyncSession, viewer: Viewer, conversation: Conversation, draft: MessageDraft
) -> Message | None:
    """Return the viewer's message with this id, if any.

    Raises `MessageIdReused` if its content was different.
    """
    rows = select(Message).where(
        Message.conversation_id == conversation.id,
        Message.sender_id == viewer.require_user(),
        Message.client_message_id == draft.client_message_id,
    )
    message = (await session.exec(rows)).first()
    if message and not message.matches(draft, await _original_text(session, message)):
        raise MessageIdReused
    return message


async def _original_text(session: AsyncSession, message: Message) -> str:
    """Return a message's text before edits and deletion."""
    if not message.was_changed:
        return message.text
    rows = select(MessageVersion.text).where(MessageVersion.message_id == message.id)
    first = rows.order_by(col(MessageVersion.created_at), col(MessageVersion.id)).limit(1)
    return (await session.exec(first)).one()


async def _content(
    session: AsyncSession, viewer: Viewer, conversation: Conversation, draft: MessageDraft
) -> dict[str, Any]:
    """Return a draft's columns besides its text.

    Raises `NotFound` for a reply to another conversation, or an offer of another vendor.
    """
    draft.ensure_valid_content()
    content: dict[str, Any] = {}
    if draft.reply_to_id:
        await _ensure_in_conversation(session, conversation, draft.reply_to_id)
        content["reply_to_id"] = draft.reply_to_id
    if draft.offer_id:
        await _ensure_offer_of_vendor(session, conversation, draft.offer_id)
        return content | {"kind": MessageKind.OFFER, "offer_id": draft.offer_id}
    if draft.upload_id:
        upload = await uploads.attach_upload(session, viewer, upload_id=draft.upload_id)
        kind = MessageKind.IMAGE if upload.is_image else MessageKind.FILE
        return content | {"kind": kind, "upload_id": upload.id}
    return content


async def _ensure_in_conversation(
    session: AsyncSession, conversation: Conversation, message_id: UUID
) -> None:
    rows = select(Message.id).where(
        Message.id == message_id, Message.conversation_id == conversation.id
    )
    if (await session.exec(rows)).first() is None:
        raise NotFound(field=["replyToId"])


async def _ensure_offer_of_vendor(
    session: AsyncSession, conversation: Conversation, offer_id: UUID
) -> None:
    """Raise `NotFound` unless the vendor's offer is live, so both sides can see it."""
    rows = live_offers().where(Offer.id == offer_id, Offer.vendor_id == conversation.vendor_id)
    if (await session.exec(rows)).first() is None:
        raise NotFound(field=["offerId"])


async def _access_sent(
    session: AsyncSession, viewer: Viewer, message_id: UUID, *, exclusive: bool = False
) -> tuple[Conversation, Message]:
    """Return the viewer's message, locked, and its conversation with a shared or exclusive lock."""
    sent = select(Message).where(
        Message.id == message_id, Message.sender_id == viewer.require_user()
    )
    found = (await session.exec(sent)).first()
    if found is None:
        raise NotFound
    rows = select(Conversation).where(
        Conversation.id == found.conversation_id, own_conversations(viewer)
    )
    lock = for_change if exclusive else for_reliance
    conversation = (await session.exec(lock(rows, of=Conversation))).first()
    if conversation is None:
        raise NotFound
    return conversation, (await session.exec(for_change(sent))).one()


def _keep_version(session: AsyncSession, message: Message, kind: VersionKind) -> None:
    session.add(MessageVersion(message_id=message.id, kind=kind, text=message.text))
