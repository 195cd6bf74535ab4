"""Loaders of conversations, messages and reports, and of a vendor's chat settings."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Column, Integer, Uuid, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import and_, col, func
from sqlmodel.ext.asyncio.session import AsyncSession

from core.statements.pairs import Pairs
from core.statements.selected import AnySelect, Selected, columns_of, join, select_columns
from core.statements.statement import Statement, any_of
from engine.loaders import (
    Loader,
    RowLoader,
    by_id,
    children,
    grouped,
    in_session,
    one_each,
    visible,
)
from engine.reads.source import ReadSource
from engine.reads.statements import ViewerStatement
from models.chat.canned_replies import CannedReply
from models.chat.contacts import Contact
from models.chat.conversations import Conversation, Participant
from models.chat.hours import ChatHours
from models.chat.messages import Message, MessageVersion
from models.chat.reports import MessageReport
from services.chat.access import takes_part
from services.chat.canned_replies import visible_canned_replies
from services.chat.conversations import visible_conversations
from services.chat.messages import visible_messages
from services.chat.reports import visible_reports, visible_versions
from services.chat.response_times import FirstAnswers, count_first_answers
from services.viewer import VIEWER_ID, VIEWER_STAFF, Viewer


def _about(viewer: Viewer, selected: Selected | None) -> AnySelect:
    columns = columns_of(Conversation, selected, "subject_id")
    seen = visible_conversations(viewer).with_only_columns(col(Conversation.id))
    ours = any_of(col(Conversation.subject_id)), col(Conversation.id).in_(seen)
    return select(*columns).where(*ours).order_by(col(Conversation.id))


Place = tuple[UUID, int]

conversation_by_id = by_id(Conversation)
message_by_id = by_id(Message)
visible_conversation = visible(Conversation, visible_conversations)
visible_message = visible(Message, visible_messages)
visible_report = visible(MessageReport, visible_reports)
visible_canned_reply = visible(CannedReply, visible_canned_replies)
versions_of_message = children(MessageVersion, "message_id", visible_versions)

READ_PLACES, CONTACTS = Pairs(Conversation, Participant), Pairs(Conversation, Contact)
_OWN = and_(any_of(col(Conversation.id)), takes_part(VIEWER_ID, VIEWER_STAFF))
_READ_PLACES = Statement(
    select(*READ_PLACES.columns)
    .select_from(Conversation)
    .outerjoin(
        Participant,
        and_(
            col(Participant.conversation_id) == Conversation.id,
            col(Participant.user_id) == VIEWER_ID,
        ),
    )
    .where(_OWN),
    Conversation,
)
_CONTACTS = Statement(
    select(*CONTACTS.columns)
    .select_from(Conversation)
    .join(
        Contact,
        and_(
            col(Contact.user_id) == Conversation.user_id,
            col(Contact.vendor_id) == Conversation.vendor_id,
        ),
    )
    .where(_OWN),
    Conversation,
)
_HOURS = Statement(select_columns(ChatHours).where(any_of(col(ChatHours.vendor_id))), ChatHours)


def _at_places(_: object, selected: Selected | None) -> AnySelect:
    given = (
        bindparam("conversation_ids", type_=ARRAY(Uuid())),
        bindparam("sequences", type_=ARRAY(Integer())),
    )
    columns = Column("conversation_id", Uuid()), Column("sequence", Integer())
    places = func.unnest(*given).table_valued(*columns, name="place").render_derived()
    here = and_(
        col(Message.conversation_id) == places.c.conversation_id,
        col(Message.sequence) == places.c.sequence,
    )
    found = columns_of(Message, selected, "conversation_id", "sequence")
    return join(select(*found).select_from(places).join(Message, here), selected)


_MESSAGES_AT = ViewerStatement(_at_places, Message)


async def _messages_at(
    source: ReadSource, places: Sequence[Place], selected: Selected | None
) -> Mapping[Place, Message | None]:
    rows = await source.fetch(
        _MESSAGES_AT.of(source.viewer, selected),
        conversation_ids=[id for id, _ in places],
        sequences=[sequence for _, sequence in places],
    )
    return {(row.conversation_id, row.sequence): row for row in rows}


async def _unread(source: ReadSource, conversation_ids: Sequence[UUID]) -> Mapping[UUID, int]:
    user_id = source.viewer.require_user()
    rows = await source.fetch(_READ_PLACES, keys=conversation_ids)
    return {one.id: one.unread(one.side_of(user_id), place) for one, place in READ_PLACES.of(rows)}


async def _blocked(source: ReadSource, conversation_ids: Sequence[UUID]) -> Mapping[UUID, bool]:
    user_id = source.viewer.require_user()
    rows = await source.fetch(_CONTACTS, keys=conversation_ids)
    return {
        one.id: contact.blocked_by(one.side_of(user_id))
        for one, contact in CONTACTS.of(rows)
        if contact is not None
    }


def _canned(viewer: Viewer, selected: Selected | None) -> AnySelect:
    columns = columns_of(CannedReply, selected, "vendor_id")
    rows = visible_canned_replies(viewer).with_only_columns(*columns)
    of_vendors = rows.where(any_of(col(CannedReply.vendor_id)))
    return of_vendors.order_by(col(CannedReply.title), col(CannedReply.id))


async def _first_answers(
    session: AsyncSession, viewer: Viewer, vendor_ids: Sequence[UUID]
) -> Mapping[UUID, FirstAnswers]:
    return await count_first_answers(session, vendor_ids)


message_at: Loader[Place, Message | None] = RowLoader(_messages_at, None, Message)
unread_by_viewer: Loader[UUID, int] = Loader(_unread, 0)
blocked_by_viewer: Loader[UUID, bool] = Loader(_blocked, False)
hours_of_vendor: Loader[UUID, ChatHours] = one_each(_HOURS, "vendor_id", ChatHours())
canned_of_vendor = grouped(CannedReply, "vendor_id", _canned)
first_answers_of_vendor: Loader[UUID, FirstAnswers] = Loader(
    in_session(_first_answers), FirstAnswers()
)
conversations_of_subject = grouped(Conversation, "subject_id", _about)
