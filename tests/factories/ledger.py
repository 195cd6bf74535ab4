"""Wallets with money, and accounts of the ledger."""

import asyncio
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import select

from core.clock import now
from core.ids import new_id
from models.identity.accounts import User
from models.ledger.accounts import WALLET_KINDS, Account, AccountKind, LedgerAccount
from models.ledger.adjustments import AdjustmentState, LedgerAdjustment
from models.ledger.entries import Leg, Posting, PostingKind
from models.vendors import Vendor
from services.ledger.balances import read_balance
from services.ledger.posting import post_entries
from services.ledger.promo_money import give_promo_money
from tests.factories.base import NUMBERS
from tests.factories.identity import IdentityRows

HORIZON = text("""
    SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint),
        CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)
""")


class LedgerRows(IdentityRows):
    """Creates wallets, and reads their balances."""

    async def adjustment(self, owner: User | Vendor, **values: Any) -> LedgerAdjustment:
        """Return an adjustment that waits, by which 100.00 of the bank's come into the wallet."""
        given: dict[str, Any] = {
            "debit": AccountKind.BANK,
            "credit": AccountKind.WALLET,
            "currency": "INR",
            "amount": 100_00,
            "reason": "Paid in at the counter",
        } | values
        if "proposed_by" not in given:
            given["proposed_by"] = (await self.admin()).id
        adjustment = LedgerAdjustment(owner_id=owner.id, **given)
        await self.save(adjustment)
        return adjustment

    async def tax_due(self, amount: int, tax: AccountKind = AccountKind.TDS_DUE) -> None:
        """Let the platform owe so much more of a tax, in rupees in minor units, or less."""
        bank, due = Account(AccountKind.BANK, "INR"), Account(tax, "INR")
        leg = Leg(bank, due, amount) if amount > 0 else Leg(due, bank, -amount)
        async with self.database.session() as session, session.begin():
            await post_entries(session, Posting(PostingKind.CONFIRM, new_id()), [leg])

    async def tax_payment(self, amount: int, **values: Any) -> LedgerAdjustment:
        """Return a payment of a tax that waits."""
        given: dict[str, Any] = {
            "debit": AccountKind.TDS_DUE,
            "credit": AccountKind.BANK,
            "currency": "INR",
            "amount": amount,
            "reason": "Income tax department, October",
            "reference": f"CHALLAN {next(NUMBERS)}",
        } | values
        if "proposed_by" not in given:
            given["proposed_by"] = (await self.admin()).id
        payment = LedgerAdjustment(**given)
        await self.save(payment)
        return payment

    async def due(self, tax: AccountKind = AccountKind.TDS_DUE) -> int:
        """Return what the platform owes of a tax in rupees, in minor units."""
        async with self.database.session() as session:
            return await read_balance(session, Account(tax, "INR"))

    async def fund(self, owner: User | Vendor, amount: int, promo: int = 0) -> None:
        """Put money into a wallet in rupees, in minor units, and promotional money."""
        decider = await self.admin()
        parts = {AccountKind.WALLET: amount, AccountKind.WALLET_PROMO: promo}
        for kind, part in parts.items():
            if not part:
                continue
            decided = {
                "state": AdjustmentState.APPROVED,
                "decided_by": decider.id,
                "decided_at": now(),
            }
            one = await self.adjustment(owner, credit=kind, amount=part, **decided)
            leg = Leg(one.account(one.debit), one.account(one.credit), part)
            async with self.database.session() as session, session.begin():
                await post_entries(session, Posting(PostingKind.ADJUST, one.id), [leg])

    async def transactions_end(self) -> None:
        """Wait until the transactions that have begun end, so that a snapshot has all entries.

        It is cut below the oldest that runs, in any database of the server: a vacuum's, too.
        """
        async with asyncio.timeout(60):
            begun = (await self._horizon())[1]
            while (await self._horizon())[0] < begun:  # noqa: ASYNC110 - there is nothing to wait on
                await asyncio.sleep(0.05)

    async def _horizon(self) -> tuple[int, int]:
        async with self.database.session() as session:
            oldest, next_one = (await session.execute(HORIZON)).one()
        return oldest, next_one

    async def promo_money(self, owner: User | Vendor, amount: int, ends_in: timedelta) -> None:
        """Put promotional money into a wallet in rupees that ends after a time, or has ended."""
        decided = {
            "state": AdjustmentState.APPROVED,
            "decided_by": (await self.admin()).id,
            "decided_at": now(),
        }
        one = await self.adjustment(
            owner,
            debit=AccountKind.PROMOTIONS,
            credit=AccountKind.WALLET_PROMO,
            amount=amount,
            valid_days=1,
            **decided,
        )
        wallet = one.account(one.credit)
        leg = Leg(one.account(one.debit), wallet, amount)
        async with self.database.session() as session, session.begin():
            await post_entries(session, Posting(PostingKind.ADJUST, one.id), [leg])
            await give_promo_money(session, wallet, amount, valid=ends_in, adjustment_id=one.id)

    async def wallet(self, owner: User | Vendor) -> tuple[int, int, int]:
        """Return the balance, the promotional money and what is held, in rupees."""
        rows = select(LedgerAccount.kind, LedgerAccount.balance).where(
            LedgerAccount.owner_id == owner.id, LedgerAccount.currency == "INR"
        )
        async with self.database.session() as session:
            found = dict((await session.exec(rows)).all())
        balance, promo, held = (found.get(kind, 0) for kind in WALLET_KINDS)
        return balance, promo, held
