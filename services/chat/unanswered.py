"""Messages to people who have never written back, of which a user can send only so many a day."""

from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.chat.conversations import Conversation, Side
from models.quotas import DailyAct
from services.quotas import ensure_within_quota


async def count_unanswered(
    session: AsyncSession, conversation: Conversation, sender_id: UUID
) -> None:
    """Count a message against the sender's quota, unless the other side has ever written.

    An automatic reply is no sign that a person wants these messages. Raises `DailyLimitReached`.
    """
    side = conversation.side_of(sender_id)
    if not await _has_written(session, conversation, side.other):
        act = DailyAct.UNANSWERED_MESSAGE if side is Side.USER else DailyAct.UNANSWERED_AS_VENDOR
        await ensure_within_quota(session, sender_id, act)


async def _has_written(session: AsyncSession, conversation: Conversation, side: Side) -> bool:
    """Return whether a person of this side has written, in any conversation of the two."""
    if side is Side.USER and conversation.user_messages:
        return True
    if side is Side.VENDOR and conversation.first_answered_at:
        return True
    rows = select(Conversation.id).where(
        Conversation.user_id == conversation.user_id,
        Conversation.vendor_id == conversation.vendor_id,
        col(Conversation.user_messages) > 0 if side is Side.USER else _vendor_has_written(),
    )
    return (await session.exec(rows.limit(1))).first() is not None


def _vendor_has_written() -> ColumnElement[bool]:
    """Return a condition for a member's answer, or a member's message before any question."""
    all_but_vendors = col(Conversation.user_messages) + col(Conversation.notices)
    return or_(
        col(Conversation.first_answered_at).is_not(None),
        and_(
            col(Conversation.last_sequence) > all_but_vendors,
            col(Conversation.auto_replied_at).is_(None),
        ),
    )
