"""The verdict on an attempt, and what follows from it in the transaction of the redemption."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import col, select, update

from core.statements.statement import Statement
from core.statements.units import PreparedTransaction
from models.fraud.cases import CaseState, FraudCase
from models.redemptions import Redemption, RedemptionOutcome, RedemptionReason, Voucher
from services.fraud.assessing import Assessment, RiskCheck, till_of
from services.fraud.opening import open_case, store_factors
from services.transaction import on_commit

# A wrong or forged code. They are counted of the member who presents them.
GUESSES = frozenset(
    {
        RedemptionReason.BAD_SIGNATURE,
        RedemptionReason.WRONG_TYPE,
        RedemptionReason.UNKNOWN,
        RedemptionReason.OTHER_VENDOR,
    }
)
# The voucher is presented again: after the check, or with the bill.
UNCOUNTED = frozenset({RedemptionReason.BEING_CHECKED, RedemptionReason.RULE_FAILED})
REASONS = {
    RedemptionOutcome.APPROVED: RedemptionReason.APPROVED,
    RedemptionOutcome.HELD: RedemptionReason.BEING_CHECKED,
    RedemptionOutcome.BLOCKED: RedemptionReason.SUSPECTED_FRAUD,
}
HOLD = Statement(
    update(Voucher).where(col(Voucher.id) == bindparam("id")).values(held_at=bindparam("held_at"))
)
OPEN_CASES = Statement(
    select(col(FraudCase.id))
    .join(Redemption, col(Redemption.id) == col(FraudCase.redemption_id))
    .where(
        col(Redemption.voucher_id) == bindparam("voucher_id"),
        col(FraudCase.state) != CaseState.RESOLVED,
        ~col(FraudCase.sampled),
    )
    .limit(1)
)


@dataclass(frozen=True)
class Verdict:
    """The outcome of an attempt and its reason. `columns` are those of the score.

    `assessment` is None unless the voucher is valid, so that the score had to decide.
    """

    outcome: RedemptionOutcome
    reason: RedemptionReason
    risk: RiskCheck
    assessment: Assessment | None = None
    columns: dict[str, Any] = field(default_factory=dict)


def judge(risk: RiskCheck, voucher: Voucher | None, reason: RedemptionReason) -> Verdict:
    """Return the verdict. Only a valid voucher is held or blocked by its score."""
    if reason is not RedemptionReason.APPROVED:
        return Verdict(RedemptionOutcome.REFUSED, reason, risk)
    assessment = risk.assessment
    if assessment is None or voucher is None or assessment.voucher_id != voucher.id:
        return Verdict(RedemptionOutcome.APPROVED, reason, risk)
    columns = {
        "score": assessment.score.total,
        "advised": assessment.advised,
        "counters": assessment.counters,
        "scored_by_id": assessment.settings_id,
        "measures": dict(assessment.measures),
    }
    outcome = assessment.outcome
    return Verdict(outcome, REASONS[outcome], risk, assessment, columns)


async def follow(
    unit: PreparedTransaction, verdict: Verdict, redemption: Redemption, voucher: Voucher | None
) -> None:
    """Store the factors, hold the voucher and open a case, and count the attempt after the commit.

    The voucher is locked. Attempts that are held, made while another one is, or refused by a rule
    are not counted.
    """
    _count(unit, verdict, redemption, voucher)
    assessment = verdict.assessment
    if assessment is None or voucher is None:
        return
    await store_factors(unit, redemption.id, assessment.score.findings)
    if verdict.outcome is RedemptionOutcome.HELD:
        await HOLD.execute(unit.connection, id=voucher.id, held_at=redemption.created_at)
        await _open(unit, assessment, redemption, voucher, held=True)
    if verdict.outcome is RedemptionOutcome.BLOCKED:
        # A voucher that is presented again and again is one case.
        known = await OPEN_CASES.fetch(unit.connection, voucher_id=voucher.id)
        if not known:
            await _open(unit, assessment, redemption, voucher, held=False)


async def _open(
    unit: PreparedTransaction,
    assessment: Assessment,
    redemption: Redemption,
    voucher: Voucher,
    *,
    held: bool,
) -> None:
    await open_case(
        unit,
        assessment.policy,
        redemption,
        user_id=voucher.user_id,
        score=assessment.score.total,
        at=redemption.created_at,
        held=held,
    )


def _count(
    unit: PreparedTransaction, verdict: Verdict, redemption: Redemption, voucher: Voucher | None
) -> None:
    """Count an attempt after the commit, so that one that fails or is replayed counts once."""
    known = verdict.risk.assessment
    if verdict.reason in GUESSES:
        counted = [till_of(redemption.vendor_id, redemption.member_id)]
    elif known and voucher and verdict.reason not in UNCOUNTED:
        counted = [*known.counted]
    else:
        return
    counters, allowance = verdict.risk.counters, verdict.risk.allowance

    async def add() -> None:
        await counters.add(counted, redemption.id, redemption.created_at, allowance)

    on_commit(unit, add)
