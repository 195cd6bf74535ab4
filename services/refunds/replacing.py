"""Money of refunds in the ledger, and parts that go another way after they have failed."""

from sqlmodel.ext.asyncio.session import AsyncSession

from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.payments.payments import PaymentProvider
from models.payments.refunds import RefundPart
from services.ledger.posting import post_entries
from services.refunds.rows import LockedRefundPart


async def replace_part(
    session: AsyncSession, locked: LockedRefundPart, reference: str | None = None
) -> None:
    """Settle a part that has failed by another one: by bank, or without it into the wallet.

    That of a vendor's purchase goes into the wallet of the vendor, and never into that of the
    member who has paid.
    """
    failed = locked.part
    by_bank = reference is not None
    other = RefundPart(
        refund_id=failed.refund_id,
        payment_id=failed.payment_id,
        replaces_id=failed.id,
        provider=PaymentProvider.MANUAL if by_bank else PaymentProvider.WALLET,
        amount=failed.amount,
        reference=reference,
    )
    other.settle()
    session.add(other)
    await session.flush()
    kind = AccountKind.BANK if by_bank else AccountKind.WALLET
    await post_paid(session, locked, other, kind)


async def post_paid(
    session: AsyncSession, locked: LockedRefundPart, part: RefundPart, kind: AccountKind
) -> None:
    """Post that a part was paid: from what is due to the buyer, to where it went."""
    posting = Posting(PostingKind.REFUND, part.id)
    await post_entries(session, posting, [_leg(locked, part, kind)])


async def post_came_back(session: AsyncSession, locked: LockedRefundPart) -> None:
    """Post that a provider has the money of a part again, after it had sent it."""
    leg = _leg(locked, locked.part, AccountKind.PROVIDER)
    back = leg._replace(debit=leg.credit, credit=leg.debit)
    await post_entries(session, Posting(PostingKind.REFUND_FAILED, locked.part.id), [back])


def _leg(locked: LockedRefundPart, part: RefundPart, kind: AccountKind) -> Leg:
    currency = locked.payment.currency
    owner_id = locked.subject.wallet_owner_id if kind.is_guarded else None
    due, target = Account(AccountKind.REFUND_DUE, currency), Account(kind, currency, owner_id)
    return Leg(due, target, part.amount, part.refund_id)
