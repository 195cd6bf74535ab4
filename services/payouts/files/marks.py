"""Payouts of files that the bank has paid, which an admin notes.

One admin is enough: the money has left the balance before, and none moves to a vendor.
"""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from gateways.payments.gateway import MoneyStatus
from models.audit import AuditAct
from models.payouts.accounts import PayoutRail
from models.payouts.payouts import (
    InvalidPayoutState,
    Payout,
    PayoutReturnNoted,
    PayoutState,
)
from services import idempotency
from services.audit import entries as audit
from services.payouts.access import ensure_of_others, lock_payout
from services.payouts.outcomes import follow_payout
from services.viewer import Viewer


async def mark_payout_paid(
    session: AsyncSession, viewer: Viewer, *, payout_id: UUID, reference: str, idempotency_key: str
) -> Payout:
    """Note that the bank has paid a payout of a file, with the bank's reference, such as a UTR.

    Raises `OwnPayout`, `InvalidPayoutState`, `PayoutReturnNoted` and `PayoutReferenceTaken`.
    """
    admin_id = viewer.require_admin()
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
    payout = await lock_payout(session, payout_id)
    await ensure_of_others(session, admin_id, [payout.vendor_id])
    if payout.rail is not PayoutRail.BANK_FILE or payout.state is not PayoutState.IN_TRANSIT:
        raise InvalidPayoutState
    if payout.has_noted_return:
        raise PayoutReturnNoted
    await follow_payout(session, payout.id, MoneyStatus.SUCCEEDED, reference=reference)
    audit.append(session, viewer, AuditAct.MARK_PAYOUT_PAID, subject_id=payout.id)
    await session.flush()
    await idempotency.record_result(session, claimed, payout.id)
    return payout
