"""Purchases from the platform that were paid by card: a top-up, or a pack for a vendor."""

from typing import Any

from sqlmodel import col, select

from core.ids import new_id
from models.identity.accounts import User
from models.ledger.accounts import Account, AccountKind
from models.payments.payments import Payment
from models.payments.refunds import RefundPart
from models.purchases import Purchase
from models.vendors import Vendor
from services.ledger.balances import read_balance, read_trial_balance
from services.viewer import Viewer
from tests.client import Client, gid
from tests.factories.packs import buying
from tests.factories.paying import RETURN_URL, PayingShop

AMOUNT = 500_00
BY_CARD = {"provider": "STRIPE", "returnUrl": RETURN_URL}


class Bought:
    """A purchase of a user that was paid by card: a top-up, or a pack for their vendor."""

    def __init__(self, shop: PayingShop, user: User, purchase: Purchase, payment: Payment) -> None:
        self.shop, self.user, self.purchase, self.payment = shop, user, purchase, payment
        self.reference = ""

    @classmethod
    async def top_up(cls, shop: PayingShop) -> "Bought":
        user = await shop.world.user(email=f"{new_id()}@haat.example")
        given = {"amountMinor": AMOUNT, "currency": "INR", "idempotencyKey": "one", **BY_CARD}
        client = shop.api.signed_in(user)
        assert await client.refusal_codes("topUpWallet", given) == []
        (purchase,) = await shop.world.purchases(user)
        return await cls._pay(shop, user, purchase)

    @classmethod
    async def pack(cls, shop: PayingShop) -> "Bought":
        user = await shop.world.user(email=f"{new_id()}@haat.example")
        vendor, pack = await shop.world.vendor(user), await shop.world.pack()
        given = buying(vendor, pack, **BY_CARD)
        assert await shop.api.signed_in(user).refusal_codes("buyPack", given) == []
        (purchase,) = await shop.world.purchases(vendor)
        return await cls._pay(shop, user, purchase)

    @classmethod
    async def _pay(cls, shop: PayingShop, user: User, purchase: Purchase) -> "Bought":
        rows = select(Payment).where(Payment.purchase_id == purchase.id)
        async with shop.world.database.session() as session:
            payment = (await session.exec(rows)).one()
        shop.pay(payment)
        await shop.look(payment)
        await shop.webhooks()
        return cls(shop, user, purchase, payment)

    async def dispute(self, **given: Any) -> None:
        opened = self.shop.stand_in.act("dispute", id=self.payment.reference, **given)
        self.reference = opened["id"]
        await self.shop.webhooks()

    async def end(self, action: str, **given: Any) -> None:
        self.shop.stand_in.act(action, id=self.reference, **given)
        await self.shop.webhooks()

    async def wallet(self) -> tuple[int, int]:
        """Return what can be spent, and what is held."""
        kinds = (AccountKind.WALLET, AccountKind.WALLET_HELD)
        async with self.shop.world.database.session() as session:
            free, held = [
                await read_balance(session, Account(kind, "INR", self.user.id)) for kind in kinds
            ]
        return free, held

    async def balance(self, kind: AccountKind) -> int:
        viewer = Viewer(user_id=new_id(), admin=True)
        async with self.shop.world.database.session() as session:
            found = await read_trial_balance(session, viewer, "INR")
        return sum(one.balance for one in found if one.kind is kind)

    async def refunder(self) -> Client:
        return self.shop.api.signed_in(await self.shop.world.admin())

    def refund(self) -> dict[str, Any]:
        return {"purchaseId": gid(self.purchase), "idempotencyKey": str(new_id())}

    async def owner_wallet(self) -> int:
        """Return what the wallet of the owner of the purchase has, which can be a vendor."""
        account = Account(AccountKind.WALLET, "INR", self.purchase.owner_id)
        async with self.shop.world.database.session() as session:
            return await read_balance(session, account)

    async def vendor(self) -> Vendor:
        async with self.shop.world.database.session() as session:
            return await session.get_one(Vendor, self.purchase.owner_id)

    async def part(self) -> RefundPart:
        """Return the first part of a refund."""
        rows = select(RefundPart).where(RefundPart.payment_id == self.payment.id)
        async with self.shop.world.database.session() as session:
            return (await session.exec(rows.order_by(col(RefundPart.id)))).all()[0]

    async def give_back(self, *, fails: bool = False) -> RefundPart:
        """Refund it, and let the bank send the money back if it `fails`."""
        admin = await self.refunder()
        assert await admin.refusal_codes("refundPurchase", self.refund()) == []
        await self.shop.work()
        await self.shop.webhooks()
        part = await self.part()
        if fails:
            self.shop.stand_in.act("fail_refund", id=part.reference)
            await self.shop.webhooks()
        return await self.part()
