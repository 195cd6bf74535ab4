"""Payments that are no longer wanted: cancelled at their providers first."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.payments.calls import CallPurpose
from models.payments.payments import CancelReason, Payment, PaymentStatus
from services.payments.calls.rows import plan_another, was_sent


async def begin_to_cancel(
    session: AsyncSession, payment: Payment, reason: CancelReason, *, at: datetime | None = None
) -> UUID | None:
    """Cancel a live payment, whose order or purchase is locked.

    One that a provider may know is CANCELLING until the provider has answered; the others are
    CANCELLED at once. Returns the call to the provider, if there is one. `at` is as for
    `plan_call`.
    """
    if not payment.provider.is_online or not await was_sent(session, payment.id, CallPurpose.PAY):
        payment.end(PaymentStatus.CANCELLED)
        return None
    if payment.status is not PaymentStatus.CANCELLING:
        payment.status, payment.cancelling_at = PaymentStatus.CANCELLING, now()
    payment.cancel_reason = reason
    await session.flush()
    call = await plan_another(session, payment.provider, payment.id, CallPurpose.CANCEL, at=at)
    return call.id


async def end_others(session: AsyncSession, payments: Sequence[Payment], paid: Payment) -> None:
    """Cancel the live payments beside one that has paid. One that still succeeds goes back."""
    for one in payments:
        if one.id != paid.id and one.status.is_live:
            await begin_to_cancel(session, one, CancelReason.REPLACED)
