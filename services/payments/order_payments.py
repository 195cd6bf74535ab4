"""Payments of orders that their buyers begin, repeat and cancel."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from gateways.payments.errors import PaymentProviderError
from models.errors import InvalidInput
from models.orders.orders import Order
from models.orders.states import InvalidOrderState, OrderState
from models.payments.calls import CallPurpose
from models.payments.payments import (
    CancelReason,
    Payment,
    PaymentProvider,
    PaymentStatus,
    next_attempt,
)
from models.payments.recording import OrderPaid
from models.payments.ways import PaymentDeclined, PaymentInProgress, PaymentWay
from services import idempotency
from services.orders.access import access_order, lock_order
from services.orders.changes import publish_change
from services.orders.rows import WholeOrder, read_rows
from services.payments.calls.rows import NET_SECONDS, find_open_call, plan_payments
from services.payments.calls.sending import CallSender
from services.payments.ending import begin_to_cancel
from services.payments.watching import IS_WATCHED, look_at_payment
from services.payments.ways import WaysToPay, ensure_own_method, new_payment
from services.viewer import Viewer

OPERATION = "retryPayment"


async def cancel_at_provider(sender: CallSender, order_id: UUID, reason: CancelReason) -> None:
    """Cancel what a provider may still collect for an order that is not paid.

    When this returns, each payment has ended, or its provider does not answer.
    """
    async with sender.transaction() as session:
        order = await lock_order(session, order_id)
        if order is None or order.state is not OrderState.PENDING:
            return
        calls = await _begin(session, await read_rows(session, order), reason)
    for call_id in calls:
        await sender.try_to_send(call_id)


async def cancel_own_payment(sender: CallSender, viewer: Viewer, order_id: UUID) -> None:
    """Have the provider cancel the payment of an order that its buyer cancels next."""
    async with sender.transaction() as session:
        order = await access_order(session, viewer, order_id)
        if order.state is not OrderState.PENDING:
            return
        calls = await _begin(session, await read_rows(session, order), CancelReason.BUYER)
    for call_id in calls:
        await sender.try_to_send(call_id)


async def _begin(session: AsyncSession, rows: WholeOrder, reason: CancelReason) -> list[UUID]:
    at = now() + timedelta(seconds=NET_SECONDS)
    live = [one for one in rows.live_payments if one.provider.is_online]
    begun = [await begin_to_cancel(session, one, reason, at=at) for one in live]
    if live:
        publish_change(session, rows.order)
    return [one for one in begun if one is not None]


async def send_payment(sender: CallSender, payment_id: UUID) -> None:
    """Have the provider collect a new payment now. Without an answer in time, its job goes on."""
    async with sender.transaction() as session:
        call_id = await find_open_call(session, payment_id, CallPurpose.PAY)
    if call_id is not None:
        await sender.try_to_send(call_id)


async def send_order_payment(sender: CallSender, order_id: UUID) -> None:
    """Have the provider collect the new payment of an order, if it has one."""
    async with sender.transaction() as session:
        rows = select(Payment.id).where(
            Payment.order_id == order_id, Payment.status == PaymentStatus.PLANNED
        )
        payment_id = (await session.exec(rows)).first()
    if payment_id is not None:
        await send_payment(sender, payment_id)


async def retry_payment(
    sender: CallSender,
    viewer: Viewer,
    ways: WaysToPay,
    way: PaymentWay,
    *,
    order_id: UUID,
    idempotency_key: str,
) -> UUID:
    """Pay for an order in another way, once per idempotency key. Returns its id.

    What a provider may still collect is cancelled there first, so that the order is paid once.
    Raises `NotFound`, `ProviderNotAvailable`, `PaymentTooSmall`, `OrderPaid`, `InvalidOrderState`,
    `PaymentInProgress` if the provider does not cancel, and `PaymentDeclined` for a saved method.
    """
    ways.ensure_valid(way)
    given = {"order_id": order_id, "way": way.model_dump()}
    async with sender.transaction() as session:
        done = await idempotency.find_result(session, viewer, OPERATION, idempotency_key, **given)
        if done is None:
            order = await access_order(session, viewer, order_id)
            await ensure_own_method(session, viewer, way)
            _ensure_open(order)
            rows = await read_rows(session, order)
            ways.ensure_possible(way, order.total - rows.wallet_amount, order.currency)
    if done is None:
        await cancel_at_provider(sender, order_id, CancelReason.REPLACED)
    async with sender.transaction() as session:
        claimed = await idempotency.claim(session, viewer, OPERATION, idempotency_key, **given)
        order = await access_order(session, viewer, order_id)
        if claimed.replayed:
            return order_id
        _ensure_open(order)
        payment = _replace(await read_rows(session, order), way)
        session.add(payment)
        await session.flush()
        await plan_payments(session, [payment])
        publish_change(session, order)
        await idempotency.record_result(session, claimed, order.id)
    await send_payment(sender, payment.id)
    await _ensure_not_declined(sender, payment.id)
    return order_id


def _ensure_open(order: Order) -> None:
    """Raise a refusal unless the order can be paid now."""
    if order.confirmed_at is not None:
        raise OrderPaid
    if order.is_overdue:
        raise InvalidOrderState(state=OrderState.EXPIRED, wanted=OrderState.CONFIRMED)
    if order.state is not OrderState.PENDING:
        raise InvalidOrderState(state=order.state, wanted=OrderState.CONFIRMED)


def _replace(rows: WholeOrder, way: PaymentWay) -> Payment:
    """Return the next payment of an order. Raises `PaymentInProgress` while another one is live."""
    if way.provider is PaymentProvider.WALLET:
        raise InvalidInput("The wallet is chosen at the checkout.", field=["provider"])
    for payment in rows.live_payments:
        if payment.provider.is_online:
            raise PaymentInProgress
        if payment.provider is not PaymentProvider.WALLET:
            payment.end(PaymentStatus.CANCELLED)
    order = rows.order
    return new_payment(
        way,
        order.total - rows.wallet_amount,
        order.currency,
        order_id=order.id,
        attempt=next_attempt(rows.payments, way.provider),
    )


async def _ensure_not_declined(sender: CallSender, payment_id: UUID) -> None:
    async with sender.transaction() as session:
        payment = await session.get_one(Payment, payment_id)
    declined = payment.status is PaymentStatus.OPEN and payment.decline_code is not None
    if declined or payment.status is PaymentStatus.FAILED:
        raise PaymentDeclined


async def check_payment(sender: CallSender, viewer: Viewer, order_id: UUID) -> None:
    """Ask the provider about the newest payment of an order, for a buyer who comes back.

    Without an answer, webhooks and the poller follow it.
    """
    async with sender.transaction() as session:
        await access_order(session, viewer, order_id)
        rows = select(Payment.id).where(
            Payment.order_id == order_id,
            IS_WATCHED,
            col(Payment.reference).is_not(None),
        )
        payment_id = (await session.exec(rows)).first()
    if payment_id is not None:
        with suppress(PaymentProviderError):
            await look_at_payment(sender.transaction, sender.gateways, payment_id)
