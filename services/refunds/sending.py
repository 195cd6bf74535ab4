"""Calls that have a provider send a part of a refund back."""

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from core.security.sealed import Sealer
from gateways.payments.errors import PaymentProviderError
from gateways.payments.gateway import NewRefund, PaymentGateway, ProviderRefund
from models.payments.calls import ProviderCall
from models.payments.payments import Payment
from models.payments.refunds import Refund, RefundPart, RefundPartState
from services.payments.calls.purposes import Request
from services.refunds.outcomes import fail_part, settle_refund_part, start_settling
from services.refunds.rows import lock_refund_part

UNSENT = frozenset({RefundPartState.PLANNED, RefundPartState.SENT})


class Refunding:
    """REFUND: the subject is the part of a refund."""

    async def read(self, session: AsyncSession, sealer: Sealer, call: ProviderCall) -> Request:
        part = await session.get_one(RefundPart, call.subject_id)
        payment = await session.get_one(Payment, part.payment_id)
        is_over = part.part_state not in UNSENT
        if not is_over:
            await _mark_sent(session, part)
        return Request(read_refund(payment, part), is_over)

    async def send(self, gateway: PaymentGateway, wanted: NewRefund, *, key: str) -> ProviderRefund:
        return await gateway.refund(wanted, key=key)

    async def search(self, gateway: PaymentGateway, wanted: NewRefund) -> ProviderRefund | None:
        return await find_refund_at(gateway, wanted)

    async def done(self, session: AsyncSession, call: ProviderCall, answer: ProviderRefund) -> None:
        await settle_refund_part(session, call.subject_id, answer)

    async def refused(
        self, session: AsyncSession, call: ProviderCall, error: PaymentProviderError
    ) -> None:
        """Note that the provider does not send it, unless it did before."""
        locked = await lock_refund_part(session, call.subject_id)
        if locked.part.part_state in UNSENT:
            await fail_part(session, locked, error.code or str(error))


def read_refund(payment: Payment, part: RefundPart) -> NewRefund:
    """Return a part as the provider is asked for it: the same each time."""
    return NewRefund(
        refund_part_id=part.id,
        payment_reference=payment.reference or "",
        amount=part.amount,
        currency=payment.currency,
    )


async def find_refund_at(gateway: PaymentGateway, wanted: NewRefund) -> ProviderRefund | None:
    """Return the refund that a provider has for a part, by our id in it."""
    known = await gateway.list_refunds(wanted.payment_reference)
    return next((one for one in known if one.refund_part_id == wanted.refund_part_id), None)


async def _mark_sent(session: AsyncSession, part: RefundPart) -> None:
    """Note that the provider may have it now, unless its outcome is being written.

    The call is locked, which comes after these rows in the order of locks: so this waits for none.
    """
    refunds = select(Refund).where(Refund.id == part.refund_id)
    parts = select(RefundPart).where(RefundPart.id == part.id)
    refund = (await session.exec(for_change(refunds, skip_locked=True))).first()
    fresh = (await session.exec(for_change(parts, skip_locked=True))).first()
    if refund is not None and fresh is not None and fresh.part_state is RefundPartState.PLANNED:
        fresh.part_state = RefundPartState.SENT
        start_settling(refund)
