"""Approved attempts that are drawn at random for review.

Held and blocked attempts alone show how many of them were honest, but not how many dishonest ones
the score has missed. The labels of drawn ones do.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.ids import first_id_of
from models.redemptions import Redemption, Voucher
from services.fraud.opening import open_case
from services.fraud.precision import SAMPLE_ONE_OF
from services.fraud.settings import find_policy_of
from services.transaction import OpenTransaction, by_ids

BATCH_SIZE = 2_000
LOOK_BACK = timedelta(days=3)  # so that no day is lost while the worker is stopped
SETTLED = timedelta(days=1)  # in which late scans and reversals arrive

# A hash of the id draws, so that a second run draws the same. Ids begin with the time.
DRAWN = text(
    """
    WITH batch AS (
        SELECT id, outcome, reversed_at, score FROM redemption
        WHERE id > :after AND id < :until ORDER BY id LIMIT :size
    )
    SELECT id, (
        outcome = 'APPROVED' AND reversed_at IS NULL AND score IS NOT NULL
        AND ('x' || left(md5(id::text), 8))::bit(32)::bigint % :one_of = 0
        AND NOT EXISTS (SELECT FROM fraud_case c WHERE c.redemption_id = batch.id)
    ) AS drawn FROM batch ORDER BY id
    """
)


async def sample_attempts(begin: OpenTransaction, one_of: int = SAMPLE_ONE_OF) -> None:
    """Open the cases of one of so many approved attempts of the last days. Each once."""
    first, until = (first_id_of(now() - age) for age in (LOOK_BACK, SETTLED))

    async def draw(session: AsyncSession, last: UUID) -> UUID | None:
        given = {"after": max(first, last), "until": until, "size": BATCH_SIZE, "one_of": one_of}
        found = (await session.execute(DRAWN, given)).all()
        await _open_cases(session, [row.id for row in found if row.drawn])
        return found[-1].id if len(found) == BATCH_SIZE else None

    await by_ids(begin, draw)


async def _open_cases(session: AsyncSession, ids: Sequence[UUID]) -> None:
    """Open the cases of drawn attempts. Their effect is none: what was redeemed stays so."""
    rows = (
        select(Redemption, Voucher.user_id)
        .join(Voucher, col(Voucher.id) == col(Redemption.voucher_id))
        .where(col(Redemption.id).in_(ids))
        .order_by(col(Redemption.id))
    )
    moment = now()
    for redemption, user_id in (await session.exec(rows)).all():
        policy = await find_policy_of(session, redemption)
        await open_case(
            session,
            policy,
            redemption,
            user_id=user_id,
            score=redemption.score or 0,
            at=moment,
            sampled=True,
        )
