"""Seeds payouts: money that was released, accounts, and payouts in several states.

The café was paid out before, after the bank had sent a payout back, and has one in a file that
waits for the second admin. One of the others came back, which the second admin has not confirmed,
and one waits for a file.
"""

from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from demo.dataset import Dataset
from demo.identity.accounts import ADMIN, SECOND_ADMIN
from demo.vendors.cafe import CAFE
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.orders.orders import Order, SubOrder
from models.payouts.accounts import PayoutAccount, PayoutAccountState, PayoutRail
from models.payouts.files import PayoutFile, PayoutFileState, PayoutFormat
from models.payouts.payouts import Payout, PayoutCause, PayoutState, minimum
from models.payouts.terms import PayoutSchedule, Reserve
from models.vendors import MemberRole, Vendor
from services.ledger.posting import post_entries
from services.payouts.accounts.terms import PayoutPolicy
from services.payouts.balances import read_available
from services.payouts.releasing import ENDED, release_money

POLICY = PayoutPolicy(PayoutSchedule.WEEKLY, Reserve(bps=1_000, days=7), new_days=90)
CURRENCY, IFSC = "INR", "HDFC0001234"
# The state of the payout of each vendor after the café, as many as have sold enough.
OTHERS = (PayoutState.IN_TRANSIT, PayoutState.PLANNED)


async def seed_payouts(session: AsyncSession, dataset: Dataset, keys: SigningKeys) -> None:
    """Add payouts to the rows that were inserted. Their money is what the orders have left."""
    await _release(session)
    owners = {one.vendor_id: one.user_id for one in dataset.members if one.role is MemberRole.OWNER}
    ranked = sorted(
        (one.row for one in dataset.vendors if one.row.currency == CURRENCY),
        key=lambda vendor: vendor.name != CAFE["name"],
    )
    states = iter(OTHERS)
    for number, vendor in enumerate(ranked):
        available = await read_available(session, vendor.id, CURRENCY)
        if vendor.id not in owners or available < 2 * minimum(CURRENCY):
            continue
        account = _account(Sealer(keys), vendor, owners[vendor.id], number, dataset)
        session.add(account)
        await session.flush()
        if vendor.name == CAFE["name"]:
            await _send_back(
                session, await _paid(session, account, available // 2, dataset, days=16)
            )
            await _paid(session, account, available // 2, dataset, days=9)
            await _in_file(session, account, available - available // 2, dataset)
        elif state := next(states, None):
            await _other(session, account, available, state, dataset)
        else:
            break


async def _release(session: AsyncSession) -> None:
    """Release the money of parts that have ended."""
    rows = (
        select(Order, SubOrder)
        .join(SubOrder, col(SubOrder.order_id) == Order.id)
        .where(col(SubOrder.state).in_(ENDED), col(SubOrder.confirmed_at).is_not(None))
    )
    for order, suborder in (await session.exec(rows)).all():
        await release_money(session, order, suborder, POLICY)


def _account(
    sealer: Sealer, vendor: Vendor, owner_id: UUID, number: int, dataset: Dataset
) -> PayoutAccount:
    account = PayoutAccount(
        id=new_id(),
        vendor_id=vendor.id,
        currency=CURRENCY,
        rail=PayoutRail.BANK_FILE,
        state=PayoutAccountState.ACTIVE,
        country="IN",
        bank_code=IFSC,
        usable_from=dataset.now - timedelta(days=30),
        set_by=owner_id,
    )
    account.seal_bank(sealer, holder="Demo Vendor", account_number=f"{50_100_000_000 + number}")
    return account


def _payout(account: PayoutAccount, amount: int) -> Payout:
    return Payout(
        vendor_id=account.vendor_id,
        payout_account_id=account.id,
        currency=account.currency,
        rail=account.rail,
        amount=amount,
    )


async def _take(session: AsyncSession, payout: Payout) -> None:
    session.add(payout)
    await session.flush()
    await _post(session, payout, PostingKind.PAYOUT, "V_AVAILABLE", "IN_TRANSIT")


async def _paid(
    session: AsyncSession, account: PayoutAccount, amount: int, dataset: Dataset, *, days: int
) -> Payout:
    """Add a payout that was sent so many days ago, and that the bank has paid."""
    payout, sent_at = _payout(account, amount), dataset.now - timedelta(days=days)
    payout.created_at = payout.sent_at = sent_at
    payout.state, payout.reference = PayoutState.PAID, f"HDFCN{payout.id.hex[-10:].upper()}"
    payout.paid_at = payout.ended_at = sent_at + timedelta(days=2)
    await _take(session, payout)
    await _post(session, payout, PostingKind.PAYOUT_DONE, "IN_TRANSIT", "BANK")
    return payout


async def _in_file(
    session: AsyncSession,
    account: PayoutAccount,
    amount: int,
    dataset: Dataset,
    *,
    approved: bool = False,
) -> None:
    """Add a payout in a file, which waits for the second admin.

    If the file was approved, what waits for that admin is that the payout came back.
    """
    payout = _payout(account, amount)
    payout.start(amount)
    file = PayoutFile(
        currency=CURRENCY,
        format=PayoutFormat.NEFT_CSV,
        count=1,
        total=amount,
        made_by=dataset.user_of(ADMIN).id,
    )
    payout.file_id = file.id
    if approved:
        payout.state = PayoutState.IN_TRANSIT
        file.decide(PayoutFileState.APPROVED, dataset.user_of(SECOND_ADMIN).id)
        payout.note_return("The account number is unknown", dataset.user_of(ADMIN).id)
    session.add(file)
    await _take(session, payout)


async def _other(
    session: AsyncSession,
    account: PayoutAccount,
    amount: int,
    state: PayoutState,
    dataset: Dataset,
) -> None:
    if state is PayoutState.IN_TRANSIT:
        await _in_file(session, account, amount, dataset, approved=True)
    else:
        session.add(_payout(account, amount))
        await session.flush()


async def _send_back(session: AsyncSession, payout: Payout) -> None:
    """Let the bank send a paid payout back."""
    payout.end(PayoutState.RETURNED, PayoutCause.RETURNED, "The account is closed")
    await session.flush()
    await _post(session, payout, PostingKind.PAYOUT_BACK, "BANK", "V_AVAILABLE")


async def _post(
    session: AsyncSession, payout: Payout, kind: PostingKind, source: str, target: str
) -> None:
    debit, credit = (
        Account(AccountKind(name), CURRENCY, None if name == "BANK" else payout.vendor_id)
        for name in (source, target)
    )
    await post_entries(session, Posting(kind, payout.id), [Leg(debit, credit, payout.amount)])
