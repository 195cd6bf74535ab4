"""Messages: sent once, changed within their time, found again."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, literal_column, text
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change, for_reliance
from core.errors import BadInput
from core.keyset import Ordering
from models.chat.conversations import Conversation, Side
from models.chat.messages import (
    NORMALIZED_TEXT_SQL,
    Message,
    MessageDraft,
    MessageEdit,
    MessageIdReused,
    MessageKind,
    MessageVersion,
    VersionKind,
    search_vector,
)
from models.errors import NotFound
from models.offers.offers import Offer
from services.chat import desk, log, read_state
from services.chat.conversations import access_conversation, own, visible_conversations
from services.chat.entries import MessageDeleted, MessageEdited
from services.notifications.messages import watch_message
from services.offers.offers import live_offers
from services.uploads import uploads
from services.viewer import Viewer

LONGEST_SEARCH = 100


def visible_messages(viewer: Viewer) -> SelectOfScalar[Message]:
    """Those of the conversations one may see."""
    seen = visible_conversations(viewer).with_only_columns(col(Conversation.id))
    return select(Message).where(col(Message.conversation_id).in_(seen))


def list_messages(conversation_id: UUID) -> tuple[SelectOfScalar[Message], Ordering]:
    """A conversation's messages in their order."""
    rows = select(Message).where(Message.conversation_id == conversation_id)
    return rows, Ordering("messages", Message.sequence, Message.id, int)


def search_messages(viewer: Viewer, search: str) -> tuple[SelectOfScalar[Message], Ordering]:
    """Messages with all the searched words in one's own conversations, the latest first.

    Words are as PostgreSQL's `websearch_to_tsquery` reads them: "in quotes", or, -without.
    """
    if not 1 <= len(search.strip()) <= LONGEST_SEARCH:
        raise BadInput(
            "A search must have between {least} and {most} characters.",
            least=1,
            most=LONGEST_SEARCH,
        )
    words: ColumnElement[Any] = literal_column(search_vector("message.text"))
    plain = text(NORMALIZED_TEXT_SQL.format(":search")).bindparams(search=search)
    sought = func.websearch_to_tsquery(literal_column("'simple'"), plain)
    mine = select(Conversation.id).where(own(viewer))
    rows = select(Message).where(
        words.op("@@", is_comparison=True)(sought),
        Message.text != "",
        col(Message.conversation_id).in_(mine),
    )
    return rows, Ordering(
        f"found:{search}",
        Message.created_at,
        Message.id,
        datetime.fromisoformat,
        descending=True,
    )


async def send_message(
    session: AsyncSession,
    viewer: Viewer,
    *,
    conversation_id: UUID,
    draft: MessageDraft,
    notify_after: timedelta,
) -> Message:
    """Say something, once for each `clientMessageId`. An archived conversation is opened again.

    Its sender has read what was said before. Who has not read it by `notify_after` is told of it
    by push and mail.
    """
    conversation = await access_conversation(session, viewer, conversation_id)
    if earlier := await _find_sent(session, viewer, conversation, draft):
        return earlier
    conversation.ensure_writable()
    content = await _content(session, viewer, conversation, draft)
    side = conversation.side_of(viewer.require_user())
    log.reopen(session, conversation)
    await read_state.read_all(session, viewer, conversation)
    message = await log.write(
        session,
        conversation,
        side,
        sender_id=viewer.require_user(),
        client_message_id=draft.client_message_id,
        text=draft.text,
        **content,
    )
    conversation.record_response_times(side, message.created_at)
    await watch_message(session, message, after=notify_after)
    if side is Side.USER:
        await desk.reply_out_of_hours(session, conversation)
    return message


async def edit_message(
    session: AsyncSession, viewer: Viewer, *, message_id: UUID, edit: MessageEdit
) -> Message:
    """Say it otherwise; what it said is kept for reports."""
    conversation, message = await _access_sent(session, viewer, message_id)
    conversation.ensure_writable()
    message.ensure_changeable()
    if message.text != edit.text:
        _keep(session, message, VersionKind.EDITED)
        message.text = edit.text
        message.edited_at = now()
        edited = MessageEdited(conversation.id, conversation.user_id, message_id=message.id)
        log.publish(session, conversation, edited)
    return message


async def delete_message(session: AsyncSession, viewer: Viewer, *, message_id: UUID) -> Message:
    """Unsay it: its place stays, empty. What it said is kept for reports."""
    conversation, message = await _access_sent(session, viewer, message_id)
    if message.deleted_at is None:
        message.ensure_changeable()
        _keep(session, message, VersionKind.DELETED)
        message.text = ""
        message.deleted_at = now()
        deleted = MessageDeleted(conversation.id, conversation.user_id, message_id=message.id)
        log.publish(session, conversation, deleted)
    return message


async def _find_sent(
    session: AsyncSession, viewer: Viewer, conversation: Conversation, draft: MessageDraft
) -> Message | None:
    """What the viewer sent under this id before. `MessageIdReused` if it was something else."""
    rows = select(Message).where(
        Message.conversation_id == conversation.id,
        Message.sender_id == viewer.require_user(),
        Message.client_message_id == draft.client_message_id,
    )
    message = (await session.exec(rows)).first()
    if message and not message.matches(draft, await _first_text(session, message)):
        raise MessageIdReused
    return message


async def _first_text(session: AsyncSession, message: Message) -> str:
    """What a message said when it was sent."""
    if not message.was_changed:
        return message.text
    rows = select(MessageVersion.text).where(MessageVersion.message_id == message.id)
    first = rows.order_by(col(MessageVersion.created_at), col(MessageVersion.id)).limit(1)
    return (await session.exec(first)).one()


async def _content(
    session: AsyncSession, viewer: Viewer, conversation: Conversation, draft: MessageDraft
) -> dict[str, Any]:
    """What of a draft isn't its text. `NotFound` for what is another conversation's or vendor's."""
    draft.ensure_valid_content()
    content: dict[str, Any] = {}
    if draft.reply_to_id:
        await _ensure_said_here(session, conversation, draft.reply_to_id)
        content["reply_to_id"] = draft.reply_to_id
    if draft.offer_id:
        await _ensure_offered_here(session, conversation, draft.offer_id)
        return content | {"kind": MessageKind.OFFER, "offer_id": draft.offer_id}
    if draft.upload_id:
        upload = await uploads.attach_upload(session, viewer, upload_id=draft.upload_id)
        kind = MessageKind.IMAGE if upload.is_image else MessageKind.FILE
        return content | {"kind": kind, "upload_id": upload.id}
    return content


async def _ensure_said_here(
    session: AsyncSession, conversation: Conversation, message_id: UUID
) -> None:
    rows = select(Message.id).where(
        Message.id == message_id, Message.conversation_id == conversation.id
    )
    if (await session.exec(rows)).first() is None:
        raise NotFound(field=["replyToId"])


async def _ensure_offered_here(
    session: AsyncSession, conversation: Conversation, offer_id: UUID
) -> None:
    """The card is of a live offer of this vendor's, which both sides can see."""
    rows = live_offers().where(Offer.id == offer_id, Offer.vendor_id == conversation.vendor_id)
    if (await session.exec(rows)).first() is None:
        raise NotFound(field=["offerId"])


async def _access_sent(
    session: AsyncSession, viewer: Viewer, message_id: UUID
) -> tuple[Conversation, Message]:
    """A message that the viewer sent, locked, and its conversation, relied upon."""
    sent = select(Message).where(
        Message.id == message_id, Message.sender_id == viewer.require_user()
    )
    found = (await session.exec(sent)).first()
    if found is None:
        raise NotFound
    rows = select(Conversation).where(Conversation.id == found.conversation_id, own(viewer))
    conversation = (await session.exec(for_reliance(rows, of=Conversation))).first()
    if conversation is None:
        raise NotFound
    return conversation, (await session.exec(for_change(sent))).one()


def _keep(session: AsyncSession, message: Message, kind: VersionKind) -> None:
    session.add(MessageVersion(message_id=message.id, kind=kind, text=message.text))
