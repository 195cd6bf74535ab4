"""Saved methods of payment. The provider keeps them; here are the last digits, and its ids."""

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change
from core.keyset import Listing, newest_first
from gateways.payments.errors import ObjectNotFound, PaymentProviderError
from gateways.payments.gateway import PaymentGateways, SavedMethod
from models.errors import NotFound
from models.identity.accounts import User
from models.payments.methods import (
    MAX_BRAND,
    MAX_METHODS,
    PaymentCustomer,
    PaymentMethod,
    PaymentMethodLimitReached,
)
from models.payments.payments import Payment, PaymentProvider
from models.payments.ways import PaymentInProgress
from services import jobs
from services.orders.access import visible_payments
from services.packs.by_wallet import stop_charging
from services.payments.calls.sending import CallSender, in_time
from services.payments.customers import find_customer, find_payer
from services.viewer import Viewer


def visible_methods(viewer: Viewer) -> SelectOfScalar[PaymentMethod]:
    """Select the viewer's saved methods."""
    return select(PaymentMethod).where(PaymentMethod.user_id == viewer.user_id)


def list_methods(viewer: Viewer) -> Listing[PaymentMethod]:
    """List the viewer's saved methods, the newest first."""
    viewer.require_user()
    return Listing(visible_methods(viewer), newest_first(PaymentMethod))


async def save_method(sender: CallSender, viewer: Viewer, payment_id: UUID) -> PaymentMethod:
    """Save the method with which the viewer has paid. The provider keeps it for the viewer.

    It is saved once. Raises `NotFound` for a payment without a method that can be charged again,
    `PaymentInProgress` if the provider does not answer, and `PaymentMethodLimitReached`.
    """
    user_id = viewer.require_user()
    async with sender.transaction() as session:
        rows = visible_payments(viewer).where(Payment.id == payment_id)
        payment = (await session.exec(rows)).first()
        if payment is None or await find_payer(session, payment) != user_id:
            raise NotFound
    try:
        return await _save(sender, user_id, payment)
    except PaymentProviderError as error:
        raise PaymentInProgress from error


async def save_paid_method(sender: CallSender, payment_id: UUID) -> None:
    """Save the method of a payment whose payer wants to keep it. Raises `NoAnswer`."""
    async with sender.transaction() as session:
        payment = await session.get_one(Payment, payment_id)
        user_id = await find_payer(session, payment)
    with suppress(NotFound, PaymentMethodLimitReached):
        await _save(sender, user_id, payment)


async def _save(sender: CallSender, user_id: UUID, payment: Payment) -> PaymentMethod:
    async with sender.transaction() as session:
        customer = await find_customer(session, user_id, payment.provider)
    if customer is None or payment.reference is None:
        raise NotFound
    async with in_time():
        gateway = sender.gateways[payment.provider]
        seen = await gateway.find_payment(payment.reference)
        kept = await gateway.find_methods(customer)
    found = next((one for one in kept if one.reference == seen.method), None)
    if found is None:
        raise NotFound
    async with sender.transaction() as session:
        return await _store(session, user_id, payment.provider, found)


async def remove_method(session: AsyncSession, viewer: Viewer, *, method_id: UUID) -> None:
    """Remove a saved method, here at once and at the provider by a job. Raises `NotFound`.

    Subscriptions that it paid are charged to the wallets of their vendors from now on.
    """
    viewer.require_user()
    rows = visible_methods(viewer).where(PaymentMethod.id == method_id)
    method = (await session.exec(for_change(rows))).first()
    if method is None:
        raise NotFound
    await stop_charging(session, [method.id])
    await session.delete(method)
    await _have_removed(session, [method])


async def forget_methods(session: AsyncSession, user_id: UUID) -> None:
    """Have the providers remove a user whose account is erased, with the methods that they have.

    They can have methods that were never stored here, and the address. The rows are deleted by the
    erasure.
    """
    rows = select(PaymentMethod).where(PaymentMethod.user_id == user_id)
    methods = (await session.exec(rows.order_by(col(PaymentMethod.id)))).all()
    await stop_charging(session, [one.id for one in methods])
    await _have_removed(session, methods)
    customers = select(PaymentCustomer).where(PaymentCustomer.user_id == user_id)
    for one in (await session.exec(customers.order_by(col(PaymentCustomer.id)))).all():
        await jobs.defer(
            session, "remove_payment_customer", provider=one.provider, reference=one.reference
        )


async def _have_removed(session: AsyncSession, methods: Sequence[PaymentMethod]) -> None:
    for one in methods:
        await jobs.defer(
            session, "remove_payment_method", provider=one.provider, reference=one.reference
        )


async def remove_at_provider(
    gateways: PaymentGateways, provider: PaymentProvider, reference: str
) -> None:
    """Have a provider remove a method. Raises `NoAnswer`: the job runs again."""
    with suppress(ObjectNotFound):
        async with in_time():
            await gateways[provider].remove_method(reference)


async def remove_customer(
    gateways: PaymentGateways, provider: PaymentProvider, reference: str
) -> None:
    """Have a provider remove a customer. Raises `NoAnswer`: the job runs again."""
    with suppress(ObjectNotFound):
        async with in_time():
            await gateways[provider].remove_customer(reference)


async def _store(
    session: AsyncSession, user_id: UUID, provider: PaymentProvider, found: SavedMethod
) -> PaymentMethod:
    """Store a method of a user, who is locked, so that two requests cannot exceed the limit."""
    await session.exec(for_change(select(User.id).where(User.id == user_id)))
    same = select(PaymentMethod).where(
        PaymentMethod.provider == provider, PaymentMethod.reference == found.reference
    )
    known = (await session.exec(same)).first()
    if known is not None:
        if known.user_id != user_id:
            raise NotFound
        return known
    counted = select(func.count()).where(PaymentMethod.user_id == user_id)
    if (await session.exec(counted)).one() >= MAX_METHODS:
        raise PaymentMethodLimitReached(most=MAX_METHODS)
    method = PaymentMethod(
        user_id=user_id,
        provider=provider,
        reference=found.reference,
        customer=found.customer,
        brand=found.brand[:MAX_BRAND],
        last4=found.last4,
        expires_month=found.expires_month,
        expires_year=found.expires_year,
    )
    session.add(method)
    return method
