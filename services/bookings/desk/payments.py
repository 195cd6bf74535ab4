"""Payments at the visit, as members record them. The vendor has the money already."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.statements.inserts import insert_row
from core.statements.units import connection_of
from models.audit import AuditAct
from models.bookings.bookings import Booking, BookingState, InvalidBookingState
from models.bookings.visits.desk import VisitOverpaid, VisitPayment, VisitPaymentDraft
from models.errors import NotFound
from services import idempotency
from services.audit import entries as audit
from services.bookings.announcing import announce
from services.bookings.holding.access import lock_customers_booking, visible_bookings
from services.viewer import Viewer

PAYABLE = {BookingState.CONFIRMED, BookingState.COMPLETED}


def visible_visit_payments(viewer: Viewer) -> SelectOfScalar[VisitPayment]:
    """Select the payments of bookings that the viewer sees."""
    seen = visible_bookings(viewer).with_only_columns(col(Booking.id))
    return select(VisitPayment).where(col(VisitPayment.booking_id).in_(seen))


async def record_visit_payment(
    session: AsyncSession,
    viewer: Viewer,
    draft: VisitPaymentDraft,
    *,
    booking_id: UUID,
    idempotency_key: str,
) -> Booking:
    """Record money that the customer paid at the desk, once per idempotency key.

    The booking is locked, so that two at once cannot exceed what is due. Raises
    `InvalidBookingState` and `VisitOverpaid`.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "recordVisitPayment",
        idempotency_key,
        booking_id=booking_id,
        draft=draft.model_dump(),
    )
    booking = await lock_customers_booking(session, viewer, booking_id)
    if claimed.replayed:
        return booking
    if booking.state not in PAYABLE:
        raise InvalidBookingState
    if draft.amount > booking.due_at_visit:
        raise VisitOverpaid
    await _write(
        session,
        booking,
        VisitPayment(
            booking_id=booking_id,
            method=draft.method,
            amount=draft.amount,
            recorded_by_id=viewer.require_user(),
        ),
    )
    audit.append(session, viewer, AuditAct.RECORD_VISIT_PAYMENT, subject_id=booking_id)
    await idempotency.record_result(session, claimed, booking_id)
    return booking


async def undo_visit_payment(session: AsyncSession, viewer: Viewer, *, payment_id: UUID) -> Booking:
    """Take a payment back: it was a mistake, or the money was given back. It can be repeated."""
    viewer.require_user()
    payment = await session.get(VisitPayment, payment_id)
    if payment is None or payment.undoes_id is not None:
        raise NotFound
    booking = await lock_customers_booking(session, viewer, payment.booking_id)
    undone = select(VisitPayment.id).where(VisitPayment.undoes_id == payment_id)
    if (await session.exec(undone)).first() is not None:
        return booking
    await _write(
        session,
        booking,
        VisitPayment(
            booking_id=booking.id,
            method=payment.method,
            amount=-payment.amount,
            undoes_id=payment_id,
            recorded_by_id=viewer.require_user(),
        ),
    )
    audit.append(session, viewer, AuditAct.UNDO_VISIT_PAYMENT, subject_id=booking.id)
    return booking


async def _write(session: AsyncSession, booking: Booking, payment: VisitPayment) -> None:
    await insert_row(await connection_of(session), payment)
    booking.paid_at_desk += payment.amount
    announce(session, booking)
