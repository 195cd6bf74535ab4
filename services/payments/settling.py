"""Settling payments: the state that a provider has of a payment, and its consequences.

`settle_payment` is the one function for the answers of calls, for webhooks, for buyers who come
back, for the poller and for the reconciliation. They can come in any order and any number of times.
Money is a fact: it confirms what it is for, or it goes back. The state of a payment only rises.
"""

from uuid import UUID

import structlog
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.observability import metrics
from gateways.payments.gateway import MoneyStatus, ProviderPayment
from models.errors import NotFound, Refusal
from models.payments.calls import CallPurpose
from models.payments.payments import (
    MAX_DECLINE,
    MAX_SECRET,
    MAX_URL,
    Payment,
    PaymentStatus,
    next_attempt,
)
from models.payments.refunds import RefundReason
from services import jobs
from services.payments.calls.rows import plan_another
from services.payments.ending import end_others
from services.payments.returning import return_payment
from services.payments.subjects.orders import OrderSubject
from services.payments.subjects.purchases import PurchaseSubject
from services.payments.subjects.subject import Subject
from services.transaction import attempt

LIVE = {
    MoneyStatus.NEEDS_METHOD: PaymentStatus.OPEN,
    MoneyStatus.NEEDS_ACTION: PaymentStatus.ACTION,
    MoneyStatus.PENDING: PaymentStatus.PROCESSING,
}
ENDED = {
    MoneyStatus.CANCELLED: PaymentStatus.CANCELLED,
    MoneyStatus.FAILED: PaymentStatus.FAILED,
}

log = structlog.get_logger(__name__)


async def settle_payment(session: AsyncSession, payment_id: UUID, seen: ProviderPayment) -> Payment:
    """Follow the state that a provider has of a payment, and return the payment.

    Money of the right amount and currency, which is for this payment by its metadata, confirms
    the order or the purchase. One that has expired takes everything again by the same guards. All
    other money goes back: too late, paid twice, or a wrong amount. Raises `NotFound`.
    """
    subject, payment = await _lock(session, payment_id)
    if payment.reference not in (None, seen.reference):
        payment = await _adopt(session, subject, payment, seen)
    if payment.status is PaymentStatus.SUCCEEDED:
        return payment
    await _follow(session, subject, payment, seen)
    await session.flush()
    return payment


async def fail_payment(session: AsyncSession, payment_id: UUID, code: str | None) -> None:
    """Note that a provider refuses to collect a payment. The buyer can pay in another way."""
    _, payment = await _lock(session, payment_id)
    payment.decline_code = code[:MAX_DECLINE] if code else payment.decline_code
    await stop_payment(session, payment_id, PaymentStatus.FAILED)


async def stop_payment(session: AsyncSession, payment_id: UUID, status: PaymentStatus) -> None:
    """End a live payment that its provider does not know."""
    subject, payment = await _lock(session, payment_id)
    if payment.status.is_live:
        payment.end(status)
        await session.flush()
        subject.publish(session)
        await subject.payment_ended(session, payment)


async def _lock(session: AsyncSession, payment_id: UUID) -> tuple[Subject, Payment]:
    """Lock what a payment is for, and return it with the payment as it is now."""
    columns = select(Payment.order_id, Payment.purchase_id).where(Payment.id == payment_id)
    found = (await session.exec(columns)).first()
    if found is None:
        raise NotFound
    order_id, purchase_id = found
    subject: Subject
    if order_id is not None:
        subject = OrderSubject(order_id)
    elif purchase_id is not None:
        subject = PurchaseSubject(purchase_id)
    else:
        raise NotFound
    await subject.load(session)
    return subject, _find(subject, payment_id)


def _find(subject: Subject, payment_id: UUID) -> Payment:
    return next(one for one in subject.payments if one.id == payment_id)


async def _adopt(
    session: AsyncSession, subject: Subject, known: Payment, seen: ProviderPayment
) -> Payment:
    """Return the payment of a second object of the provider for one of ours.

    A provider that failed in between can have made it. It is not wanted, but its money is a fact.
    """
    for one in subject.payments:
        if one.provider is known.provider and one.reference == seen.reference:
            return one
    payment = Payment(
        order_id=known.order_id,
        purchase_id=known.purchase_id,
        provider=known.provider,
        status=PaymentStatus.CANCELLED,
        attempt=next_attempt(subject.payments, known.provider),
        amount=known.amount,
        currency=known.currency,
        reference=seen.reference,
    )
    session.add(payment)
    await session.flush()
    await subject.load(session)
    return _find(subject, payment.id)


async def _follow(
    session: AsyncSession, subject: Subject, payment: Payment, seen: ProviderPayment
) -> None:
    before = payment.model_dump()
    payment.reference = seen.reference
    if seen.captured > 0:
        await session.flush()
        await _take(session, subject, payment, seen)
    elif payment.off_session and payment.status.is_live and _is_declined(seen):
        await _fail_without_buyer(session, subject, payment, seen)
    elif status := LIVE.get(seen.status):
        await _follow_live(session, payment, seen, status)
    elif payment.status.is_live and seen.status in ENDED:
        payment.end(ENDED[seen.status])
        payment.decline_code = _code(seen) or payment.decline_code
        await session.flush()
        await subject.payment_ended(session, payment)
    if payment.model_dump() != before:
        subject.publish(session)


async def _follow_live(
    session: AsyncSession, payment: Payment, seen: ProviderPayment, status: PaymentStatus
) -> None:
    """Follow a payment without money. One that has ended here is cancelled at the provider."""
    if not payment.status.is_live:
        await session.flush()
        await plan_another(session, payment.provider, payment.id, CallPurpose.CANCEL)
        return
    if payment.status is not PaymentStatus.CANCELLING:
        payment.status = status
    payment.client_secret = _fitting(seen.client_secret, MAX_SECRET) or payment.client_secret
    known = payment.redirect_url if seen.keeps_page else None
    payment.redirect_url = _fitting(seen.redirect_url, MAX_URL) or known
    payment.decline_code = _code(seen)


def _is_declined(seen: ProviderPayment) -> bool:
    """Return whether the last try was declined, and the provider waits for another method."""
    return seen.status is MoneyStatus.NEEDS_METHOD and seen.error is not None


async def _fail_without_buyer(
    session: AsyncSession, subject: Subject, payment: Payment, seen: ProviderPayment
) -> None:
    """Fail a payment that was declined while no buyer was there who could choose another method.

    The provider would wait for one.
    """
    payment.end(PaymentStatus.FAILED)
    payment.decline_code = _code(seen)
    await session.flush()
    await plan_another(session, payment.provider, payment.id, CallPurpose.CANCEL)
    await subject.payment_ended(session, payment)


def _code(seen: ProviderPayment) -> str | None:
    return seen.error[:MAX_DECLINE] if seen.error else None


def _fitting(value: str | None, most: int) -> str | None:
    """Return a value of the provider unless it is too long, which a part of it would not be."""
    return value if value and len(value) <= most else None


async def _take(
    session: AsyncSession, subject: Subject, payment: Payment, seen: ProviderPayment
) -> None:
    """Count money that came in: it confirms what it is for, or goes back."""
    wanted = payment.amount, payment.currency, payment.id
    came = seen.captured, seen.currency, _said_id(subject, payment, seen)
    reason = subject.find_obstacle(payment)
    if came != wanted:
        reason = RefundReason.WRONG_AMOUNT
        log.error("payments.wrong_money", payment_id=str(payment.id), provider=payment.provider)
    if reason is None:
        reason, payment = await try_to_confirm(session, subject, payment)
    if reason is not None:
        payment.receive(seen.captured, seen.currency)
        await return_payment(session, subject, payment, reason)
    else:
        if payment.saves_method:
            await jobs.defer(session, "save_paid_method", payment_id=payment.id)
        if seen.card:
            await jobs.defer(session, "note_payment_card", payment_id=payment.id)
        await end_others(session, subject.payments, payment)
    metrics.PAYMENTS.labels(payment.provider, reason or "CONFIRMED").inc()


def _said_id(subject: Subject, payment: Payment, seen: ProviderPayment) -> UUID | None:
    """Return the payment that the money is for, by the metadata of the provider's object.

    An object that was adopted has the id of the payment for which it was made.
    """
    ids = {one.id for one in subject.payments if one.provider is payment.provider}
    return payment.id if seen.payment_id in ids else seen.payment_id


async def try_to_confirm(
    session: AsyncSession, subject: Subject, payment: Payment
) -> tuple[RefundReason | None, Payment]:
    """Confirm what the money of a payment is for, or return why it goes back.

    Nothing of a failure stays. Returns the payment as it is now.
    """
    payment_id = payment.id  # a failure expires the rows
    try:
        async with attempt(session):
            await subject.confirm(session, payment)
    except Refusal as refusal:
        log.info("payments.late", payment_id=str(payment_id), code=refusal.code)
        await subject.load(session)
        return RefundReason.LATE_PAYMENT, _find(subject, payment_id)
    return None, payment
