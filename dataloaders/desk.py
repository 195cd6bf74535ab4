"""Loaders of canned replies, of hours, and of how soon the first answer comes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from engine.loaders import Loader, visible
from models.chat.canned_replies import CannedReply
from models.chat.hours import ChatHours
from services.chat.desk import FirstAnswers, count_first_answers, visible_canned_replies
from services.viewer import Viewer

visible_canned_reply = visible(CannedReply, visible_canned_replies)


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


hours_of_vendor: Loader[UUID, ChatHours] = Loader(_hours, ChatHours())
canned_of_vendor: Loader[UUID, Sequence[CannedReply]] = Loader(_canned, [])
first_answers_of_vendor: Loader[UUID, FirstAnswers] = Loader(_first_answers, FirstAnswers())
