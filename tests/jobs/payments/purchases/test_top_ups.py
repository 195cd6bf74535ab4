"""Top-ups that are paid online: on the page, by a saved card, after a decline, and late."""

from typing import Any

from sqlmodel import col, select, update

from core.ids import new_id
from models.identity.accounts import User
from models.payments.payments import Payment, PaymentProvider, PaymentStatus
from models.payments.refunds import Refund, RefundState
from models.purchases import Purchase, PurchaseState
from tests.client import gid
from tests.factories.paying import RETURN_URL, PayingShop, save_card
from tests.invariants import check_invariants

AMOUNT = 500_00
BY_CARD = {"provider": "STRIPE", "returnUrl": RETURN_URL}


class TopUp:
    """A user who buys money for the wallet."""

    def __init__(self, shop: PayingShop, user: User) -> None:
        self.shop, self.world, self.user = shop, shop.world, user
        self.client = shop.api.signed_in(user)

    @classmethod
    async def begin(cls, shop: PayingShop, **values: Any) -> "TopUp":
        user = await shop.world.user(email=f"{new_id()}@haat.example")
        one = cls(shop, user)
        card = await save_card(shop.world, shop.stand_in, user.id)
        if values.pop("saved", False):
            values["paymentMethodId"] = gid(card)
        given = {"amountMinor": AMOUNT, "currency": "INR", "idempotencyKey": "one", **BY_CARD}
        assert await one.client.refusal_codes("topUpWallet", given | values) == []
        return one

    async def purchase(self) -> Purchase:
        (purchase,) = await self.world.purchases(self.user)
        return purchase

    async def payment(self) -> Payment:
        """Return the newest payment by card."""
        rows = select(Payment).where(
            Payment.purchase_id == (await self.purchase()).id,
            Payment.provider == PaymentProvider.STRIPE,
        )
        async with self.world.database.session() as session:
            return (await session.exec(rows.order_by(col(Payment.id).desc()).limit(1))).one()

    async def expire(self) -> Payment:
        """Let the purchase expire before the provider knows of it, and return the payment."""
        this = update(Purchase).where(col(Purchase.user_id) == self.user.id)
        async with self.world.database.session() as session, session.begin():
            await session.exec(this.values(state=PurchaseState.EXPIRED))
        return await self.payment()


async def test_a_top_up_is_in_the_wallet_when_it_is_paid(shop: PayingShop) -> None:
    one = await TopUp.begin(shop)
    assert await shop.world.wallet(one.user) == (0, 0, 0)
    shop.pay(await one.payment())
    for _ in range(2):
        await shop.webhooks()
    assert await shop.world.wallet(one.user) == (AMOUNT, 0, 0)
    assert (await one.purchase()).state is PurchaseState.PAID
    await check_invariants(shop.world.database)


async def test_a_saved_card_tops_up_at_once(shop: PayingShop) -> None:
    one = await TopUp.begin(shop, saved=True)
    assert await shop.world.wallet(one.user) == (AMOUNT, 0, 0)
    await check_invariants(shop.world.database)


async def test_a_declined_top_up_is_paid_again(shop: PayingShop) -> None:
    one = await TopUp.begin(shop)
    first = await one.payment()
    shop.pay(first, "pm_card_chargeDeclinedInsufficientFunds")
    await shop.webhooks()
    again = {"purchaseId": gid(await one.purchase()), "idempotencyKey": "again", **BY_CARD}
    assert await one.client.refusal_codes("payPurchase", again) == []
    assert shop.intent(first)["status"] == "canceled"
    second = await one.payment()
    assert (second.attempt, second.status) == (2, PaymentStatus.OPEN)
    shop.pay(second)
    await shop.webhooks()
    assert await shop.world.wallet(one.user) == (AMOUNT, 0, 0)
    await check_invariants(shop.world.database)


async def test_a_late_top_up_counts_while_the_wallet_has_room(shop: PayingShop) -> None:
    one = await TopUp.begin(shop)
    shop.pay(await one.expire())
    await shop.webhooks()
    assert await shop.world.wallet(one.user) == (AMOUNT, 0, 0)
    await check_invariants(shop.world.database)


async def test_a_late_top_up_of_a_full_wallet_goes_back_to_the_card(shop: PayingShop) -> None:
    one = await TopUp.begin(shop)
    payment = await one.expire()
    await shop.world.fund(one.user, 50_000_00)
    shop.pay(payment)
    for _ in range(3):
        await shop.webhooks()
    assert await shop.world.wallet(one.user) == (50_000_00, 0, 0)
    purchase = await one.purchase()
    assert purchase.state is PurchaseState.EXPIRED
    async with shop.world.database.session() as session:
        rows = select(Refund).where(Refund.purchase_id == purchase.id)
        refund = (await session.exec(rows)).one()
    assert (refund.reason, refund.amount, refund.state) == (
        "LATE_PAYMENT",
        AMOUNT,
        RefundState.SETTLED,
    )
    refunds = shop.stand_in.objects("refund").values()
    sent = [one["amount"] for one in refunds if one["payment_intent"] == payment.reference]
    assert sent == [AMOUNT]
    await check_invariants(shop.world.database)
