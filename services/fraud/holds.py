"""The end of a held attempt: approved as of its scan, or given back with its time."""

from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.fraud.cases import CaseEffect, CaseState, FraudCase
from models.notifications.inbox import NotificationKind
from models.redemptions import (
    Redemption,
    RedemptionOutcome,
    RedemptionReason,
    Voucher,
    VoucherState,
)
from services import jobs
from services.fraud.access import LockedCase, lock_case
from services.fraud.entries import FraudCaseChanged
from services.fraud.settings import find_policy_of
from services.journal import append as journal
from services.journal.topics import user_topic, vendor_topic
from services.notifications import inbox
from services.redemptions.entries import RedemptionChecked, VoucherChecked
from services.redemptions.syncing import refold
from services.redemptions.uses import give_back
from services.transaction import OpenTransaction

BATCH_SIZE = 100


async def approve_hold(session: AsyncSession, locked: LockedCase) -> CaseEffect:
    """Redeem the held voucher as of its scan, whose time and rules count.

    An account that ended has cancelled it: then the attempt is refused. One that an earlier scan
    without a network has refused stays so.
    """
    redemption, voucher = locked.redemption, locked.voucher
    if redemption.outcome is not RedemptionOutcome.HELD:
        return CaseEffect.NONE
    if voucher.state is not VoucherState.CLAIMED or voucher.held_at is None:
        redemption.outcome = RedemptionOutcome.REFUSED
        redemption.reason = RedemptionReason.CANCELLED
        await session.flush()
        await give_back(session, redemption, voucher)
        _publish(session, redemption, voucher)
        return CaseEffect.REJECTED
    redemption.outcome = RedemptionOutcome.APPROVED
    redemption.reason = RedemptionReason.APPROVED
    _publish(session, redemption, voucher)
    kind = NotificationKind.VOUCHER_REDEEMED
    await inbox.notify(session, voucher.user_id, kind, voucher.id, up_to_sequence=voucher.uses)
    voucher.count_use(redemption.amount_minor, redemption.created_at)
    return CaseEffect.APPROVED


async def reject_hold(session: AsyncSession, locked: LockedCase) -> CaseEffect:
    """Block the attempt, and give the voucher back with the time for which it was held."""
    if locked.redemption.outcome is not RedemptionOutcome.HELD:
        return CaseEffect.NONE
    locked.redemption.outcome = RedemptionOutcome.BLOCKED
    locked.redemption.reason = RedemptionReason.SUSPECTED_FRAUD
    await _give_back(session, locked)
    return CaseEffect.REJECTED


async def release_hold(session: AsyncSession, locked: LockedCase) -> CaseEffect:
    """Refuse the attempt because no decision came, and give the voucher back with its time."""
    if locked.redemption.outcome is not RedemptionOutcome.HELD:
        return CaseEffect.NONE
    locked.redemption.outcome = RedemptionOutcome.REFUSED
    locked.redemption.reason = RedemptionReason.NOT_CHECKED
    await _give_back(session, locked)
    return CaseEffect.TIMED_OUT


async def end_hold(session: AsyncSession, case_id: UUID) -> None:
    """End a hold whose time is over, by the settings that it was scored with. Once.

    The case stays in the queue, so that a reviewer can still label it.
    """
    locked = await lock_case(session, case_id)
    case = locked.case
    if not case.is_held or case.hold_ends_at is None or case.hold_ends_at > now():
        return
    policy = await find_policy_of(session, locked.redemption)
    if policy.approves_on_timeout(case.score):
        await approve_hold(session, locked)
    else:
        await release_hold(session, locked)
    case.effect = CaseEffect.TIMED_OUT
    publish_case(session, case)


async def end_overdue(transaction: OpenTransaction) -> None:
    """End holds whose own job was lost or is late, each in a transaction of its own."""
    more = True
    while more:
        async with transaction() as session:
            overdue = await _find_overdue(session)
        for case_id in overdue:
            async with transaction() as session:
                await end_hold(session, case_id)
        more = len(overdue) == BATCH_SIZE


async def _find_overdue(session: AsyncSession) -> list[UUID]:
    rows = select(FraudCase.id).where(
        col(FraudCase.effect).is_(None), col(FraudCase.hold_ends_at) <= func.now()
    )
    return list(await session.exec(rows.order_by(col(FraudCase.hold_ends_at)).limit(BATCH_SIZE)))


async def return_lapsed(session: AsyncSession) -> bool:
    """Return cases whose lease is over to the queue. Returns whether there may be more."""
    rows = (
        select(FraudCase)
        .where(FraudCase.state == CaseState.UNDER_REVIEW, col(FraudCase.lease_until) <= func.now())
        .order_by(col(FraudCase.id))
        .limit(BATCH_SIZE)
    )
    lapsed = (await session.exec(for_change(rows, skip_locked=True))).all()
    for case in lapsed:
        case.give_back()
        publish_case(session, case)
    return len(lapsed) == BATCH_SIZE


def publish_case(session: AsyncSession, case: FraudCase) -> None:
    journal.append(session, FraudCaseChanged(case.id), to=[vendor_topic(case.vendor_id)])


async def _give_back(session: AsyncSession, locked: LockedCase) -> None:
    """Give the voucher back, unless a later scan without a network has redeemed it."""
    voucher, redemption = locked.voucher, locked.redemption
    await session.flush()
    await give_back(session, redemption, voucher)
    if voucher.held_at is not None:
        voucher.expires_at += now() - voucher.held_at
        voucher.held_at = None
        await session.flush()
        await refold(session, voucher)
        await session.refresh(voucher)
    if voucher.state is VoucherState.CLAIMED:
        await jobs.defer(session, "expire_offer", at=voucher.expires_at, offer_id=voucher.offer_id)
        kind = NotificationKind.VOUCHER_RELEASED
        await inbox.notify(session, voucher.user_id, kind, redemption.id)
    _publish(session, redemption, voucher)


def _publish(session: AsyncSession, redemption: Redemption, voucher: Voucher) -> None:
    journal.append(
        session, RedemptionChecked(redemption.id), to=[vendor_topic(redemption.vendor_id)]
    )
    checked = VoucherChecked(voucher.id, redemption.id)
    journal.append(session, checked, to=[user_topic(voucher.user_id)])
