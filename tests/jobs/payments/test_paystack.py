"""Orders that are paid by Paystack: on its page, by a saved card, declined, late, and refunded."""

from typing import Any

import pytest
from sqlmodel import col, select

from core.ids import new_id
from models.orders.states import OrderState
from models.payments.methods import PaymentMethod
from models.payments.payments import Payment, PaymentProvider, PaymentStatus
from tests.client import Client, gid
from tests.factories.buying import PRICE, Buyer, Stall
from tests.factories.paying import FIELDS, RETURN_URL, PayingShop
from tests.invariants import check_invariants

PAGE: dict[str, Any] = {"provider": "PAYSTACK", "returnUrl": RETURN_URL}
CARD = "4084084084084081"
DECLINED = "4084080000005408"


class Naira:
    """A buyer of goods that cost naira."""

    def __init__(self, shop: PayingShop, buyer: Buyer, stall: Stall) -> None:
        self.shop, self.buyer, self.stall = shop, buyer, stall

    @classmethod
    async def open(cls, shop: PayingShop, name: str = "buyer") -> "Naira":
        world = shop.world
        vendor = await world.vendor(currency="NGN")
        await world.shipping_rate(await world.shipping_zone(vendor), bands=[[None, 0]])
        goods = await world.product(vendor, price=PRICE)
        stall = Stall(world, vendor, await world.variants(goods))
        user = await world.user(email=f"{name}-{new_id()}@haat.example")
        buyer = Buyer(world, user, shop.api.signed_in(user))
        await buyer.fill(stall.variant, currency="NGN")
        return cls(shop, buyer, stall)

    @property
    def client(self) -> Client:
        return self.buyer.client

    async def save_card(self) -> PaymentMethod:
        """Pay for an order with a card that is saved, and return it."""
        placed = await self.place(savePaymentMethod=True)
        self.enter(placed["payment"]["redirectUrl"])
        await self.shop.webhooks()
        async with self.shop.world.database.session() as session:
            rows = select(PaymentMethod).where(PaymentMethod.user_id == self.buyer.user.id)
            return (await session.exec(rows)).one()

    async def place(self, **values: Any) -> dict[str, Any]:
        given = self.buyer.input(**{**PAGE, **values})
        placed = await self.client.do("placeOrder", given, FIELDS)
        assert placed["errors"] == []
        return placed

    async def again(self, **values: Any) -> dict[str, Any]:
        await self.buyer.again(self.stall.variant, currency="NGN")
        return await self.place(**values)

    def enter(self, url: str, number: str = CARD) -> tuple[int, str]:
        """Enter a card on the page. Returns the status, and where the page leads back to."""
        answer = self.shop.stand_in.http.post(url, data={"number": number})
        return answer.status_code, answer.headers.get("location", "")

    async def payments(self) -> list[Payment]:
        orders = [one.id for one in await self.buyer.orders()]
        rows = select(Payment).where(col(Payment.order_id).in_(orders)).order_by(col(Payment.id))
        async with self.shop.world.database.session() as session:
            return list((await session.exec(rows)).all())

    async def states(self) -> list[OrderState]:
        return [one.state for one in await self.buyer.orders()]

    def refunded(self) -> list[int]:
        return [one["amount"] for one in self.shop.stand_in.objects("paystack_refund").values()]


@pytest.fixture
async def naira(shop: PayingShop) -> Naira:
    shop.stand_in.state.store.kinds.pop("paystack_refund", None)
    return await Naira.open(shop)


@pytest.mark.parametrize("webhook", [True, False])
async def test_the_page_is_paid_and_the_order_confirmed(naira: Naira, *, webhook: bool) -> None:
    """By the webhook alone, and by the buyer who comes back alone."""
    shop = naira.shop
    if not webhook:
        shop.stand_in.control(webhooks={"drop": 100})
    placed = await naira.place()
    shown = placed["payment"]
    assert (shown["paymentProvider"], shown["paymentStatus"]) == ("PAYSTACK", "OPEN")
    assert shown["clientSecret"] is None
    status, back = naira.enter(shown["redirectUrl"])
    assert status == 303
    assert back.startswith(f"{RETURN_URL}?")
    if webhook:
        await shop.webhooks()
    else:
        given = {"orderId": placed["order"]["id"]}
        assert await naira.client.refusal_codes("checkPayment", given) == []
    assert await naira.states() == [OrderState.CONFIRMED]
    (payment,) = await naira.payments()
    assert (payment.status, payment.captured) == (PaymentStatus.SUCCEEDED, PRICE)
    await shop.look(payment)
    assert await shop.postings(payment) == [("pay", PRICE)]
    await check_invariants(shop.world.database)


async def test_a_declined_card_leaves_the_order_to_be_paid_again(naira: Naira) -> None:
    placed = await naira.place()
    assert naira.enter(placed["payment"]["redirectUrl"], DECLINED)[0] == 402
    await naira.shop.webhooks()
    assert await naira.states() == [OrderState.PENDING]
    given = {"orderId": placed["order"]["id"], "idempotencyKey": "again", **PAGE}
    again = await naira.client.do("retryPayment", given, FIELDS)
    assert (again["errors"], again["payment"]["attempt"]) == ([], 2)
    naira.enter(again["payment"]["redirectUrl"])
    await naira.shop.webhooks()
    assert await naira.states() == [OrderState.CONFIRMED]
    first, second = await naira.payments()
    assert (first.status, first.decline_code) == (PaymentStatus.FAILED, "Declined")
    assert second.status is PaymentStatus.SUCCEEDED
    assert "PAYMENT_FAILED" in await naira.shop.told(naira.buyer)
    await check_invariants(naira.shop.world.database)


async def test_a_page_that_is_paid_after_the_order_was_cancelled_is_refunded(naira: Naira) -> None:
    """Paystack cannot close its page."""
    placed = await naira.place()
    given = {"orderId": placed["order"]["id"], "idempotencyKey": "cancel"}
    assert await naira.client.refusal_codes("cancelOrder", given) == []
    naira.enter(placed["payment"]["redirectUrl"])
    for _ in range(3):
        await naira.shop.webhooks()
    assert await naira.states() == [OrderState.CANCELLED]
    assert await naira.shop.refunds(naira.buyer) == [("LATE_PAYMENT", PRICE, "PAYSTACK")]
    assert naira.refunded() == [PRICE]
    await check_invariants(naira.shop.world.database)


async def test_a_saved_card_is_charged_once_and_its_money_goes_back(naira: Naira) -> None:
    shop = naira.shop
    method = await naira.save_card()
    assert (method.provider, method.last4) == (PaymentProvider.PAYSTACK, "4081")
    shop.stand_in.control(path="/paystack/transaction/charge_authorization", lose=1)
    again = await naira.again(paymentMethodId=gid(method))
    await shop.run_all()
    assert await naira.states() == [OrderState.CONFIRMED] * 2
    *_, payment = await naira.payments()
    assert payment.status is PaymentStatus.SUCCEEDED
    charged = [
        one
        for one in shop.stand_in.objects("paystack_transaction").values()
        if one["metadata"]["payment_id"] == str(payment.id)
    ]
    assert [one["amount"] for one in charged] == [PRICE]
    given = {"orderId": again["order"]["id"], "idempotencyKey": "cancel"}
    assert await naira.client.refusal_codes("cancelOrder", given) == []
    for _ in range(3):
        await shop.webhooks()
    assert naira.refunded() == [PRICE]
    states = "query ($id: ID!) { order(id: $id) { paymentState refunds { state } } }"
    seen = (await naira.client.ask(states, id=again["order"]["id"]))["order"]
    assert seen == {"paymentState": "REFUNDED", "refunds": [{"state": "SETTLED"}]}
    await check_invariants(shop.world.database)


async def test_a_saved_card_that_declines_is_told(shop: PayingShop) -> None:
    naira = await Naira.open(shop, name="expires")
    method = await naira.save_card()
    await naira.buyer.again(naira.stall.variant, currency="NGN")
    given = naira.buyer.input(**PAGE, paymentMethodId=gid(method))
    codes = await naira.client.refusal_codes("placeOrder", given)
    await shop.webhooks()
    assert [one.status for one in await naira.payments()][1:] == [PaymentStatus.FAILED]
    assert await naira.states() == [OrderState.CONFIRMED, OrderState.PENDING]
    assert codes == []


async def test_a_saved_card_whose_bank_asks_is_confirmed_on_a_page(shop: PayingShop) -> None:
    naira = await Naira.open(shop, name="challenged")
    method = await naira.save_card()
    again = await naira.again(paymentMethodId=gid(method))
    shown = again["payment"]
    assert (shown["paymentStatus"], shown["declineCode"]) == ("ACTION", None)
    *_, payment = await naira.payments()
    for _ in range(2):  # the poller sees a payment whose page Paystack does not name again
        await shop.look(payment)
    *_, payment = await naira.payments()
    assert payment.redirect_url == shown["redirectUrl"]
    assert naira.enter(shown["redirectUrl"])[0] == 303
    await shop.webhooks()
    assert await naira.states() == [OrderState.CONFIRMED] * 2
    await check_invariants(shop.world.database)


async def test_a_page_that_is_lost_with_its_answer_fails_the_payment(shop: PayingShop) -> None:
    naira = await Naira.open(shop, name="challenged")
    method = await naira.save_card()
    shop.stand_in.control(path="/paystack/transaction/charge_authorization", lose=1)
    again = await naira.again(paymentMethodId=gid(method))
    await shop.run_all()
    *_, payment = await naira.payments()
    assert (payment.status, payment.decline_code) == (
        PaymentStatus.FAILED,
        "authentication_required",
    )
    given = {"orderId": again["order"]["id"], "idempotencyKey": "again", **PAGE}
    retried = await naira.client.do("retryPayment", given, FIELDS)
    naira.enter(retried["payment"]["redirectUrl"])
    await shop.webhooks()
    assert await naira.states() == [OrderState.CONFIRMED] * 2
    await check_invariants(shop.world.database)


async def test_others_cannot_charge_a_saved_card(naira: Naira) -> None:
    placed = await naira.place(savePaymentMethod=True)
    naira.enter(placed["payment"]["redirectUrl"])
    await naira.shop.webhooks()
    async with naira.shop.world.database.session() as session:
        rows = select(PaymentMethod).where(PaymentMethod.user_id == naira.buyer.user.id)
        method = (await session.exec(rows)).one()
    other = await Naira.open(naira.shop)
    given = other.buyer.input(**PAGE, paymentMethodId=gid(method))
    assert await other.client.refusal_codes("placeOrder", given) == ["NOT_FOUND"]
    assert await naira.shop.api.mutation_failed("placeOrder", given) == ["UNAUTHENTICATED"]
