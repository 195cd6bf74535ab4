"""Money that cannot pay for anything goes back to its payer, without a person."""

from sqlmodel.ext.asyncio.session import AsyncSession

from models.identity.accounts import User
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.notifications.inbox import NotificationKind
from models.payments.payments import Payment
from models.payments.refunds import Refund, RefundPart, RefundReason
from services.ledger.posting import post_entries
from services.notifications.inbox import notify
from services.payments.giving_back import send_back
from services.payments.subjects.subject import Subject


async def post_received(session: AsyncSession, payment: Payment) -> None:
    """Post that money came in, whatever it was for."""
    unclaimed = Account(AccountKind.UNCLAIMED, payment.currency)
    leg = Leg(source_of(payment), unclaimed, payment.captured)
    await post_entries(session, Posting(PostingKind.PAY, payment.id), [leg])


def source_of(payment: Payment) -> Account:
    """Return the account of who has the money of a payment: the provider, or our bank."""
    kind = AccountKind.PROVIDER if payment.provider.is_online else AccountKind.BANK
    return Account(kind, payment.currency)


async def return_payment(
    session: AsyncSession, subject: Subject, payment: Payment, reason: RefundReason
) -> Refund:
    """Grant back all of a payment that has just come in, and notify the payer."""
    await post_received(session, payment)
    due = Account(AccountKind.REFUND_DUE, payment.currency)
    unclaimed = Account(AccountKind.UNCLAIMED, payment.currency)
    leg = Leg(unclaimed, due, payment.captured)
    await post_entries(session, Posting(PostingKind.RETURN, payment.id), [leg])
    refund = Refund(
        order_id=payment.order_id,
        purchase_id=payment.purchase_id,
        reason=reason,
        amount=payment.captured,
    )
    part = RefundPart(
        refund_id=refund.id,
        payment_id=payment.id,
        provider=payment.provider,
        amount=payment.captured,
    )
    payment.refunded += payment.captured
    session.add_all([refund, part])
    await session.flush()
    await send_back(session, part)
    await _notify(session, subject, refund)
    return refund


async def _notify(session: AsyncSession, subject: Subject, refund: Refund) -> None:
    payer = await session.get_one(User, subject.user_id)
    if not payer.is_erased:
        await notify(session, payer.id, NotificationKind.PAYMENT_RETURNED, refund.id)
