"""Calls that have a provider collect a payment."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from gateways.payments.errors import PaymentProviderError, ProviderRefused
from gateways.payments.gateway import NewPayment, PaymentGateway, ProviderPayment
from models.identity.accounts import User
from models.orders.orders import Order
from models.payments.calls import ProviderCall
from models.payments.methods import PaymentMethod
from models.payments.payments import Payment, PaymentStatus
from models.purchases import Purchase
from services.identity.addresses.sealed_addresses import find_email
from services.payments.calls.purposes import Request
from services.payments.customers import find_customer, find_payer, note_customer
from services.payments.settling import fail_payment, settle_payment


@dataclass(frozen=True)
class WantedPayment:
    """A payment, and for whom the provider keeps its method, if it shall."""

    payment: NewPayment
    user_id: UUID


class Paying:
    """PAY: the subject is the payment."""

    async def read(self, session: AsyncSession, sealer: Sealer, call: ProviderCall) -> Request:
        payment = await session.get_one(Payment, call.subject_id)
        is_over = payment.status is not PaymentStatus.PLANNED
        return Request(await read_payment(session, sealer, payment), is_over)

    async def send(
        self, gateway: PaymentGateway, wanted: WantedPayment, *, key: str
    ) -> ProviderPayment:
        payment = wanted.payment
        if payment.off_session and payment.method is None:
            raise ProviderRefused("The method was removed.", code="method_removed")
        if payment.save_method and payment.customer is None:
            key_of_customer = f"{wanted.user_id}-customer"
            customer = await gateway.create_customer(
                wanted.user_id, payment.email, key=key_of_customer
            )
            payment = replace(payment, customer=customer)
        made = await gateway.create_payment(payment, key=key)
        return replace(made, customer=made.customer or payment.customer)

    async def search(
        self, gateway: PaymentGateway, wanted: WantedPayment
    ) -> ProviderPayment | None:
        return await gateway.search_payment(wanted.payment)

    async def done(
        self, session: AsyncSession, call: ProviderCall, answer: ProviderPayment
    ) -> None:
        payment = await settle_payment(session, call.subject_id, answer)
        if payment.saves_method and answer.customer:
            user_id = await find_payer(session, payment)
            await note_customer(session, user_id, payment.provider, answer.customer)

    async def refused(
        self, session: AsyncSession, call: ProviderCall, error: PaymentProviderError
    ) -> None:
        await fail_payment(session, call.subject_id, error.code)


async def read_payment(session: AsyncSession, sealer: Sealer, payment: Payment) -> WantedPayment:
    """Return a payment as the provider is asked for it: the same each time."""
    user_id = await find_payer(session, payment)
    user = await session.get_one(User, user_id)
    method = await session.get(PaymentMethod, payment.method_id) if payment.method_id else None
    keeps = payment.saves_method or method is not None
    wanted = NewPayment(
        payment_id=payment.id,
        amount=payment.amount,
        currency=payment.currency,
        description=await _describe(session, payment),
        email=find_email(sealer, user),
        return_url=payment.return_url,
        customer=await find_customer(session, user_id, payment.provider) if keeps else None,
        method=method.reference if method else None,
        off_session=payment.off_session,
        save_method=payment.saves_method,
    )
    return WantedPayment(wanted, user_id)


async def _describe(session: AsyncSession, payment: Payment) -> str:
    """Return what the buyer reads at the provider."""
    if payment.order_id is not None:
        return f"Order {(await session.get_one(Order, payment.order_id)).number}"
    purchase = await session.get_one(Purchase, payment.purchase_id)
    return f"Purchase {purchase.kind.lower()}"
