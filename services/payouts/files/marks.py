"""Payouts of files that admins close, by the answer of the bank."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from gateways.payments.gateway import MoneyStatus
from models.audit import AuditAct
from models.payouts.accounts import PayoutRail
from models.payouts.payouts import InvalidPayoutState, Payout, PayoutState
from services import idempotency
from services.audit import entries as audit
from services.payouts.access import ensure_of_others, lock_payout
from services.payouts.outcomes import follow_payout, return_payout
from services.viewer import Viewer


async def mark_payout_paid(
    session: AsyncSession, viewer: Viewer, *, payout_id: UUID, reference: str, idempotency_key: str
) -> Payout:
    """Note that the bank has paid a payout of a file, with the bank's reference, such as a UTR.

    Raises `OwnPayout`, `InvalidPayoutState` and `PayoutReferenceTaken`.
    """
    viewer.require_admin()
    claimed = await idempotency.claim(
        session,
        viewer,
        "markPayoutPaid",
        idempotency_key,
        payout_id=payout_id,
        reference=reference,
    )
    if claimed.replayed is not None:
        return await session.get_one(Payout, claimed.replayed)
    payout = await _access(session, viewer, payout_id, PayoutState.IN_TRANSIT)
    await follow_payout(session, payout.id, MoneyStatus.SUCCEEDED, reference=reference)
    audit.append(session, viewer, AuditAct.MARK_PAYOUT_PAID, subject_id=payout.id)
    await session.flush()
    await idempotency.record_result(session, claimed, payout.id)
    return payout


async def mark_payout_returned(
    session: AsyncSession, viewer: Viewer, *, payout_id: UUID, reason: str, idempotency_key: str
) -> Payout:
    """Note that the bank has sent a payout of a file back, before or after it was PAID.

    The money is in the balance again, and the account is RESTRICTED. Raises the same.
    """
    viewer.require_admin()
    claimed = await idempotency.claim(
        session, viewer, "markPayoutReturned", idempotency_key, payout_id=payout_id, reason=reason
    )
    if claimed.replayed is not None:
        return await session.get_one(Payout, claimed.replayed)
    payout = await _access(session, viewer, payout_id, PayoutState.IN_TRANSIT, PayoutState.PAID)
    await return_payout(session, payout, reason)
    audit.append(session, viewer, AuditAct.MARK_PAYOUT_RETURNED, subject_id=payout.id)
    await session.flush()
    await idempotency.record_result(session, claimed, payout.id)
    return payout


async def _access(
    session: AsyncSession, viewer: Viewer, payout_id: UUID, *states: PayoutState
) -> Payout:
    """Return a payout of a file in one of these states, locked."""
    admin_id = viewer.require_admin()
    payout = await lock_payout(session, payout_id)
    await ensure_of_others(session, admin_id, [payout.vendor_id])
    if payout.rail is not PayoutRail.BANK_FILE or payout.state not in states:
        raise InvalidPayoutState
    return payout
