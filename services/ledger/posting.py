"""Postings: the only code that writes entries of the ledger and balances of accounts.

A posting is made once, by its key. Its entries are inserted first, then the balances of the guarded
accounts follow from the entries that were inserted: all in one statement. The rows of guarded
accounts are locked in the order of their ids, after all rows of the order and before the journal.
Rows of the platform's accounts are not changed, so that no posting waits for another one there.
"""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import asyncpg

from core.ids import new_id
from core.statements.units import UnitOfWork, connection_of
from models.ledger.accounts import WALLET_KINDS, Account, AccountKind, WalletTooLow
from models.ledger.entries import MAX_LEGS, Leg, Posting
from services.journal import append as journal
from services.journal.topics import user_topic, vendor_topic
from services.ledger.entries import WalletChanged
from services.ledger.statements import CREATE, FIND, HAS, POST


class PostingDiffers(Exception):
    """A posting exists with other entries: the caller has computed it in two ways."""


async def post_entries(unit: UnitOfWork, posting: Posting, legs: Sequence[Leg]) -> bool:
    """Post entries, and return whether they are new. A posting that exists changes nothing.

    Raises `WalletTooLow` if a guarded account has too little: the transaction must be rolled back.
    Accounts that do not exist are created. Raises `PostingDiffers` if it exists with other entries.
    """
    _ensure_valid(legs)
    accounts = sorted({one for leg in legs for one in (leg.debit, leg.credit)}, key=repr)
    row = await _post(unit, posting, legs, accounts)
    if len(row["account_ids"]) < len(accounts):
        await create_accounts(unit, accounts)
        row = await _post(unit, posting, legs, accounts)
    if not row["entries"]:
        if (await find_legs(unit, posting))[posting] != list(legs):
            raise PostingDiffers(posting)
        return False
    if row["entries"] < len(legs):
        raise PostingDiffers(posting)
    if row["too_low"]:
        raise await _too_low(unit, row["too_low"][0])
    _announce(unit, dict(zip(accounts, row["account_ids"], strict=True)), row["vendor_ids"])
    return True


async def create_accounts(unit: UnitOfWork, accounts: Sequence[Account]) -> None:
    """Create the accounts that do not exist."""
    await CREATE.execute(
        await connection_of(unit),
        ids=[new_id() for _ in accounts],
        kinds=[one.kind for one in accounts],
        owner_ids=[one.owner_id for one in accounts],
        currencies=[one.currency for one in accounts],
        guarded=[one.kind.is_guarded for one in accounts],
    )


async def find_legs(unit: UnitOfWork, *postings: Posting) -> dict[Posting, list[Leg]]:
    """Return the legs of postings in their order, none for those that were not made."""
    keys = {str(one): one for one in postings}
    found: dict[Posting, list[Leg]] = {one: [] for one in postings}
    for row in await FIND.fetch(await connection_of(unit), postings=[*keys]):
        found[keys[row["posting"]]].append(_leg_of(row))
    return found


def _leg_of(row: asyncpg.Record) -> Leg:
    debit, credit = (
        Account(AccountKind(row[side]), row["currency"], row[f"{side}_owner_id"])
        for side in ("debit", "credit")
    )
    return Leg(debit, credit, row["amount"], row["source_id"])


def _ensure_valid(legs: Sequence[Leg]) -> None:
    if not 1 <= len(legs) <= MAX_LEGS:
        raise ValueError("A posting has at least one leg.")
    if any(leg.debit.currency != leg.credit.currency for leg in legs):
        raise ValueError("A leg has one currency.")
    if any(leg.amount < 1 for leg in legs):
        raise ValueError("A leg has an amount.")


async def _post(
    unit: UnitOfWork, posting: Posting, legs: Sequence[Leg], accounts: Sequence[Account]
) -> asyncpg.Record:
    numbers = {account: number for number, account in enumerate(accounts, 1)}
    (row,) = await POST.fetch(
        await connection_of(unit),
        posting=str(posting),
        kinds=[one.kind for one in accounts],
        owner_ids=[one.owner_id for one in accounts],
        account_currencies=[one.currency for one in accounts],
        ids=[new_id() for _ in legs],
        debits=[numbers[leg.debit] for leg in legs],
        credits=[numbers[leg.credit] for leg in legs],
        currencies=[leg.debit.currency for leg in legs],
        amounts=[leg.amount for leg in legs],
        source_ids=[leg.source_id for leg in legs],
    )
    return row


async def _too_low(unit: UnitOfWork, account_id: UUID) -> WalletTooLow:
    """Return the refusal. The other accounts of the posting have been changed already."""
    (row,) = await HAS.fetch(await connection_of(unit), id=account_id)
    return WalletTooLow(available=row["available"], currency=row["currency"])


def _announce(
    unit: UnitOfWork, accounts: Mapping[Account, UUID], vendor_ids: Collection[UUID]
) -> None:
    """Publish a change of each wallet, by one of its accounts."""
    wallets = {
        (one.owner_id, one.currency): id
        for one, id in accounts.items()
        if one.kind in WALLET_KINDS and one.owner_id is not None
    }
    for (owner_id, _), account_id in wallets.items():
        topic = vendor_topic if owner_id in vendor_ids else user_topic
        journal.append(unit, WalletChanged(account_id), to=[topic(owner_id)])
