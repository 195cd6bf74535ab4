"""Payout accounts, money that can be paid out, and payouts."""

from datetime import timedelta
from typing import Any

from core.clock import now
from core.ids import new_id
from core.settings import Settings
from models.identity.accounts import User
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.payouts.accounts import PayoutAccount, PayoutAccountState, PayoutRail
from models.payouts.payouts import Payout
from models.vendors import Vendor
from services.ledger.posting import post_entries
from services.payouts.accounts.terms import PayoutPolicy
from services.payouts.balances import CurrencyBalance, find_balances
from tests.factories.identity import IdentityRows

POLICY = PayoutPolicy.of(Settings.for_tools())
ACCOUNT_NUMBER, IFSC = "001234567890", "HDFC0001234"


class PayoutRows(IdentityRows):
    """Creates payouts, and reads balances."""

    async def payout_account(
        self, vendor: Vendor, user: User | None = None, **values: Any
    ) -> PayoutAccount:
        """Return an account in India for files of banks, which can be used."""
        given: dict[str, Any] = {
            "currency": vendor.currency,
            "rail": PayoutRail.BANK_FILE,
            "state": PayoutAccountState.ACTIVE,
            "country": "IN",
            "bank_code": IFSC,
            "usable_from": now() - timedelta(minutes=1),
            "set_by": (user or await self.user()).id,
        } | values
        account = PayoutAccount(id=new_id(), vendor_id=vendor.id, **given)
        if account.rail is not PayoutRail.STRIPE:
            number = values.get("account_number", ACCOUNT_NUMBER)
            account.seal_bank(self.sealer, holder="Corner Cafe", account_number=number)
        else:
            account.reference, account.bank_code = f"acct_{account.id.hex}", None
        await self.save(account)
        return account

    async def earned(self, vendor: Vendor, amount: int) -> None:
        """Let an amount of the vendor's currency be available, or be owed if it is negative."""
        bank = Account(AccountKind.PROVIDER, vendor.currency)
        available = bank._replace(kind=AccountKind.V_AVAILABLE, owner_id=vendor.id)
        leg = Leg(bank, available, amount) if amount > 0 else Leg(available, bank, -amount)
        async with self.database.session() as session, session.begin():
            await post_entries(session, Posting(PostingKind.REPAY, new_id()), [leg])

    async def payout(self, account: PayoutAccount, amount: int = 500_00, **values: Any) -> Payout:
        """Return a payout that is planned."""
        payout = Payout(
            vendor_id=account.vendor_id,
            payout_account_id=account.id,
            currency=account.currency,
            rail=account.rail,
            amount=amount,
            **values,
        )
        await self.save(payout)
        return payout

    async def balance(self, vendor: Vendor) -> CurrencyBalance:
        """Return the balance of a vendor in its currency."""
        async with self.database.session() as session:
            own, _ = await find_balances(session, vendor)
        return own

    async def available(self, vendor: Vendor) -> int:
        return (await self.balance(vendor)).available
