"""Payments that admins record when a transfer has arrived."""

from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.audit import AuditAct
from models.errors import NotFound
from models.orders.orders import Order, SubOrder
from models.orders.states import OrderState
from models.payments.payments import Payment, PaymentProvider
from models.payments.recording import OrderPaid, OwnOrder, PaymentMismatch, RecordedPayment
from services import idempotency
from services.audit import entries as audit
from services.members.conflicts import works_for
from services.orders.access import lock_order
from services.orders.rows import WholeOrder, read_rows
from services.payments.ending import end_others
from services.payments.subjects.orders import confirm_order
from services.viewer import Viewer


async def record_payment(
    session: AsyncSession,
    viewer: Viewer,
    recorded: RecordedPayment,
    *,
    order_id: UUID,
    idempotency_key: str,
) -> Order:
    """Record the transfer for an order, which confirms it, once per idempotency key.

    Raises `OwnOrder`, `OrderPaid`, also for the second of two admins, `PaymentMismatch`,
    `PaymentReferenceTaken`, and what `confirm_order` raises.
    """
    viewer.require_admin()
    claimed = await idempotency.claim(
        session,
        viewer,
        "recordPayment",
        idempotency_key,
        order_id=order_id,
        recorded=recorded.model_dump(),
    )
    order = await lock_order(session, order_id)
    if order is None:
        raise NotFound
    if claimed.replayed:
        return order
    await ensure_of_others(session, viewer, order)
    rows = await read_rows(session, order)
    payment = _find_open(rows)
    if (recorded.amount, recorded.currency) != (payment.amount, payment.currency):
        raise PaymentMismatch(amount=payment.amount, currency=payment.currency)
    payment.reference = recorded.reference
    await confirm_order(session, rows, payment, user_id=viewer.user_id)
    await end_others(session, rows.payments, payment)
    audit.append(session, viewer, AuditAct.RECORD_PAYMENT, subject_id=order.id)
    await idempotency.record_result(session, claimed, order.id)
    return order


async def ensure_of_others(session: AsyncSession, viewer: Viewer, order: Order) -> None:
    """Raise `OwnOrder` if the viewer has placed an order, or works for one of its vendors."""
    user_id = viewer.require_user()
    vendors = select(SubOrder.vendor_id).where(SubOrder.order_id == order.id)
    vendor_ids = (await session.exec(vendors)).all()
    if order.user_id == user_id or await works_for(session, user_id, vendor_ids):
        raise OwnOrder


def _find_open(rows: WholeOrder) -> Payment:
    """Return the transfer that an order waits for, or has waited for until it expired."""
    if rows.order.confirmed_at is not None:
        raise OrderPaid
    manual = [one for one in rows.payments if one.provider is PaymentProvider.MANUAL]
    if not manual:
        rows.order.state.ensure_can_become(OrderState.CONFIRMED)
        raise NotFound
    return manual[-1]
