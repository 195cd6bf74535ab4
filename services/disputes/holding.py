"""Money of a disputed purchase, held so that it is not spent while the bank has taken it back.

Without this, the buyer could have it twice. That of a top-up is held in its wallet. That of a debt
is held out of the vendor's balance, and the vendor owes it again.
"""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.payments.disputes import Dispute
from models.purchases import Purchase, PurchaseKind
from services.ledger.posting import find_legs
from services.ledger.wallets import lock_wallet


async def find_held_back(
    session: AsyncSession, dispute: Dispute, purchase: Purchase | None
) -> Sequence[Leg]:
    """Return the leg that holds the money of a debt, or what the wallet still has of a top-up."""
    if purchase is None or purchase.kind is PurchaseKind.PACK:
        return []
    owner_id, currency = purchase.owner_id, dispute.currency
    if purchase.kind is PurchaseKind.DEBT:
        available = Account(AccountKind.V_AVAILABLE, currency, owner_id)
        held = available._replace(kind=AccountKind.WALLET_HELD)
        return [Leg(available, held, dispute.held)] if dispute.held > 0 else []
    balances = await lock_wallet(session, owner_id, currency)
    amount = min(dispute.held, balances.get(AccountKind.WALLET, 0))
    wallet, held = (
        Account(kind, currency, owner_id) for kind in (AccountKind.WALLET, AccountKind.WALLET_HELD)
    )
    return [Leg(wallet, held, amount)] if amount > 0 else []


async def read_held(session: AsyncSession, dispute: Dispute) -> Sequence[Leg]:
    """Return the leg that has held money of a wallet for a dispute."""
    posting = Posting(PostingKind.DISPUTE, dispute.id, dispute.turns)
    legs = (await find_legs(session, posting))[posting]
    return [leg for leg in legs if leg.credit.kind is AccountKind.WALLET_HELD]
