"""How soon vendors first answer a customer."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import true
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.chat.conversations import Conversation
from models.vendors import Vendor

PERIOD = timedelta(days=30)
MAX_CONVERSATIONS = 5_000


class FirstAnswers(NamedTuple):
    """A vendor's median time of first answers, and how many customers were answered or wait."""

    median_seconds: int | None = None
    answered: int = 0
    waiting: int = 0


async def count_first_answers(
    session: AsyncSession, vendor_ids: Sequence[UUID]
) -> Mapping[UUID, FirstAnswers]:
    """Aggregate per vendor over the last 30 days, at most the latest 5,000 conversations."""
    asked, answered = col(Conversation.first_asked_at), col(Conversation.first_answered_at)
    recent = (
        select(asked, answered)
        .where(Conversation.vendor_id == Vendor.id, asked > now() - PERIOD)
        .order_by(asked.desc())
        .limit(MAX_CONVERSATIONS)
        .lateral()
    )
    seconds = func.extract("epoch", recent.c.first_answered_at - recent.c.first_asked_at)
    rows = (
        select(
            Vendor.id,
            func.percentile_cont(0.5).within_group(seconds),
            func.count(recent.c.first_answered_at),
            func.count(),
        )
        .join(recent, true())
        .where(col(Vendor.id).in_(vendor_ids))
        .group_by(col(Vendor.id))
    )
    return {
        id: FirstAnswers(None if median is None else round(median), answered, asked - answered)
        for id, median, answered, asked in await session.exec(rows)
    }
