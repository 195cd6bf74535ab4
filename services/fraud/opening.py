"""Fraud cases that open, and the factors of their scores, stored with the attempts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from core.statements.inserts import insert_row, insert_rows
from core.statements.units import UnitOfWork, connection_of
from models.fraud.cases import CaseEffect, FraudCase, RedemptionFactor
from models.fraud.settings import FraudPolicy
from models.redemptions import Redemption
from services import jobs
from services.fraud.entries import FraudCaseChanged
from services.fraud.score import FactorFinding
from services.journal import append as journal
from services.journal.topics import vendor_topic


async def store_factors(
    unit: UnitOfWork, redemption_id: UUID, findings: Sequence[FactorFinding]
) -> None:
    """Store the factors that gave an attempt points."""
    rows = [
        RedemptionFactor(
            redemption_id=redemption_id,
            factor=one.factor,
            points=one.points,
            facts={"value": one.value, "limit": one.limit},
        )
        for one in findings
    ]
    await insert_rows(await connection_of(unit), rows)


async def open_case(
    unit: UnitOfWork,
    policy: FraudPolicy,
    redemption: Redemption,
    *,
    user_id: UUID,
    score: int,
    at: datetime,
    held: bool = False,
    sampled: bool = False,
) -> None:
    """Open the case of an attempt, whose holder is `user_id`. Publishes it.

    The reviewers of the vendor are notified, but not of a sampled case: it is no suspicion.
    """
    ends_at = at + timedelta(minutes=policy.hold_minutes) if held else None
    case = FraudCase(
        redemption_id=redemption.id,
        vendor_id=redemption.vendor_id,
        user_id=user_id,
        score=score,
        sampled=sampled,
        hold_ends_at=ends_at,
        effect=None if held else CaseEffect.NONE,
        review_until=at + timedelta(hours=policy.review_hours),
        created_at=at,
    )
    await insert_row(await connection_of(unit), case)
    if not sampled:
        await jobs.defer(unit, "announce_fraud_case", case_id=case.id)
    if held:
        await jobs.defer(unit, "end_fraud_hold", at=ends_at, case_id=case.id)
    journal.append(unit, FraudCaseChanged(case.id), to=[vendor_topic(case.vendor_id)])
