"""Transfers for purchases, which admins record when they have arrived."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.audit import AuditAct
from models.errors import NotFound
from models.payments.payments import Payment, PaymentProvider, PaymentStatus
from models.payments.recording import PaymentMismatch, RecordedPayment
from models.purchases import InvalidPurchaseState, OwnPurchase, Purchase, PurchaseState
from services import idempotency
from services.audit import entries as audit
from services.members.conflicts import works_for
from services.payments.ending import end_others
from services.payments.returning import return_payment
from services.payments.settling import try_to_confirm
from services.payments.subjects.purchases import PurchaseSubject
from services.purchases.access import LockedPurchase, access_purchase
from services.viewer import Viewer


async def record_purchase_payment(
    session: AsyncSession,
    viewer: Viewer,
    recorded: RecordedPayment,
    *,
    purchase_id: UUID,
    idempotency_key: str,
) -> Purchase:
    """Record the transfer for a purchase, which is given then, once per idempotency key.

    Money that has come too late for it is granted back, as `try_to_confirm` decides.
    Raises `OwnPurchase`, `InvalidPurchaseState`, `PaymentMismatch` and `PaymentReferenceTaken`.
    """
    viewer.require_admin()
    claimed = await idempotency.claim(
        session,
        viewer,
        "recordPurchasePayment",
        idempotency_key,
        purchase_id=purchase_id,
        recorded=recorded.model_dump(),
    )
    locked = await access_purchase(session, viewer, purchase_id)
    if claimed.replayed:
        return locked.purchase
    await ensure_of_other(session, viewer, locked.purchase)
    payment = _find_transfer(locked)
    if (recorded.amount, recorded.currency) != (payment.amount, payment.currency):
        raise PaymentMismatch(amount=payment.amount, currency=payment.currency)
    payment.reference = recorded.reference
    subject = PurchaseSubject(purchase_id)
    await session.flush()
    await subject.load(session)
    reason, payment = await try_to_confirm(session, subject, payment)
    if reason is not None:
        payment.receive(recorded.amount, recorded.currency)
        await return_payment(session, subject, payment, reason)
    else:
        await end_others(session, subject.payments, payment)
    audit.append(session, viewer, AuditAct.RECORD_PURCHASE_PAYMENT, subject_id=purchase_id)
    await idempotency.record_result(session, claimed, purchase_id)
    return subject.purchase


async def ensure_of_other(session: AsyncSession, viewer: Viewer, purchase: Purchase) -> None:
    """Raise `OwnPurchase` if it is the admin's, or of a vendor that they work for."""
    user_id = viewer.require_user()
    own = user_id in (purchase.user_id, purchase.owner_id)
    if own or await works_for(session, user_id, [purchase.owner_id]):
        raise OwnPurchase


def _find_transfer(locked: LockedPurchase) -> Payment:
    """Return the transfer that a purchase waits for, or has waited for until it expired."""
    locked.purchase.state.ensure_can_become(PurchaseState.PAID)
    manual = [one for one in locked.payments if one.provider is PaymentProvider.MANUAL]
    if not manual:
        raise NotFound
    if manual[-1].status is PaymentStatus.SUCCEEDED:  # it came too late, and went back
        raise InvalidPurchaseState(state=locked.purchase.state, wanted=PurchaseState.PAID)
    return manual[-1]
