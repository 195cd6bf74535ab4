"""Calls that have a provider collect a payment."""

from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from gateways.payments.errors import PaymentProviderError
from gateways.payments.gateway import NewPayment, PaymentGateway, ProviderPayment
from models.identity.accounts import User
from models.orders.orders import Order
from models.payments.calls import ProviderCall
from models.payments.methods import PaymentCustomer, PaymentMethod
from models.payments.payments import Payment, PaymentStatus
from models.purchases import Purchase
from services.identity.addresses.sealed_addresses import find_email
from services.payments.purposes import Request
from services.payments.settling import fail_payment, settle_payment


class Paying:
    """PAY: the subject is the payment."""

    async def read(self, session: AsyncSession, sealer: Sealer, call: ProviderCall) -> Request:
        payment = await session.get_one(Payment, call.subject_id)
        is_over = payment.status is not PaymentStatus.PLANNED
        return Request(await read_payment(session, sealer, payment), is_over)

    async def send(
        self, gateway: PaymentGateway, wanted: NewPayment, *, key: str
    ) -> ProviderPayment:
        return await gateway.create_payment(wanted, key=key)

    async def search(self, gateway: PaymentGateway, wanted: NewPayment) -> ProviderPayment | None:
        return await gateway.search_payment(wanted)

    async def done(
        self, session: AsyncSession, call: ProviderCall, answer: ProviderPayment
    ) -> None:
        await settle_payment(session, call.subject_id, answer)

    async def refused(
        self, session: AsyncSession, call: ProviderCall, error: PaymentProviderError
    ) -> None:
        await fail_payment(session, call.subject_id, error.code)


async def read_payment(session: AsyncSession, sealer: Sealer, payment: Payment) -> NewPayment:
    """Return a payment as the provider is asked for it: the same each time."""
    user_id, description = await _find_subject(session, payment)
    user = await session.get_one(User, user_id)
    method = await session.get(PaymentMethod, payment.method_id) if payment.method_id else None
    customers = select(PaymentCustomer.reference).where(
        PaymentCustomer.user_id == user_id, PaymentCustomer.provider == payment.provider
    )
    keeps = payment.saves_method or method is not None
    return NewPayment(
        payment_id=payment.id,
        amount=payment.amount,
        currency=payment.currency,
        description=description,
        email=find_email(sealer, user),
        return_url=payment.return_url,
        customer=(await session.exec(customers)).first() if keeps else None,
        method=method.reference if method else None,
        off_session=payment.off_session,
        save_method=payment.saves_method,
    )


async def _find_subject(session: AsyncSession, payment: Payment) -> tuple[UUID, str]:
    """Return who pays, and for what."""
    if payment.order_id is not None:
        order = await session.get_one(Order, payment.order_id)
        return order.user_id, f"Order {order.number}"
    purchase = await session.get_one(Purchase, payment.purchase_id)
    return purchase.user_id, f"Purchase {purchase.kind.lower()}"
