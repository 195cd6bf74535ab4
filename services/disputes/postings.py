"""The money of disputes in the ledger.

What the bank takes is DISPUTED until it decides, and the vendors' shares are frozen in their
reserves. Nothing of it can be paid out. What is left of a top-up is held in the wallet.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.orders.orders import SubOrder
from models.payments.disputes import Dispute, DisputeShare
from services.disputes.holding import read_held
from services.ledger.posting import post_entries
from services.orders.deductions import ACCOUNTS
from services.payouts.releasing import find_account_of_part


async def post_taken(
    session: AsyncSession,
    dispute: Dispute,
    shares: Sequence[DisputeShare],
    parts: Sequence[SubOrder],
    held_back: Sequence[Leg],
) -> None:
    """Post that the bank has the money, and freeze the vendors' shares and what is `held_back`."""
    disputed, provider = _of(dispute, AccountKind.DISPUTED), _of(dispute, AccountKind.PROVIDER)
    legs = [Leg(disputed, provider, dispute.amount), *held_back]
    for share in shares:
        suborder = _part_of(share, parts)
        if share.frozen:
            earned = await find_account_of_part(session, dispute.currency, suborder)
            legs.append(Leg(earned, _reserve_of(earned), share.frozen, share.suborder_id))
    await post_entries(session, Posting(PostingKind.DISPUTE, dispute.id), legs)


async def post_fee(session: AsyncSession, dispute: Dispute) -> None:
    """Post what the provider takes for a dispute, also for one that is won."""
    fees, provider = (
        _of(dispute, kind) for kind in (AccountKind.DISPUTE_FEES, AccountKind.PROVIDER)
    )
    posting = Posting(PostingKind.DISPUTE_FEE, dispute.id)
    await post_entries(session, posting, [Leg(fees, provider, dispute.fee)])


async def post_won(
    session: AsyncSession,
    dispute: Dispute,
    shares: Sequence[DisputeShare],
    parts: Sequence[SubOrder],
) -> None:
    """Post that the money is back, and give the vendors theirs."""
    disputed, provider = _of(dispute, AccountKind.DISPUTED), _of(dispute, AccountKind.PROVIDER)
    legs = [Leg(provider, disputed, dispute.amount)]
    for share in shares:
        if share.frozen:
            suborder = _part_of(share, parts)
            earned = await find_account_of_part(session, dispute.currency, suborder)
            legs.append(Leg(_reserve_of(earned), earned, share.frozen, share.suborder_id))
    legs += [Leg(one.credit, one.debit, one.amount) for one in await read_held(session, dispute)]
    await post_entries(session, Posting(PostingKind.DISPUTE_WON, dispute.id), legs)


async def post_lost(
    session: AsyncSession,
    dispute: Dispute,
    shares: Sequence[DisputeShare],
    parts: Sequence[SubOrder],
    *,
    due: int,
) -> None:
    """Post who bears the money that is gone.

    The vendors bear their shares, less what the platform keeps of them, and a wallet what it holds.
    `due` was to be refunded anyway. The rest had gone back to the buyer before, and is the
    platform's loss.
    """
    disputed, rest = _of(dispute, AccountKind.DISPUTED), dispute.amount - due
    legs = [Leg(_of(dispute, AccountKind.REFUND_DUE), disputed, due)] if due else []
    for share in shares:
        vendor_id = _part_of(share, parts).vendor_id
        reserve = _of(dispute, AccountKind.V_RESERVE, vendor_id)
        left = share.amount
        for name, kind in ACCOUNTS.items():
            if kept := min(left, getattr(share, name)):
                legs.append(Leg(_of(dispute, kind), disputed, kept, share.suborder_id))
                left -= kept
        if left:
            legs.append(Leg(reserve, disputed, left, share.suborder_id))
        if share.promotion:
            promotions = _of(dispute, AccountKind.PROMOTIONS)
            legs.append(Leg(reserve, promotions, share.promotion, share.suborder_id))
        rest -= share.amount
    for one in await read_held(session, dispute):
        legs.append(Leg(one.credit, disputed, one.amount))
        rest -= one.amount
    if rest:
        legs.append(Leg(_of(dispute, AccountKind.LOSSES), disputed, rest))
    await post_entries(session, Posting(PostingKind.DISPUTE_LOST, dispute.id), legs)


def _of(dispute: Dispute, kind: AccountKind, owner_id: UUID | None = None) -> Account:
    return Account(kind, dispute.currency, owner_id)


def _reserve_of(account: Account) -> Account:
    """Return the reserve of the vendor that has an account."""
    return account._replace(kind=AccountKind.V_RESERVE)


def _part_of(share: DisputeShare, parts: Sequence[SubOrder]) -> SubOrder:
    return next(one for one in parts if one.id == share.suborder_id)
