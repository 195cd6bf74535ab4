"""Wallets: money that orders hold, claim and give back. Promotional money is spent first.

The caller has locked the order. The rows of the wallet are locked here, in the order of their ids,
before anything is read of them: the money of an order is held, claimed and given back once. What
one order has held is never given back for another one.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from core.statements.units import UnitOfWork, connection_of
from models.ledger.accounts import WALLET_KINDS, Account, AccountKind, WalletTooLow
from models.ledger.entries import Leg, Posting, PostingKind
from services.ledger.posting import find_legs, post_entries
from services.ledger.promo_money import end_due, return_promo_money, take_promo_money
from services.ledger.statements import LOCK_WALLET


class HeldMoney(NamedTuple):
    """Money that an order has held, in minor units: of the balance, and promotional money."""

    balance: int = 0
    promo: int = 0

    @property
    def amount(self) -> int:
        return self.balance + self.promo

    def sources(self, owner_id: UUID, currency: str) -> list[tuple[Account, int]]:
        """Return the accounts that it comes from, each with an amount."""
        parts = {AccountKind.WALLET_PROMO: self.promo, AccountKind.WALLET: self.balance}
        return [(Account(kind, currency, owner_id), part) for kind, part in parts.items() if part]


async def hold_wallet(
    unit: UnitOfWork, *, user_id: UUID, currency: str, order_id: UUID, amount: int
) -> HeldMoney:
    """Hold an amount of a user's wallet for an order. Raises `WalletTooLow`.

    A second call changes nothing, and returns what was held. An amount of 0 holds nothing.
    """
    if not amount:
        return HeldMoney()
    balances = await lock_wallet(unit, user_id, currency)
    held = await find_held(unit, order_id)
    if held.amount:
        return held
    held = await take_money(unit, user_id, currency, amount, balances, subject_id=order_id)
    target = Account(AccountKind.WALLET_HELD, currency, user_id)
    legs = [Leg(source, target, part) for source, part in held.sources(user_id, currency)]
    await post_entries(unit, Posting(PostingKind.HOLD, order_id), legs)
    return held


async def take_money(
    unit: UnitOfWork,
    owner_id: UUID,
    currency: str,
    amount: int,
    balances: Mapping[AccountKind, int],
    *,
    subject_id: UUID,
) -> HeldMoney:
    """Choose an amount of a locked wallet for a subject, which the caller posts.

    Promotional money is taken first. Raises `WalletTooLow`, before anything has changed but money
    that has ended.
    """
    promo = balances.get(AccountKind.WALLET_PROMO, 0)
    if promo:
        promo = min(promo - await end_due(unit, owner_id, currency), amount)
    available = balances.get(AccountKind.WALLET, 0)
    if amount - promo > available:
        raise WalletTooLow(available=available + promo, currency=currency)
    if promo:
        await take_promo_money(unit, owner_id, currency, promo, subject_id=subject_id)
    return HeldMoney(amount - promo, promo)


async def unhold_wallet(unit: UnitOfWork, *, user_id: UUID, currency: str, order_id: UUID) -> int:
    """Give back what an order has held, to where it came from. Returns the amount.

    It is 0 if the order has held nothing, or its money was claimed or given back already.
    """
    await lock_wallet(unit, user_id, currency)
    held, given_back, claimed = (
        Posting(kind, order_id)
        for kind in (PostingKind.HOLD, PostingKind.UNHOLD, PostingKind.CONFIRM)
    )
    found = await find_legs(unit, held, given_back, claimed)
    if not found[held] or found[given_back] or found[claimed]:
        return 0
    legs = [Leg(leg.credit, leg.debit, leg.amount) for leg in found[held]]
    await post_entries(unit, given_back, legs)
    if promo := sum(leg.amount for leg in legs if leg.credit.kind is AccountKind.WALLET_PROMO):
        await return_promo_money(unit, user_id, currency, promo, subject_id=order_id)
    return sum(leg.amount for leg in legs)


async def claim_held(
    unit: UnitOfWork, *, user_id: UUID, currency: str, order_id: UUID, legs: Sequence[Leg]
) -> bool:
    """Post the confirmation of an order, and return whether it is new.

    The legs are all of the posting: what the sub-orders get, and from where. Those that debit
    `WALLET_HELD` must sum to what the order has held, also if that is nothing.
    """
    await lock_wallet(unit, user_id, currency)
    posting = Posting(PostingKind.CONFIRM, order_id)
    taken = sum(leg.amount for leg in legs if leg.debit.kind is AccountKind.WALLET_HELD)
    unheld = Posting(PostingKind.UNHOLD, order_id)
    given_back = (await find_legs(unit, unheld))[unheld]
    held = 0 if given_back else (await find_held(unit, order_id)).amount
    if taken != held:
        raise ValueError("An order is confirmed with exactly what it has held.")
    return await post_entries(unit, posting, legs)


async def refund_to_wallet(
    unit: UnitOfWork,
    *,
    user_id: UUID,
    currency: str,
    refund_part_id: UUID,
    subject_id: UUID,
    amount: int,
    promo: int = 0,
) -> bool:
    """Pay a part of a granted refund into a wallet, and return whether that is new.

    Of the amount, `promo` was promotional money that the subject, such as the order, has spent. It
    becomes that again.
    """
    if promo:
        await lock_wallet(unit, user_id, currency)
    due = Account(AccountKind.REFUND_DUE, currency)
    parts = {AccountKind.WALLET: amount - promo, AccountKind.WALLET_PROMO: promo}
    legs = [
        Leg(due, Account(kind, currency, user_id), part) for kind, part in parts.items() if part
    ]
    is_new = await post_entries(unit, Posting(PostingKind.REFUND, refund_part_id), legs)
    if is_new and promo:
        await return_promo_money(unit, user_id, currency, promo, subject_id=subject_id)
    return is_new


async def find_held(unit: UnitOfWork, order_id: UUID) -> HeldMoney:
    """Return what an order has held, also after it was claimed or given back."""
    posting = Posting(PostingKind.HOLD, order_id)
    legs = (await find_legs(unit, posting))[posting]
    amounts = {leg.debit.kind: leg.amount for leg in legs}
    return HeldMoney(amounts.get(AccountKind.WALLET, 0), amounts.get(AccountKind.WALLET_PROMO, 0))


async def find_spent(unit: UnitOfWork, order_id: UUID) -> HeldMoney:
    """Return what a confirmed order has taken from a wallet.

    That is what it has held. If that was given back, because the order expired and was paid late,
    all was taken from the balance.
    """
    held, given_back, confirmed = (
        Posting(kind, order_id)
        for kind in (PostingKind.HOLD, PostingKind.UNHOLD, PostingKind.CONFIRM)
    )
    found = await find_legs(unit, held, given_back, confirmed)
    taken = found[confirmed] if found[given_back] else found[held]
    amounts = dict.fromkeys((AccountKind.WALLET, AccountKind.WALLET_PROMO), 0)
    for leg in taken:
        if leg.debit.kind in amounts:
            amounts[leg.debit.kind] += leg.amount
    return HeldMoney(*amounts.values())


async def lock_wallet(unit: UnitOfWork, owner_id: UUID, currency: str) -> Mapping[AccountKind, int]:
    """Lock a wallet, and return the balances of its accounts."""
    rows = await LOCK_WALLET.fetch(
        await connection_of(unit), owner_id=owner_id, currency=currency, kinds=WALLET_KINDS
    )
    return {AccountKind(row["kind"]): row["balance"] for row in rows}
