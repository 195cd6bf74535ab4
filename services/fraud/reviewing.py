"""Reviews of fraud cases: taken for a while, noted, and decided once."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.audit import AuditAct
from models.errors import InvalidInput
from models.fraud.cases import (
    MAX_CASE_NOTES,
    CaseDecision,
    CaseEffect,
    CaseLabel,
    CaseNoteDraft,
    CaseNoteLimitReached,
    FraudCase,
    FraudCaseNote,
    OwnScan,
)
from models.fraud.rules import Factor
from models.redemptions import Redemption
from services.audit import entries as audit
from services.fraud.access import LockedCase, access_case, access_whole_case, find_factors
from services.fraud.holds import approve_hold, publish_case, reject_hold
from services.viewer import Viewer


async def take_fraud_case(session: AsyncSession, viewer: Viewer, *, case_id: UUID) -> FraudCase:
    """Take a case for 15 minutes, or renew the viewer's lease.

    Raises `NotFound`, `CaseResolved`, `CaseTaken` and `OwnScan`.
    """
    user_id = viewer.require_user()
    case = await access_case(session, viewer, case_id)
    case.ensure_free(user_id)
    redemption = await session.get_one(Redemption, case.redemption_id)
    _ensure_not_involved(case, redemption, user_id)
    case.take(user_id)
    audit.append(session, viewer, AuditAct.TAKE_FRAUD_CASE, subject_id=case.id)
    publish_case(session, case)
    return case


async def add_fraud_case_note(
    session: AsyncSession, viewer: Viewer, draft: CaseNoteDraft, *, case_id: UUID
) -> FraudCaseNote:
    """Add a note to a case, also to a decided one.

    Raises `NotFound` and `CaseNoteLimitReached`: the case is locked, so two cannot exceed it.
    """
    user_id = viewer.require_user()
    case = await access_case(session, viewer, case_id)
    counted = select(func.count()).where(FraudCaseNote.case_id == case_id)
    if (await session.exec(counted)).one() >= MAX_CASE_NOTES:
        raise CaseNoteLimitReached(most=MAX_CASE_NOTES)
    note = FraudCaseNote(case_id=case.id, author_id=user_id, text=draft.text)
    session.add(note)
    publish_case(session, case)
    return note


async def decide_fraud_case(
    session: AsyncSession,
    viewer: Viewer,
    *,
    case_id: UUID,
    decision: CaseDecision,
    confirmed: Collection[Factor],
) -> FraudCase:
    """Decide a case, and label its factors as confirmed or not.

    A held attempt is approved as of its scan, or blocked. If its hold is over, or it was blocked,
    the decision changes no attempt; a voucher whose case was approved is not held again.
    Raises `NotFound`, `CaseResolved`, `CaseTaken`, `OwnScan` and `InvalidInput`.
    """
    user_id = viewer.require_user()
    locked = await access_whole_case(session, viewer, case_id)
    case = locked.case
    case.ensure_free(user_id)
    _ensure_not_involved(case, locked.redemption, user_id)
    await _label(session, case, confirmed)
    effect = await _apply(session, locked, decision) if case.is_held else CaseEffect.NONE
    case.resolve(user_id, decision, effect)
    audit.append(session, viewer, AuditAct.DECIDE_FRAUD_CASE, subject_id=case.id)
    publish_case(session, case)
    return case


async def _apply(session: AsyncSession, locked: LockedCase, decision: CaseDecision) -> CaseEffect:
    if decision is CaseDecision.APPROVED:
        return await approve_hold(session, locked)
    return await reject_hold(session, locked)


async def _label(session: AsyncSession, case: FraudCase, confirmed: Collection[Factor]) -> None:
    factors = await find_factors(session, case.redemption_id)
    if unknown := {*confirmed} - factors:
        raise InvalidInput(
            "{factor} is no factor of this case.", field=["confirmed"], factor=min(unknown)
        )
    session.add_all(
        CaseLabel(case_id=case.id, factor=factor, confirmed=factor in confirmed)
        for factor in factors
    )


def _ensure_not_involved(case: FraudCase, redemption: Redemption, user_id: UUID) -> None:
    if user_id in {redemption.member_id, case.user_id}:
        raise OwnScan
