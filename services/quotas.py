"""Daily quotas, counted in the transaction of the act: a rollback or a retry does not count."""

from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import case
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
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
    today = now().astimezone(UTC).date()
    row = insert(DailyUse).values(user_id=user_id, act=act, day=today, used=1)
    counted = await session.scalar(
        row.on_conflict_do_update(
            index_elements=[col(DailyUse.user_id), col(DailyUse.act), col(DailyUse.day)],
            set_={"used": col(DailyUse.used) + 1},
            where=col(DailyUse.used) < _quota(user_id, act).scalar_subquery(),
        ).returning(col(DailyUse.used))
    )
    if counted is None:
        log.warning("quota.reached", user_id=str(user_id), act=act)
    return counted is not None


async def ensure_within_quota(session: AsyncSession, user_id: UUID, act: DailyAct) -> None:
    """Count an act of today. Raises `DailyLimitReached`."""
    if not await count_act(session, user_id, act):
        raise DailyLimitReached((await session.exec(_quota(user_id, act))).one())


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
