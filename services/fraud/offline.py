"""Scores of scans without a network: doubles, passed limits, and clocks that were wrong."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.fraud.cases import FraudCase
from models.fraud.rules import Factor
from models.fraud.settings import FraudMode, FraudPolicy
from models.redemptions import (
    CounterState,
    OfflineBreach,
    Redemption,
    RedemptionOutcome,
    Voucher,
)
from services.fraud.opening import open_case, store_factors
from services.fraud.score import Score, known_measures, score
from services.fraud.settings import find_newest, find_policy_of


def find_measures(scan: Redemption) -> Mapping[Factor, float]:
    """Return what is wrong with a scan after which goods were handed over."""
    found = {
        Factor.OFFLINE_DOUBLE: scan.outcome is RedemptionOutcome.DOUBLE,
        Factor.BUNDLE_EXPIRED: scan.breach is OfflineBreach.BUNDLE_EXPIRED,
        Factor.OFFLINE_LIMIT: scan.breach is OfflineBreach.OFFLINE_LIMIT,
        Factor.SCAN_CLOCK: scan.clock_wrong and scan.handed_over,
    }
    return {factor: 1.0 for factor, holds in found.items() if holds}


async def score_scan(session: AsyncSession, redemption_id: UUID) -> None:
    """Add what is wrong with a scan to its score, once, and open its case.

    An attempt that was scored before keeps its settings and its factors. In SHADOW mode, the score
    is stored and opens no case. A later scan may have changed the order: then it is no double.
    """
    rows = select(Redemption).where(Redemption.id == redemption_id)
    scan = (await session.exec(for_change(rows))).one()
    known = known_measures(scan.measures or {})
    measured = {**known, **find_measures(scan)}
    if measured == known:
        return
    policy = await _find_policy(session, scan)
    found = score(measured, policy.rules)
    scan.score, scan.advised = found.total, policy.advise(found.total)
    scan.measures = {str(one): value for one, value in measured.items()}
    scan.counters = scan.counters or CounterState.LOST
    await session.flush()
    new = [one for one in found.findings if one.factor not in known]
    await store_factors(session, scan.id, new)
    if policy.mode is FraudMode.ACT and scan.advised is not RedemptionOutcome.APPROVED:
        await _open_case(session, policy, scan, found)


async def _find_policy(session: AsyncSession, scan: Redemption) -> FraudPolicy:
    """Return the settings of the score, or the newest of the vendor for an attempt without one."""
    if scan.score is not None:
        return await find_policy_of(session, scan)
    settings_id, policy = await find_newest(session, scan.vendor_id)
    scan.scored_by_id = settings_id
    return policy


async def _open_case(
    session: AsyncSession, policy: FraudPolicy, scan: Redemption, found: Score
) -> None:
    known = select(FraudCase.id).where(FraudCase.redemption_id == scan.id)
    if (await session.exec(known)).first() is not None:
        return  # it was held before
    holders = select(col(Voucher.user_id)).where(Voucher.id == scan.voucher_id)
    user_id = (await session.exec(holders)).one()
    await open_case(session, policy, scan, user_id=user_id, score=found.total, at=now())
