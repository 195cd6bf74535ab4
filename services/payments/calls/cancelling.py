"""Calls that have a provider cancel a payment, before what the order holds is released."""

from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from gateways.payments.errors import ObjectNotFound, PaymentProviderError, ProviderRefused
from gateways.payments.gateway import PaymentGateway, ProviderPayment
from models.payments.calls import ProviderCall
from models.payments.payments import Payment, PaymentStatus
from services.payments.calls.paying import WantedPayment, read_payment
from services.payments.calls.purposes import Request
from services.payments.settling import LIVE, settle_payment, stop_payment


@dataclass(frozen=True)
class Cancellation:
    """A payment to cancel. Without a `reference`, the provider is asked for it by our id."""

    reference: str | None
    payment: WantedPayment


class Cancelling:
    """CANCEL: the subject is the payment."""

    async def read(self, session: AsyncSession, sealer: Sealer, call: ProviderCall) -> Request:
        payment = await session.get_one(Payment, call.subject_id)
        wanted = await read_payment(session, sealer, payment)
        is_over = payment.status is PaymentStatus.SUCCEEDED
        return Request(Cancellation(payment.reference, wanted), is_over)

    async def send(
        self, gateway: PaymentGateway, wanted: Cancellation, *, key: str
    ) -> ProviderPayment:
        reference = wanted.reference
        if reference is None:
            found = await gateway.search_payment(wanted.payment.payment)
            if found is None:
                raise ObjectNotFound("The provider has no such payment.")
            reference = found.reference
        try:
            return await gateway.cancel_payment(reference, key=key)
        except ProviderRefused:  # it may have succeeded in the meantime
            return await gateway.find_payment(reference)

    async def search(self, gateway: PaymentGateway, wanted: Cancellation) -> ProviderPayment | None:
        """Return the payment if it has ended."""
        if wanted.reference is None:
            found = await gateway.search_payment(wanted.payment.payment)
        else:
            found = await gateway.find_payment(wanted.reference)
        return None if found is None or found.status in LIVE else found

    async def done(
        self, session: AsyncSession, call: ProviderCall, answer: ProviderPayment
    ) -> None:
        await settle_payment(session, call.subject_id, answer)

    async def refused(
        self, session: AsyncSession, call: ProviderCall, error: PaymentProviderError
    ) -> None:
        await stop_payment(session, call.subject_id, PaymentStatus.CANCELLED)
