"""Disputes of purchases: the wallet holds what it has of a top-up, so it is not had twice."""

from typing import Any

from sqlmodel import select

from core.ids import new_id
from models.identity.accounts import User
from models.ledger.accounts import Account, AccountKind
from models.packs.grants import PackGrant
from models.payments.payments import Payment, PaymentProvider
from models.purchases import Purchase
from models.vendors import MemberRole
from services.ledger.balances import read_balance, read_trial_balance
from services.viewer import Viewer
from tests.client import Client, gid
from tests.factories.packs import buying
from tests.factories.paying import RETURN_URL, PayingShop
from tests.invariants import check_invariants

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

    async def end(self, action: str) -> None:
        self.shop.stand_in.act(action, id=self.reference)
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


async def test_a_disputed_top_up_is_held_and_lost_with_the_dispute(shop: PayingShop) -> None:
    one = await Bought.top_up(shop)
    assert await one.wallet() == (AMOUNT, 0)
    await one.dispute()
    assert await one.wallet() == (0, AMOUNT)
    codes = await (await one.refunder()).refusal_codes("refundPurchase", one.refund())
    assert codes == ["NOTHING_TO_REFUND"]
    await check_invariants(shop.world.database)
    await one.end("lose_dispute")
    assert await one.wallet() == (0, 0)
    assert await one.balance(AccountKind.LOSSES) == 0
    assert await one.balance(AccountKind.DISPUTED) == 0
    await check_invariants(shop.world.database)


async def test_a_top_up_is_free_again_when_the_dispute_is_won(shop: PayingShop) -> None:
    one = await Bought.top_up(shop)
    await one.dispute(amount=200_00)
    assert await one.wallet() == (300_00, 200_00)
    await one.end("win_dispute")
    assert await one.wallet() == (AMOUNT, 0)
    assert await one.balance(AccountKind.DISPUTED) == 0
    await check_invariants(shop.world.database)


async def test_a_disputed_pack_is_not_refunded_besides(shop: PayingShop) -> None:
    one = await Bought.pack(shop)
    await one.dispute()
    admin = await one.refunder()
    assert await admin.refusal_codes("refundPurchase", one.refund()) == ["PAYMENT_DISPUTED"]
    await one.end("win_dispute")
    assert await admin.refusal_codes("refundPurchase", one.refund()) == []
    await check_invariants(shop.world.database)


async def test_a_pack_ends_with_a_dispute_that_is_lost(shop: PayingShop) -> None:
    one = await Bought.pack(shop)
    rows = select(PackGrant).where(PackGrant.purchase_id == one.purchase.id)
    await one.dispute()
    await one.end("lose_dispute")
    async with shop.world.database.session() as session:
        assert (await session.exec(rows)).one().ended_at is not None
    await check_invariants(shop.world.database)


async def test_who_pays_for_a_purchase_of_another_member_keeps_the_card(shop: PayingShop) -> None:
    manager = await shop.world.user(email=f"{new_id()}@haat.example")
    owner = await shop.world.user(email=f"{new_id()}@haat.example")
    vendor, pack = await shop.world.vendor(owner), await shop.world.pack()
    await shop.world.member(vendor, manager, MemberRole.MANAGER)
    given = buying(vendor, pack, provider="MANUAL")
    assert await shop.api.signed_in(manager).refusal_codes("buyPack", given) == []
    (purchase,) = await shop.world.purchases(vendor)
    paying = {
        "purchaseId": gid(purchase),
        "idempotencyKey": "pay",
        "savePaymentMethod": True,
        **BY_CARD,
    }
    payer = shop.api.signed_in(owner)
    assert await payer.refusal_codes("payPurchase", paying) == []
    rows = select(Payment).where(
        Payment.purchase_id == purchase.id, Payment.provider == PaymentProvider.STRIPE
    )
    async with shop.world.database.session() as session:
        payment = (await session.exec(rows)).one()
    shop.pay(payment)
    await shop.webhooks()
    listed = "{ paymentMethods { nodes { last4 } } }"
    assert (await payer.ask(listed))["paymentMethods"]["nodes"] == [{"last4": "4242"}]
    seen = await shop.api.signed_in(manager).ask(listed)
    assert seen["paymentMethods"]["nodes"] == []
    assert (await shop.world.fresh(purchase)).user_id == owner.id
