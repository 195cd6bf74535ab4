"""Disputes that the platform accepts: the buyer keeps the money, and the bank decides at once."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.security.sealed import Sealer
from gateways.payments.errors import PaymentProviderError
from gateways.payments.gateway import DisputeStatus, PaymentGateway, ProviderDispute
from models.audit import AuditAct
from models.payments.calls import CallPurpose, ProviderCall
from models.payments.disputes import Dispute
from services import idempotency
from services.audit import entries as audit
from services.disputes.applying import apply_dispute
from services.disputes.changes import publish_dispute
from services.disputes.conflicts import ensure_dispute_of_others
from services.disputes.rows import find_vendors, lock_known
from services.disputes.sending import wait_again
from services.payments.calls.purposes import Request
from services.payments.calls.rows import plan_another
from services.viewer import Viewer


async def accept_dispute(
    session: AsyncSession, viewer: Viewer, *, dispute_id: UUID, idempotency_key: str
) -> Dispute:
    """Accept a dispute instead of an answer, once and for good. For admins.

    Raises `OwnOrder`, `OwnPurchase`, `DisputeClosed` if no answer is awaited, and `NotFound`.
    """
    viewer.require_admin()
    claimed = await idempotency.claim(
        session, viewer, "acceptDispute", idempotency_key, dispute_id=dispute_id
    )
    disputed, dispute = await lock_known(session, dispute_id)
    if claimed.replayed:
        return dispute
    await ensure_dispute_of_others(session, viewer, disputed.subject)
    dispute.ensure_answerable(by_vendor=False)
    dispute.sending_at = dispute.accepted_at = now()
    await session.flush()
    await plan_another(session, dispute.provider, dispute.id, CallPurpose.ACCEPT)
    audit.append(session, viewer, AuditAct.ACCEPT_DISPUTE, subject_id=dispute.id)
    publish_dispute(session, dispute, await find_vendors(session, dispute.id))
    await idempotency.record_result(session, claimed, dispute.id)
    return dispute


@dataclass(frozen=True)
class Accepted:
    """The dispute that the provider shall end."""

    reference: str


class Accepting:
    """ACCEPT: the subject is the dispute."""

    async def read(self, session: AsyncSession, sealer: Sealer, call: ProviderCall) -> Request:
        dispute = await session.get_one(Dispute, call.subject_id)
        return Request(Accepted(dispute.reference), dispute.dispute_state.is_final)

    async def send(self, gateway: PaymentGateway, wanted: Accepted, *, key: str) -> ProviderDispute:
        return await gateway.accept_dispute(wanted.reference)

    async def search(self, gateway: PaymentGateway, wanted: Accepted) -> ProviderDispute | None:
        found = await gateway.find_dispute(wanted.reference)
        return found if found.status in {DisputeStatus.WON, DisputeStatus.LOST} else None

    async def done(
        self, session: AsyncSession, call: ProviderCall, answer: ProviderDispute
    ) -> None:
        _, dispute = await lock_known(session, call.subject_id)
        dispute.answered_at = dispute.answered_at or now()
        await session.flush()
        await apply_dispute(session, dispute.provider, answer)

    async def refused(
        self, session: AsyncSession, call: ProviderCall, error: PaymentProviderError
    ) -> None:
        _, dispute = await lock_known(session, call.subject_id)
        await wait_again(session, dispute)
