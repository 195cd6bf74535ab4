"""Daily quotas, counted in the transaction of the act: a rollback or a retry does not count."""

from datetime import UTC, date, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import case
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.identity.accounts import User
from models.quotas import NEW_ACCOUNT_HOURS, QUOTAS, DailyAct, DailyLimitReached, DailyUse
from services.cleanup_tasks import delete_old_rows

KEPT_DAYS = 7

log = structlog.get_logger(__name__)


async def count_act(session: AsyncSession, user_id: UUID, act: DailyAct) -> bool:
    """Count an act of today. Returns whether the quota allows it.

    The statement locks the user's row of the day until the commit, so parallel requests count one
    after another. Call it after the locks of conversations and uploads, before those of inboxes.
    """
    return await _count(session, user_id, act) is not None


async def count_acts(session: AsyncSession, user_id: UUID, act: DailyAct, wanted: int) -> int:
    """Count as many acts of today as the quota allows, of those wanted. Returns their number.

    It takes three statements at most, and locks as `count_act` does.
    """
    used = await _count(session, user_id, act) if wanted else None
    if used is None:
        return 0
    more = min(wanted - 1, await find_quota(session, user_id, act) - used)
    if more > 0:
        today = (col(DailyUse.act) == act) & (col(DailyUse.day) == _today())
        mine = (col(DailyUse.user_id) == user_id) & today
        await session.exec(update(DailyUse).where(mine).values(used=used + more))
    return 1 + max(more, 0)


async def find_quota(session: AsyncSession, user_id: UUID, act: DailyAct) -> int:
    """Return how often a user can do something today."""
    return int((await session.exec(_quota(user_id, act))).one())


async def _count(session: AsyncSession, user_id: UUID, act: DailyAct) -> int | None:
    """Count an act. Returns the number of today's with it, or None above the quota."""
    row = insert(DailyUse).values(user_id=user_id, act=act, day=_today(), used=1)
    counted: int | None = await session.scalar(
        row.on_conflict_do_update(
            index_elements=[col(DailyUse.user_id), col(DailyUse.act), col(DailyUse.day)],
            set_={"used": col(DailyUse.used) + 1},
            where=col(DailyUse.used) < _quota(user_id, act).scalar_subquery(),
        ).returning(col(DailyUse.used))
    )
    if counted is None:
        log.warning("quota.reached", user_id=str(user_id), act=act)
    return counted


async def ensure_within_quota(session: AsyncSession, user_id: UUID, act: DailyAct) -> None:
    """Count an act of today. Raises `DailyLimitReached`."""
    if not await count_act(session, user_id, act):
        raise DailyLimitReached(await find_quota(session, user_id, act))


def _today() -> date:
    return now().astimezone(UTC).date()


def _quota(user_id: UUID, act: DailyAct) -> Any:
    quota = QUOTAS[act]
    is_new = col(User.created_at) > now() - timedelta(hours=NEW_ACCOUNT_HOURS)
    allowed = case((is_new, quota.per_day_if_new), else_=quota.per_day)
    return select(allowed).where(User.id == user_id)


CLEANUP = [
    delete_old_rows(
        """
        DELETE FROM daily_use WHERE (user_id, act, day) IN (
            SELECT user_id, act, day FROM daily_use WHERE day < CAST(:before AS date) LIMIT :batch
        ) RETURNING user_id
        """,
        KEPT_DAYS,
    )
]
