"""Previews of settings of the risk score: former attempts, scored again."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, desc, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.fraud.settings import FraudPolicy
from models.redemptions import Redemption, RedemptionOutcome
from services.fraud.score import known_measures, score
from services.fraud.settings import ensure_may_read
from services.viewer import Viewer

PREVIEW_DAYS = 30
MAX_PREVIEWED = 5_000  # attempts, the newest
SLICE_SIZE = 100  # attempts that are scored while other requests wait: some milliseconds


@dataclass(frozen=True)
class FraudPreview:
    """The outcomes of scored attempts under new settings, beside those under their own."""

    attempts: int
    approved: int
    held: int
    blocked: int
    former_held: int
    former_blocked: int


async def preview(
    session: AsyncSession, viewer: Viewer, policy: FraudPolicy, *, vendor_id: UUID | None
) -> FraudPreview:
    """Score the attempts of the last 30 days under new settings, the newest 5,000 at most.

    What was measured is stored, so new limits and points apply; other windows do not, because the
    counts are those of the time. The attempts are read in slices, so that the requests of others
    are answered in between. Raises `NotFound`.
    """
    await ensure_may_read(session, viewer, vendor_id)
    rows = select(Redemption.measures, Redemption.advised).where(
        col(Redemption.score).is_not(None),
        col(Redemption.created_at) > now() - timedelta(days=PREVIEW_DAYS),
    )
    if vendor_id is not None:
        rows = rows.where(Redemption.vendor_id == vendor_id)
    newest = rows.order_by(desc(col(Redemption.created_at)), desc(col(Redemption.id)))
    sliced = newest.limit(MAX_PREVIEWED).execution_options(yield_per=SLICE_SIZE)
    outcomes: Counter[RedemptionOutcome] = Counter()
    former: Counter[RedemptionOutcome | None] = Counter()
    async for some in (await session.stream(sliced)).partitions():
        for measures, advised in some:
            total = score(known_measures(measures or {}), policy.rules).total
            outcomes[policy.advise(total)] += 1
            former[advised] += 1
        await asyncio.sleep(0)
    return FraudPreview(
        attempts=former.total(),
        approved=outcomes[RedemptionOutcome.APPROVED],
        held=outcomes[RedemptionOutcome.HELD],
        blocked=outcomes[RedemptionOutcome.BLOCKED],
        former_held=former[RedemptionOutcome.HELD],
        former_blocked=former[RedemptionOutcome.BLOCKED],
    )
