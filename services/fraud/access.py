"""Access to fraud cases: admins see all, and managers those of their vendors."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, false
from sqlmodel import and_, col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change
from core.keyset import Listing, Ordering, by_time
from models.errors import NotFound
from models.fraud.cases import CaseState, FraudCase, FraudCaseNote, RedemptionFactor
from models.fraud.rules import Factor
from models.members import Permission
from models.redemptions import Redemption, Voucher
from services.journal.topics import vendor_topic
from services.members.conflicts import ensure_other_vendor
from services.redemptions.bills import lock_bill_of
from services.vendors.access import access_vendor, works_at
from services.viewer import Viewer

RISK = Ordering("fraud_case.score", FraudCase.score, FraudCase.id, int, descending=True)
AGE = by_time(FraudCase, newest=False)


@dataclass(frozen=True)
class FraudCaseFilter:
    """Conditions of a list, None for all."""

    states: Collection[CaseState] | None = None
    vendor_id: UUID | None = None
    score_at_least: int | None = None
    sampled: bool | None = None


def visible_cases(viewer: Viewer) -> SelectOfScalar[FraudCase]:
    """Select the cases of vendors where the viewer reviews them. Admins see all."""
    if viewer.admin:
        return select(FraudCase)
    return select(FraudCase).where(
        works_at(viewer.staff, col(FraudCase.vendor_id), Permission.REVIEW_FRAUD)
    )


def visible_case_notes(viewer: Viewer) -> SelectOfScalar[FraudCaseNote]:
    """Select the notes of the cases that the viewer sees."""
    if viewer.admin:
        return select(FraudCaseNote)
    cases = visible_cases(viewer).with_only_columns(col(FraudCase.id))
    return select(FraudCaseNote).where(col(FraudCaseNote.case_id).in_(cases))


def list_cases(viewer: Viewer, wanted: FraudCaseFilter, *, by_risk: bool) -> Listing[FraudCase]:
    """List cases, the riskiest or the oldest first: all for admins, or those of a vendor."""
    viewer.require_user()
    if wanted.vendor_id is None:
        viewer.require_admin()
    rows, topics = visible_cases(viewer), []
    if wanted.vendor_id is not None:
        rows = rows.where(FraudCase.vendor_id == wanted.vendor_id)
        topics = [vendor_topic(wanted.vendor_id)]
    if wanted.states is not None:
        rows = rows.where(or_(false(), *(_is_in(state) for state in wanted.states)))
    if wanted.score_at_least is not None:
        rows = rows.where(FraudCase.score >= wanted.score_at_least)
    if wanted.sampled is not None:
        rows = rows.where(col(FraudCase.sampled).is_(wanted.sampled))
    return Listing(rows, RISK if by_risk else AGE, topics)


def _is_in(state: CaseState) -> ColumnElement[bool]:
    """Match `FraudCase.state_now`: a case whose lease is over is open again."""
    stored, lease = col(FraudCase.state), col(FraudCase.lease_until)
    if state is CaseState.OPEN:
        lapsed = and_(stored == CaseState.UNDER_REVIEW, lease <= func.now())
        return or_(stored == CaseState.OPEN, lapsed)
    if state is CaseState.UNDER_REVIEW:
        return and_(stored == CaseState.UNDER_REVIEW, lease > func.now())
    return stored == state


@dataclass(frozen=True)
class LockedCase:
    """A case with its attempt and voucher, locked in the order of locks."""

    case: FraudCase
    redemption: Redemption
    voucher: Voucher


async def access_case(session: AsyncSession, viewer: Viewer, case_id: UUID) -> FraudCase:
    """Return a case, locked, for a reviewer of its vendor or an admin.

    Raises `NotFound` and `OwnVendor`.
    """
    await _ensure_reviewer(session, viewer, case_id)
    rows = select(FraudCase).where(FraudCase.id == case_id)
    return (await session.exec(for_change(rows))).one()


async def access_whole_case(session: AsyncSession, viewer: Viewer, case_id: UUID) -> LockedCase:
    """Return a case with its attempt and voucher, locked, to decide on them.

    Raises `NotFound` and `OwnVendor`, as `access_case` does.
    """
    await _ensure_reviewer(session, viewer, case_id)
    return await lock_case(session, case_id)


async def _ensure_reviewer(session: AsyncSession, viewer: Viewer, case_id: UUID) -> None:
    viewer.require_user()
    found = (await session.exec(visible_cases(viewer).where(FraudCase.id == case_id))).first()
    if found is None:
        raise NotFound
    await ensure_may_decide(session, viewer, found.vendor_id, Permission.REVIEW_FRAUD)


async def ensure_may_decide(
    session: AsyncSession, viewer: Viewer, vendor_id: UUID, permission: Permission
) -> None:
    """Raise `NotFound` for all but members with the permission, and admins.

    Raises `OwnVendor` for admins who work for the vendor: they act as members, or not at all.
    """
    if viewer.admin:
        await ensure_other_vendor(session, vendor_id, viewer.require_user())
    else:
        await access_vendor(session, viewer, vendor_id, permission)


async def lock_case(session: AsyncSession, case_id: UUID) -> LockedCase:
    """Lock the bill, the voucher, the attempt and the case, in this order."""
    attempts = (
        select(Redemption)
        .join(FraudCase, col(FraudCase.redemption_id) == col(Redemption.id))
        .where(FraudCase.id == case_id)
    )
    known = (await session.exec(attempts)).one()
    await lock_bill_of(session, known.id)
    vouchers = select(Voucher).where(Voucher.id == known.voucher_id)
    voucher = (await session.exec(for_change(vouchers))).one()
    rows = select(Redemption).where(Redemption.id == known.id)
    redemption = (await session.exec(for_change(rows))).one()
    cases = select(FraudCase).where(FraudCase.id == case_id)
    return LockedCase((await session.exec(for_change(cases))).one(), redemption, voucher)


async def find_factors(session: AsyncSession, redemption_id: UUID) -> set[Factor]:
    """Return the factors that gave an attempt points."""
    rows = select(col(RedemptionFactor.factor)).where(
        RedemptionFactor.redemption_id == redemption_id
    )
    return set(await session.exec(rows))
