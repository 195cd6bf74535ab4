"""Debts that vendors pay by card: the money is in the balance once, and a dispute takes it out."""

from dataclasses import dataclass

import pytest
from sqlmodel import select

from core.ids import new_id
from models.ledger.accounts import Account, AccountKind
from models.payments.payments import Payment
from models.purchases import Purchase, PurchaseKind
from models.vendors import Vendor
from services.ledger.balances import read_balance
from tests.client import gid
from tests.factories.paying import RETURN_URL, PayingShop
from tests.invariants import check_invariants

OWED = 500_00


@dataclass
class Debt:
    """A payment by card of 500.00 that a vendor owes."""

    shop: PayingShop
    vendor: Vendor
    purchase: Purchase
    payment: Payment

    @classmethod
    async def begin(cls, shop: PayingShop) -> "Debt":
        owner = await shop.world.user(email=f"{new_id()}@haat.example")
        vendor = await shop.world.vendor(owner)
        await shop.world.earned(vendor, -OWED)
        given = {
            "vendorId": gid(vendor),
            "provider": "STRIPE",
            "returnUrl": RETURN_URL,
            "idempotencyKey": str(new_id()),
        }
        fields = "purchase { payments { clientSecret } }"
        made = await shop.api.signed_in(owner).do("payDebt", given, fields)
        assert made["purchase"]["payments"][0]["clientSecret"]
        async with shop.world.database.session() as session:
            purchase = (
                await session.exec(select(Purchase).where(Purchase.owner_id == vendor.id))
            ).one()
            payment = (
                await session.exec(select(Payment).where(Payment.purchase_id == purchase.id))
            ).one()
        return cls(shop, vendor, purchase, payment)

    async def pay(self) -> None:
        self.shop.pay(self.payment)
        for _ in range(2):  # the webhook, and the poller besides
            await self.shop.look(self.payment)
            await self.shop.webhooks()

    async def balances(self) -> tuple[int, int]:
        """Return what the vendor has, and what is held of it for a dispute."""
        held = Account(AccountKind.WALLET_HELD, "INR", self.vendor.id)
        async with self.shop.world.database.session() as session:
            return await self.shop.world.available(self.vendor), await read_balance(session, held)


async def test_a_debt_is_paid_by_card_once(shop: PayingShop) -> None:
    debt = await Debt.begin(shop)
    assert debt.purchase.kind is PurchaseKind.DEBT
    await debt.pay()
    assert await debt.balances() == (0, 0)
    assert await shop.postings(debt.payment) == [("pay", OWED), ("repay", OWED)]
    await check_invariants(shop.world.database)


@pytest.mark.parametrize(
    ("action", "after"), [("win_dispute", (0, 0)), ("lose_dispute", (-OWED, 0))]
)
async def test_a_disputed_payment_of_a_debt_is_owed_again(
    shop: PayingShop, action: str, after: tuple[int, int]
) -> None:
    debt = await Debt.begin(shop)
    await debt.pay()
    opened = shop.stand_in.act("dispute", id=debt.payment.reference)
    await shop.webhooks()
    assert await debt.balances() == (-OWED, OWED)
    await check_invariants(shop.world.database)
    shop.stand_in.act(action, id=opened["id"])
    await shop.webhooks()
    assert await debt.balances() == after
    await check_invariants(shop.world.database)
