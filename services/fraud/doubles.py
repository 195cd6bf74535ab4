"""Scores of doubles: goods that were handed over for a voucher that was used before."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.fraud.cases import FraudCase
from models.fraud.rules import Factor
from models.fraud.settings import FraudMode, FraudPolicy
from models.redemptions import CounterState, Redemption, RedemptionOutcome, Voucher
from services.fraud.opening import open_case, store_factors
from services.fraud.score import Score, known_measures, score
from services.fraud.settings import find_newest, find_policy_of

DOUBLE = Factor.OFFLINE_DOUBLE


async def score_double(session: AsyncSession, redemption_id: UUID) -> None:
    """Add the factor to the score of a double, once, and open its case.

    An attempt that was scored before keeps its settings and its factors. In SHADOW mode, the score
    is stored and opens no case. A later scan may have changed the order: then it is no double.
    """
    rows = select(Redemption).where(Redemption.id == redemption_id)
    double = (await session.exec(for_change(rows))).one()
    measures = known_measures(double.measures or {})
    if double.outcome is not RedemptionOutcome.DOUBLE or DOUBLE in measures:
        return
    policy = await _find_policy(session, double)
    measured = measures | {DOUBLE: 1.0}
    found = score(measured, policy.rules)
    double.score, double.advised = found.total, policy.advise(found.total)
    double.measures = {str(one): value for one, value in measured.items()}
    double.counters = double.counters or CounterState.LOST
    await session.flush()
    new = [one for one in found.findings if one.factor is DOUBLE]
    await store_factors(session, double.id, new)
    if policy.mode is FraudMode.ACT and double.advised is not RedemptionOutcome.APPROVED:
        await _open_case(session, policy, double, found)


async def _find_policy(session: AsyncSession, double: Redemption) -> FraudPolicy:
    """Return the settings of the score, or the newest of the vendor for an attempt without one."""
    if double.score is not None:
        return await find_policy_of(session, double)
    settings_id, policy = await find_newest(session, double.vendor_id)
    double.scored_by_id = settings_id
    return policy


async def _open_case(
    session: AsyncSession, policy: FraudPolicy, double: Redemption, found: Score
) -> None:
    known = select(FraudCase.id).where(FraudCase.redemption_id == double.id)
    if (await session.exec(known)).first() is not None:
        return  # it was held before
    holders = select(col(Voucher.user_id)).where(Voucher.id == double.voucher_id)
    user_id = (await session.exec(holders)).one()
    await open_case(session, policy, double, user_id=user_id, score=found.total, at=now())
