"""Vendors whom a provider pays out, which the stand-in takes the place of."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import col, select, update

from core.clock import now
from core.ids import new_id
from models.identity.accounts import User
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.notifications.inbox import Notification
from models.payouts.accounts import PayoutAccount
from models.payouts.payouts import Payout
from models.vendors import Vendor
from services import jobs
from services.ledger.posting import post_entries
from tests.client import Client, gid
from tests.factories.paying import RETURN_URL, PayingShop

PAYOUT = "payout { id payoutState }"


@dataclass
class PaidOutVendor:
    """A vendor, its owner, and what happens at its provider."""

    shop: PayingShop
    vendor: Vendor
    owner: User
    client: Client

    @classmethod
    async def create(cls, shop: PayingShop, country: str, currency: str) -> "PaidOutVendor":
        owner = await shop.world.user(email=f"{new_id()}@haat.example")
        vendor = await shop.world.vendor(owner, country=country, currency=currency)
        return cls(shop, vendor, owner, shop.api.signed_in(owner))

    async def earn(self, amount: int) -> None:
        """Let an amount be available, which is not that of a payment."""
        source = Account(AccountKind.LOSSES, self.vendor.currency)
        available = Account(AccountKind.V_AVAILABLE, self.vendor.currency, self.vendor.id)
        async with self.shop.world.database.session() as session, session.begin():
            leg = Leg(source, available, amount)
            await post_entries(session, Posting(PostingKind.ADJUST, new_id()), [leg])

    async def onboard(self) -> str:
        """Complete the account on Stripe's page, as the owner does. Returns where that ends."""
        given = {"vendorId": gid(self.vendor), "rail": "STRIPE", "returnUrl": RETURN_URL}
        begun = await self.client.do("startPayoutOnboarding", given, "url")
        assert begun["errors"] == []
        shown = self.shop.stand_in.http.get(begun["url"])
        assert shown.is_success
        form = {"answer": "complete", "account_number": "DE89370400440532013000"}
        sent = self.shop.stand_in.http.post(begun["url"], data=form)
        await self.shop.webhooks()
        return sent.headers["location"]

    async def set_bank(self, number: str) -> None:
        """Set an account for transfers by Paystack."""
        given = {
            "vendorId": gid(self.vendor),
            "rail": "PAYSTACK",
            "holder": "Corner Cafe",
            "bankCode": "057",
            "accountNumber": number,
            "idempotencyKey": str(new_id()),
        }
        assert await self.client.refusal_codes("setPayoutAccount", given) == []
        await self.shop.work()

    async def wait(self) -> None:
        """Let the 48 hours after the change of the account be over."""
        mine = update(PayoutAccount).where(col(PayoutAccount.vendor_id) == self.vendor.id)
        async with self.shop.world.database.session() as session, session.begin():
            await session.exec(mine.values(usable_from=now() - timedelta(seconds=1)))

    async def account(self) -> PayoutAccount:
        rows = select(PayoutAccount).where(PayoutAccount.vendor_id == self.vendor.id)
        async with self.shop.world.database.session() as session:
            return (await session.exec(rows)).one()

    async def request(self, **values: Any) -> list[str]:
        """Request a payout of all that is available. Returns the codes of refusals."""
        given = {"vendorId": gid(self.vendor), "idempotencyKey": str(new_id()), **values}
        return await self.client.refusal_codes("requestPayout", given)

    async def payout(self) -> Payout:
        """Return the newest payout."""
        rows = select(Payout).where(Payout.vendor_id == self.vendor.id)
        async with self.shop.world.database.session() as session:
            found = (await session.exec(rows.order_by(col(Payout.id).desc()))).first()
        assert found is not None
        return found

    async def balance(self) -> tuple[int, int]:
        """Return what is available, and what is on its way."""
        found = await self.shop.world.balance(self.vendor)
        return found.available, found.in_transit

    async def told(self) -> list[str]:
        rows = select(Notification.kind).where(Notification.user_id == self.owner.id)
        async with self.shop.world.database.session() as session:
            return sorted((await session.exec(rows)).all())

    def objects(self, payout: Payout, kind: str) -> list[str]:
        """Return the ids of the stand-in's transfers or payouts for a payout of ours."""
        wanted = str(payout.id)
        return [
            id
            for id, one in self.shop.stand_in.objects(kind).items()
            if wanted in (one.get("reference"), (one.get("metadata") or {}).get("payout_id"))
        ]

    async def run(self, *tasks: str) -> None:
        """Run periodic jobs."""
        for task in tasks:
            async with self.shop.worker.transactions.begin() as session:
                await jobs.defer(session, task, timestamp=0)
            await self.shop.work()
