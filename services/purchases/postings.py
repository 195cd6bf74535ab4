"""Postings of purchases: the money that came, and what it became."""

from collections.abc import Sequence

from core.statements.units import UnitOfWork
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.purchases import Purchase, PurchaseKind
from services.ledger.posting import find_legs, post_entries
from services.ledger.wallets import HeldMoney, lock_wallet, take_money

Amounts = Sequence[tuple[Account, int]]


def pair(sources: Amounts, targets: Amounts) -> list[Leg]:
    """Return legs that move what sources have to targets, each in its order."""
    legs: list[Leg] = []
    wanting = iter(targets)
    target, wanted = next(wanting)
    for source, amount in sources:
        has = amount
        while has:
            while not wanted:
                target, wanted = next(wanting)
            moved = min(has, wanted)
            legs.append(Leg(source, target, moved))
            has, wanted = has - moved, wanted - moved
    return legs


def _targets(purchase: Purchase) -> Amounts:
    """Return what the money of a purchase becomes: a wallet's, or a service that is owed."""
    if purchase.kind is PurchaseKind.TOP_UP:
        wallet = Account(AccountKind.WALLET, purchase.currency, purchase.owner_id)
        return [(wallet, purchase.total)]
    deferred, tax = (
        Account(kind, purchase.currency)
        for kind in (AccountKind.PACK_DEFERRED, AccountKind.GST_OUT)
    )
    return [(deferred, purchase.net), (tax, purchase.tax)]


async def post_paid(unit: UnitOfWork, purchase: Purchase) -> None:
    """Post what the money that came for a purchase becomes, once."""
    source = Account(AccountKind.UNCLAIMED, purchase.currency)
    legs = pair([(source, purchase.total)], _targets(purchase))
    await post_entries(unit, Posting(PostingKind.PURCHASE, purchase.id), legs)


async def post_from_wallet(unit: UnitOfWork, purchase: Purchase) -> None:
    """Pay a purchase from its owner's wallet, promotional money first. Raises `WalletTooLow`."""
    owner_id, currency = purchase.owner_id, purchase.currency
    balances = await lock_wallet(unit, owner_id, currency)
    taken = await take_money(
        unit, owner_id, currency, purchase.total, balances, subject_id=purchase.id
    )
    legs = pair(taken.sources(owner_id, currency), _targets(purchase))
    await post_entries(unit, Posting(PostingKind.PURCHASE, purchase.id), legs)


async def find_taken(unit: UnitOfWork, purchase: Purchase) -> HeldMoney:
    """Return what a purchase took from its owner's wallet."""
    posting = Posting(PostingKind.PURCHASE, purchase.id)
    amounts = dict.fromkeys((AccountKind.WALLET, AccountKind.WALLET_PROMO), 0)
    for leg in (await find_legs(unit, posting))[posting]:
        if leg.debit.kind in amounts:
            amounts[leg.debit.kind] += leg.amount
    return HeldMoney(*amounts.values())
