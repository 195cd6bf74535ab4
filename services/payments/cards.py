"""Cards that accounts paid with: a hash of the fingerprint by which the provider knows each."""

from contextlib import suppress
from uuid import UUID

from sqlmodel import col, select

from core.database import for_reliance
from gateways.payments.errors import ObjectNotFound
from models.fraud.links import LinkKind
from models.identity.accounts import User
from models.payments.payments import Payment
from services.fraud.links import note_link
from services.payments.calls.sending import CallSender, in_time
from services.payments.customers import find_payer


async def note_card(sender: CallSender, payment_id: UUID) -> None:
    """Note the card of a payment, to find other accounts that use it. Raises `NoAnswer`.

    The provider is asked for it once more, so that the fingerprint is stored nowhere. The row of
    the payer is locked: an erasure that began first keeps the link from being written after it.
    """
    async with sender.transaction() as session:
        payment = await session.get_one(Payment, payment_id)
        user_id = await find_payer(session, payment)
    fingerprint = await _find_fingerprint(sender, payment)
    if fingerprint is None:
        return
    async with sender.transaction() as session:
        payer = select(User.id).where(User.id == user_id, ~col(User.is_erased))
        if (await session.exec(for_reliance(payer))).first():
            value = f"{payment.provider}:{fingerprint}"
            await note_link(session, sender.sealer, user_id, LinkKind.CARD, value)


async def _find_fingerprint(sender: CallSender, payment: Payment) -> str | None:
    if payment.reference is None:
        return None
    with suppress(ObjectNotFound):
        async with in_time():
            seen = await sender.gateways[payment.provider].find_payment(payment.reference)
        return seen.card
    return None
