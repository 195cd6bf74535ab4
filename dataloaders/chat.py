"""Loaders of conversations, messages and reports, and of a vendor's chat settings."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import and_, col, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from engine.loaders import Loader, by_id, children, in_session, visible
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
from services.viewer import Viewer

Place = tuple[UUID, int]

conversation_by_id = by_id(Conversation)
message_by_id = by_id(Message)
visible_conversation = visible(Conversation, visible_conversations)
visible_message = visible(Message, visible_messages)
visible_report = visible(MessageReport, visible_reports)
visible_canned_reply = visible(CannedReply, visible_canned_replies)
versions_of_message = children(MessageVersion, "message_id", visible_versions)


async def _messages_at(
    session: AsyncSession, viewer: Viewer, places: Sequence[Place]
) -> Mapping[Place, Message | None]:
    here = tuple_(col(Message.conversation_id), col(Message.sequence))
    found = await session.exec(select(Message).where(here.in_(places)))
    return {(row.conversation_id, row.sequence): row for row in found}


async def _unread(
    session: AsyncSession, viewer: Viewer, conversation_ids: Sequence[UUID]
) -> Mapping[UUID, int]:
    mine = and_(
        col(Participant.conversation_id) == Conversation.id,
        col(Participant.user_id) == viewer.require_user(),
    )
    rows = (
        select(Conversation, Participant)
        .outerjoin(Participant, mine)
        .where(col(Conversation.id).in_(conversation_ids), takes_part(viewer.user_id))
    )
    return {
        one.id: one.unread(one.side_of(viewer.require_user()), place)
        for one, place in await session.exec(rows)
    }


async def _blocked(
    session: AsyncSession, viewer: Viewer, conversation_ids: Sequence[UUID]
) -> Mapping[UUID, bool]:
    same_user = col(Contact.user_id) == Conversation.user_id
    same_vendor = col(Contact.vendor_id) == Conversation.vendor_id
    rows = (
        select(Conversation, Contact)
        .join(Contact, and_(same_user, same_vendor))
        .where(col(Conversation.id).in_(conversation_ids), takes_part(viewer.user_id))
    )
    return {
        one.id: contact.blocked_by(one.side_of(viewer.require_user()))
        for one, contact in await session.exec(rows)
    }


async def _hours(
    session: AsyncSession, viewer: Viewer, vendor_ids: Sequence[UUID]
) -> Mapping[UUID, ChatHours]:
    rows = select(ChatHours).where(col(ChatHours.vendor_id).in_(vendor_ids))
    return {row.vendor_id: row for row in await session.exec(rows)}


async def _canned(
    session: AsyncSession, viewer: Viewer, vendor_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[CannedReply]]:
    rows = visible_canned_replies(viewer).where(col(CannedReply.vendor_id).in_(vendor_ids))
    grouped: dict[UUID, list[CannedReply]] = defaultdict(list)
    for row in await session.exec(rows.order_by(col(CannedReply.title), col(CannedReply.id))):
        grouped[row.vendor_id].append(row)
    return grouped


async def _first_answers(
    session: AsyncSession, viewer: Viewer, vendor_ids: Sequence[UUID]
) -> Mapping[UUID, FirstAnswers]:
    return await count_first_answers(session, vendor_ids)


message_at: Loader[Place, Message | None] = Loader(in_session(_messages_at), None)
unread_by_viewer: Loader[UUID, int] = Loader(in_session(_unread), 0)
blocked_by_viewer: Loader[UUID, bool] = Loader(in_session(_blocked), False)
hours_of_vendor: Loader[UUID, ChatHours] = Loader(in_session(_hours), ChatHours())
canned_of_vendor: Loader[UUID, Sequence[CannedReply]] = Loader(in_session(_canned), [])
first_answers_of_vendor: Loader[UUID, FirstAnswers] = Loader(
    in_session(_first_answers), FirstAnswers()
)
