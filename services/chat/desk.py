"""A vendor's desk: canned replies, hours, and how soon the first answer comes."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import true
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from models.chat.canned_replies import CannedReply, CannedReplyDraft
from models.chat.conversations import Conversation, Side
from models.chat.hours import AUTO_REPLY_INTERVAL, ChatHours, WeeklyHours
from models.chat.messages import Message, MessageKind
from models.errors import NotFound
from models.vendors import MemberRole, Vendor
from services.chat import log
from services.vendors import access_vendor, own_vendor_ids
from services.viewer import Viewer

LATELY = timedelta(days=30)
MOST_COUNTED = 5_000


class FirstAnswers(NamedTuple):
    """Of the conversations in which something was first asked lately."""

    median_seconds: int | None = None
    answered: int = 0
    waiting: int = 0


def visible_canned_replies(viewer: Viewer) -> SelectOfScalar[CannedReply]:
    """Those of their vendors for members, all for an admin."""
    if viewer.admin:
        return select(CannedReply)
    return select(CannedReply).where(col(CannedReply.vendor_id).in_(own_vendor_ids(viewer)))


async def save_canned_reply(
    session: AsyncSession,
    viewer: Viewer,
    *,
    vendor_id: UUID,
    canned_reply_id: UUID | None,
    draft: CannedReplyDraft,
) -> CannedReply:
    """A new one, or another title and text for one there is.

    Raises `NotFound`, `CannedReplyLimitReached` and `CannedReplyTitleTaken`.
    """
    await access_vendor(session, viewer, vendor_id, MemberRole.STAFF)
    if canned_reply_id is None:
        (await _lock_desk(session, vendor_id)).count_canned_reply()
        reply = CannedReply(vendor_id=vendor_id, title=draft.title, text=draft.text)
        session.add(reply)
        return reply
    rows = select(CannedReply).where(
        CannedReply.id == canned_reply_id, CannedReply.vendor_id == vendor_id
    )
    found = (await session.exec(for_change(rows))).first()
    if found is None:
        raise NotFound(field=["cannedReplyId"])
    found.title, found.text = draft.title, draft.text
    return found


async def delete_canned_reply(
    session: AsyncSession, viewer: Viewer, *, canned_reply_id: UUID
) -> None:
    """Deleting twice is an error. Who isn't signed in is told so, whether it is there or not."""
    viewer.require_user()
    rows = select(CannedReply.vendor_id).where(CannedReply.id == canned_reply_id)
    vendor_id = (await session.exec(rows)).first()
    if vendor_id is None:
        raise NotFound
    await access_vendor(session, viewer, vendor_id, MemberRole.STAFF)
    desk = await _lock_desk(session, vendor_id)
    gone = delete(CannedReply).where(col(CannedReply.id) == canned_reply_id)
    if await session.scalar(gone.returning(col(CannedReply.id))) is None:
        raise NotFound
    desk.canned_replies -= 1


async def save_chat_hours(
    session: AsyncSession, viewer: Viewer, *, vendor_id: UUID, hours: WeeklyHours
) -> Vendor:
    """All of a vendor's hours anew, and what is said at other times."""
    vendor = await access_vendor(session, viewer, vendor_id, MemberRole.MANAGER)
    desk = await _lock_desk(session, vendor_id)
    desk.spans = [span.model_dump(mode="json") for span in hours.spans]
    desk.auto_reply = hours.auto_reply
    return vendor


async def reply_out_of_hours(session: AsyncSession, conversation: Conversation) -> None:
    """Tell a user who has written that nobody is there, unless somebody was a while ago.

    Not told again for as long, and no answer in the sense of `first_answered_at`.
    """
    moment = now()
    if conversation.auto_replied_at and moment - conversation.auto_replied_at < AUTO_REPLY_INTERVAL:
        return
    rows = (
        select(ChatHours, Vendor.time_zone)
        .join(Vendor, col(Vendor.id) == ChatHours.vendor_id)
        .where(ChatHours.vendor_id == conversation.vendor_id, ChatHours.auto_reply != "")
    )
    desk, time_zone = (await session.exec(rows)).first() or (None, "")
    if desk is None or desk.hours.open_at(moment, time_zone):
        return
    answered_at = await _last_answered_at(session, conversation)
    if answered_at and moment - answered_at < AUTO_REPLY_INTERVAL:
        return
    kind, said = MessageKind.AUTO_REPLY, desk.auto_reply
    message = await log.write(session, conversation, Side.VENDOR, kind=kind, text=said)
    conversation.auto_replied_at = message.created_at


async def count_first_answers(
    session: AsyncSession, vendor_ids: Sequence[UUID]
) -> Mapping[UUID, FirstAnswers]:
    """By vendor, over thirty days or the latest five thousand conversations, if they are fewer."""
    asked, answered = col(Conversation.first_asked_at), col(Conversation.first_answered_at)
    lately = (
        select(asked, answered)
        .where(Conversation.vendor_id == Vendor.id, asked > now() - LATELY)
        .order_by(asked.desc())
        .limit(MOST_COUNTED)
        .lateral()
    )
    took = func.extract("epoch", lately.c.first_answered_at - lately.c.first_asked_at)
    rows = (
        select(
            Vendor.id,
            func.percentile_cont(0.5).within_group(took),
            func.count(lately.c.first_answered_at),
            func.count(),
        )
        .join(lately, true())
        .where(col(Vendor.id).in_(vendor_ids))
        .group_by(col(Vendor.id))
    )
    return {
        id: FirstAnswers(None if median is None else round(median), done, begun - done)
        for id, median, done, begun in await session.exec(rows)
    }


async def _last_answered_at(session: AsyncSession, conversation: Conversation) -> datetime | None:
    """When a member last wrote."""
    rows = select(Message.created_at).where(
        Message.conversation_id == conversation.id,
        Message.side == Side.VENDOR,
        col(Message.sender_id).is_not(None),
    )
    return (await session.exec(rows.order_by(col(Message.sequence).desc()).limit(1))).first()


async def _lock_desk(session: AsyncSession, vendor_id: UUID) -> ChatHours:
    first = ChatHours(vendor_id=vendor_id).model_dump()
    await session.exec(insert(ChatHours).values(first).on_conflict_do_nothing())
    rows = select(ChatHours).where(ChatHours.vendor_id == vendor_id)
    return (await session.exec(for_change(rows))).one()
