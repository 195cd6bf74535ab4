"""Payouts that the bank has sent back: noted by one admin, and confirmed by another one.

The money goes into the vendor's balance, from which it is paid out once more. So one person alone
cannot have a vendor paid twice.
"""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.audit import AuditAct
from models.payouts.files import OtherAdminNeeded
from models.payouts.payouts import InvalidPayoutState, Payout, PayoutReturnNoted
from services import idempotency
from services.audit import entries as audit
from services.payouts.access import ensure_of_others, lock_payout
from services.payouts.changes import publish_change
from services.payouts.outcomes import return_payout
from services.viewer import Viewer


async def mark_payout_returned(
    session: AsyncSession, viewer: Viewer, *, payout_id: UUID, reason: str, idempotency_key: str
) -> Payout:
    """Note that the bank has sent a payout of a file back, before or after it was PAID.

    It moves no money: another admin confirms it. A payout whose provider does not know it is noted
    so too. Raises `OwnPayout`, `InvalidPayoutState` and `PayoutReturnNoted`.
    """
    admin_id = viewer.require_admin()
    claimed = await idempotency.claim(
        session, viewer, "markPayoutReturned", idempotency_key, payout_id=payout_id, reason=reason
    )
    if claimed.replayed is not None:
        return await session.get_one(Payout, claimed.replayed)
    payout = await _access(session, admin_id, payout_id)
    if payout.has_noted_return:
        raise PayoutReturnNoted
    payout.note_return(reason, admin_id)
    audit.append(session, viewer, AuditAct.MARK_PAYOUT_RETURNED, subject_id=payout.id)
    await session.flush()
    await idempotency.record_result(session, claimed, payout.id)
    publish_change(session, payout.vendor_id, payout.id)
    return payout


async def confirm_payout_return(
    session: AsyncSession, viewer: Viewer, *, payout_id: UUID, idempotency_key: str
) -> Payout:
    """Confirm a return that another admin has noted.

    The money is in the balance again, and the account is RESTRICTED. Raises `OtherAdminNeeded`,
    `OwnPayout` and `InvalidPayoutState`.
    """
    admin_id = viewer.require_admin()
    claimed = await idempotency.claim(
        session, viewer, "confirmPayoutReturn", idempotency_key, payout_id=payout_id
    )
    if claimed.replayed is not None:
        return await session.get_one(Payout, claimed.replayed)
    payout = await _access(session, admin_id, payout_id)
    if not payout.has_noted_return or payout.return_reason is None:
        raise InvalidPayoutState
    if payout.return_noted_by == admin_id:
        raise OtherAdminNeeded
    payout.return_confirmed_by = admin_id
    await return_payout(session, payout, payout.return_reason)
    audit.append(session, viewer, AuditAct.CONFIRM_PAYOUT_RETURN, subject_id=payout.id)
    await session.flush()
    await idempotency.record_result(session, claimed, payout.id)
    return payout


async def reject_payout_return(session: AsyncSession, viewer: Viewer, *, payout_id: UUID) -> Payout:
    """Reject a return that was noted, or withdraw one's own note. A second call changes nothing.

    Raises `OwnPayout` and `NotFound`.
    """
    admin_id = viewer.require_admin()
    payout = await lock_payout(session, payout_id)
    await ensure_of_others(session, admin_id, [payout.vendor_id])
    if payout.has_noted_return:
        payout.drop_return()
        audit.append(session, viewer, AuditAct.REJECT_PAYOUT_RETURN, subject_id=payout.id)
        publish_change(session, payout.vendor_id, payout.id)
    return payout


async def _access(session: AsyncSession, admin_id: UUID, payout_id: UUID) -> Payout:
    """Return a payout whose money can come back, locked."""
    payout = await lock_payout(session, payout_id)
    await ensure_of_others(session, admin_id, [payout.vendor_id])
    if not payout.can_come_back:
        raise InvalidPayoutState
    return payout
