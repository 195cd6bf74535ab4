"""The shares of disputes in the ledger. What the bank takes is posted with the provider's lines.

The vendors' shares are frozen in their reserves until the bank decides, and what is left of a
top-up is held in the wallet. Nothing of it can be paid out.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.orders.orders import SubOrder
from models.payments.disputes import Dispute, DisputeShare
from services.disputes.holding import read_held
from services.ledger.posting import find_legs, post_entries
from services.orders.deductions import ACCOUNTS
from services.payouts.releasing import find_account_of_part

EARNED = (AccountKind.V_PENDING, AccountKind.V_AVAILABLE)


async def post_taken(
    session: AsyncSession,
    dispute: Dispute,
    shares: Sequence[DisputeShare],
    parts: Sequence[SubOrder],
    held_back: Sequence[Leg],
) -> None:
    """Freeze the vendors' shares and what is `held_back`: the bank has the money."""
    legs = [*held_back]
    for share in shares:
        if share.frozen:
            suborder = _part_of(share.suborder_id, parts)
            earned = await find_account_of_part(session, dispute.currency, suborder)
            legs.append(Leg(earned, _reserve_of(earned), share.frozen, share.suborder_id))
    if legs:
        await post_entries(session, _posting(PostingKind.DISPUTE, dispute), legs)


async def post_lost(
    session: AsyncSession,
    dispute: Dispute,
    shares: Sequence[DisputeShare],
    parts: Sequence[SubOrder],
    *,
    taken: int,
    due: int,
) -> None:
    """Post who bears the money that is gone, which is what the bank has `taken`.

    The vendors bear their shares, less what the platform keeps of them, and a wallet what it holds.
    `due` was to be refunded anyway. The rest had gone back to the buyer before, and is the
    platform's loss.
    """
    disputed, losses = _of(dispute, AccountKind.DISPUTED), _of(dispute, AccountKind.LOSSES)
    legs = [Leg(_of(dispute, AccountKind.REFUND_DUE), disputed, due)] if due else []
    for share in shares:
        legs += _lose_share(dispute, share, _part_of(share.suborder_id, parts).vendor_id)
    legs += [Leg(one.credit, disputed, one.amount) for one in await read_held(session, dispute)]
    rest = taken - sum(leg.amount for leg in legs if leg.credit == disputed)
    if rest:
        legs.append(Leg(losses, disputed, rest) if rest > 0 else Leg(disputed, losses, -rest))
    if legs:
        await post_entries(session, _posting(PostingKind.DISPUTE_LOST, dispute), legs)


def _lose_share(dispute: Dispute, share: DisputeShare, vendor_id: UUID) -> Iterator[Leg]:
    """Yield who pays for a share: what the platform keeps of it, and the vendor's reserve."""
    disputed = _of(dispute, AccountKind.DISPUTED)
    reserve = _of(dispute, AccountKind.V_RESERVE, vendor_id)
    left = share.amount
    for name, kind in ACCOUNTS.items():
        if kept := min(left, getattr(share, name)):
            yield Leg(_of(dispute, kind), disputed, kept, share.suborder_id)
            left -= kept
    if left:
        yield Leg(reserve, disputed, left, share.suborder_id)
    if share.promotion:
        promotions = _of(dispute, AccountKind.PROMOTIONS)
        yield Leg(reserve, promotions, share.promotion, share.suborder_id)


async def post_back(session: AsyncSession, dispute: Dispute, parts: Sequence[SubOrder]) -> None:
    """Give everybody back what the dispute has frozen, or taken for good.

    The postings that took it are read, and nothing is computed again. What was frozen goes where
    the money of its part is now.
    """
    taken, lost = (
        _posting(kind, dispute) for kind in (PostingKind.DISPUTE, PostingKind.DISPUTE_LOST)
    )
    found = await find_legs(session, taken, lost)
    frozen = {leg.credit: leg.debit for leg in found[taken]}
    legs = []
    for leg in found[lost] or found[taken]:
        target = frozen.get(leg.debit, leg.debit)
        if leg.source_id is not None and target.kind in EARNED:
            suborder = _part_of(leg.source_id, parts)
            target = await find_account_of_part(session, dispute.currency, suborder)
        legs.append(Leg(leg.credit, target, leg.amount, leg.source_id))
    if dispute.kept:
        losses, disputed = _of(dispute, AccountKind.LOSSES), _of(dispute, AccountKind.DISPUTED)
        amount = abs(dispute.kept)
        legs.append(
            Leg(losses, disputed, amount) if dispute.kept > 0 else Leg(disputed, losses, amount)
        )
    if legs:
        await post_entries(session, _posting(PostingKind.DISPUTE_WON, dispute), legs)


def _posting(kind: PostingKind, dispute: Dispute) -> Posting:
    """Return a posting of the present turn, of which each is made once."""
    return Posting(kind, dispute.id, dispute.turns)


def _of(dispute: Dispute, kind: AccountKind, owner_id: UUID | None = None) -> Account:
    return Account(kind, dispute.currency, owner_id)


def _reserve_of(account: Account) -> Account:
    """Return the reserve of the vendor that has an account."""
    return account._replace(kind=AccountKind.V_RESERVE)


def _part_of(suborder_id: UUID, parts: Sequence[SubOrder]) -> SubOrder:
    return next(one for one in parts if one.id == suborder_id)
