"""Acts of buyers with payments by a provider: choose, retry, come back, save a card."""

from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from core.clock import now
from models.orders.orders import HOLD_MINUTES, MORE_HOLD_MINUTES, Order
from models.orders.states import OrderState
from models.payments.methods import PaymentCustomer, PaymentMethod
from models.payments.payments import PaymentStatus
from services.orders.placing.expiry import expire_order
from tests.client import gid, unknown
from tests.factories.buying import PRICE, Buyer
from tests.factories.paying import CARD, FIELDS, PayingShop
from tests.invariants import check_invariants

DECLINED = "pm_card_chargeDeclinedInsufficientFunds"


async def refused(shop: PayingShop, buyer: Buyer, **values: Any) -> list[str]:
    return await buyer.client.refusal_codes("placeOrder", buyer.input(**{**CARD, **values}))


async def test_providers_are_offered_by_currency(shop: PayingShop) -> None:
    fields = "paymentProvider publishableKey minimum { amountMinor }"
    asked = f'{{ inr: paymentProviders(currency: "INR") {{ {fields} }}'
    asked += f' ngn: paymentProviders(currency: "NGN") {{ {fields} }} }}'
    answer = await shop.api.ask(asked)
    (stripe,) = answer["inr"]
    assert stripe == {
        "paymentProvider": "STRIPE",
        "publishableKey": "pk_test_stand_in",
        "minimum": {"amountMinor": 50},
    }
    assert [one["paymentProvider"] for one in answer["ngn"]] == ["STRIPE", "PAYSTACK"]


async def test_ways_that_cannot_pay_are_refused(shop: PayingShop) -> None:
    buyer = await shop.buyer()
    assert await refused(shop, buyer, provider="PAYSTACK") == ["PROVIDER_NOT_AVAILABLE"]
    for url in (
        "https://shop.example.evil/paid",
        "https://shop.example/other",
        "https://evil@shop.example/paid",
        "https://shop.example/paid#x",
        "https://shop.example/pa\tid",
        "javascript:alert(1)",
    ):
        assert await refused(shop, buyer, returnUrl=url) == ["INVALID_INPUT"]
    method = unknown("PaymentMethod")
    assert await refused(shop, buyer, paymentMethodId=method) == ["NOT_FOUND"]
    manual: dict[str, Any] = {"provider": "MANUAL", "returnUrl": None, "savePaymentMethod": True}
    assert await refused(shop, buyer, **manual) == ["INVALID_INPUT"]
    small = await Buyer.create(shop.world, shop.api)
    await shop.world.fund(small.user, PRICE - 10)
    await small.fill(shop.stall.variant, wallet=PRICE - 10)
    assert await refused(shop, small) == ["PAYMENT_TOO_SMALL"]


async def test_a_wallet_and_a_card_pay_together(shop: PayingShop) -> None:
    buyer = await Buyer.create(shop.world, shop.api)
    await shop.world.fund(buyer.user, 4_000)
    await buyer.fill(shop.stall.variant, wallet=4_000)
    await shop.place(buyer)
    payment = await shop.payment(buyer)
    assert payment.amount == PRICE - 4_000
    shop.pay(payment)
    await shop.webhooks()
    assert (await buyer.order()).state is OrderState.CONFIRMED
    given = {"orderId": gid(await buyer.order()), "idempotencyKey": "cancel"}
    assert (await buyer.client.do("cancelOrder", given, "order { state }"))["errors"] == []
    refunds = await shop.refunds(buyer)
    assert sorted(refunds) == [("CANCELLED", 4_000, "WALLET"), ("CANCELLED", 6_000, "STRIPE")]
    await check_invariants(shop.world.database)


async def test_a_declined_card_can_be_tried_again_until_the_hold_ends(shop: PayingShop) -> None:
    buyer, first = await shop.placed()
    shop.pay(first, DECLINED)
    await shop.webhooks()
    asked = (
        f'{{ order(id: "{gid(await buyer.order())}") {{ state'
        " payment { paymentStatus declineCode clientSecret } } }"
    )
    shown = (await buyer.client.ask(asked))["order"]
    assert shown["payment"]["declineCode"] == "insufficient_funds"
    assert (shown["state"], shown["payment"]["paymentStatus"]) == ("PENDING", "OPEN")
    given = {"orderId": gid(await buyer.order()), "idempotencyKey": "again", **CARD}
    retried = await buyer.client.do("retryPayment", given, FIELDS)
    assert retried["errors"] == []
    assert (retried["payment"]["attempt"], retried["payment"]["paymentStatus"]) == (2, "OPEN")
    assert shop.intent(first)["status"] == "canceled"
    assert await buyer.client.do("retryPayment", given, FIELDS) == retried
    assert len(await shop.payments(buyer)) == 2
    other = given | {"provider": "MANUAL", "returnUrl": None}
    assert await buyer.client.refusal_codes("retryPayment", other) == ["IDEMPOTENCY_KEY_REUSED"]
    shop.pay(await shop.payment(buyer))
    given = {"orderId": given["orderId"]}
    checked = await buyer.client.do("checkPayment", given, "order { state }")
    assert checked["order"] == {"state": "CONFIRMED"}
    late = {**given, **CARD, "idempotencyKey": "late"}
    assert await buyer.client.refusal_codes("retryPayment", late) == ["ORDER_PAID"]


async def test_others_cannot_retry_or_check_and_see_no_secret(shop: PayingShop) -> None:
    buyer, payment = await shop.placed()
    stranger = await Buyer.create(shop.world, shop.api)
    admin = shop.api.signed_in(await shop.world.admin())
    order = gid(await buyer.order())
    retry = {"orderId": order, "idempotencyKey": "mine", **CARD}
    for client in (stranger.client, admin):
        assert await client.refusal_codes("retryPayment", retry) == ["NOT_FOUND"]
        assert await client.refusal_codes("checkPayment", {"orderId": order}) == ["NOT_FOUND"]
        saved = {"paymentId": gid(payment)}
        assert await client.refusal_codes("savePaymentMethod", saved) == ["NOT_FOUND"]
    for name, given in (("retryPayment", retry), ("checkPayment", {"orderId": order})):
        assert await shop.api.mutation_failed(name, given) == ["UNAUTHENTICATED"]
    secret = f'{{ node(id: "{gid(payment)}") {{ ... on Payment {{ clientSecret redirectUrl }} }} }}'
    assert (await admin.ask(secret))["node"] == {"clientSecret": None, "redirectUrl": None}
    assert (await stranger.client.ask(secret))["node"] is None
    assert (await buyer.client.ask(secret))["node"]["clientSecret"]


async def test_a_saved_card_pays_at_once_and_is_removed(shop: PayingShop) -> None:
    buyer, payment = await shop.placed(savePaymentMethod=True)
    shop.pay(payment)
    await shop.webhooks()
    listed = "{ paymentMethods { nodes { id cardBrand last4 paymentProvider } } }"
    (saved,) = (await buyer.client.ask(listed))["paymentMethods"]["nodes"]
    assert (saved["cardBrand"], saved["last4"]) == ("visa", "4242")
    again = await buyer.client.do(
        "savePaymentMethod", {"paymentId": gid(payment)}, "paymentMethod { id }"
    )
    assert again["paymentMethod"] == {"id": saved["id"]}
    stranger = await shop.buyer()
    assert await refused(shop, stranger, paymentMethodId=saved["id"]) == ["NOT_FOUND"]
    assert (await stranger.client.ask(listed))["paymentMethods"]["nodes"] == []
    await buyer.again(shop.stall.variant)
    placed = await shop.place(buyer, paymentMethodId=saved["id"])
    assert placed["order"]["state"] == "CONFIRMED"
    assert placed["payment"]["paymentStatus"] == "SUCCEEDED"
    remove = {"paymentMethodId": saved["id"]}
    assert await stranger.client.refusal_codes("removePaymentMethod", remove) == ["NOT_FOUND"]
    assert (await buyer.client.do("removePaymentMethod", remove))["errors"] == []
    assert await buyer.client.refusal_codes("removePaymentMethod", remove) == ["NOT_FOUND"]
    await shop.work()
    async with shop.world.database.session() as session:
        customer = (await session.exec(select(PaymentCustomer))).one()
    (gateway, *_) = shop.worker.payments.values()
    assert await gateway.find_methods(customer.reference) == []


async def test_a_declined_saved_card_is_told(shop: PayingShop) -> None:
    buyer, payment = await shop.placed(savePaymentMethod=True)
    shop.pay(payment, "pm_card_authenticationRequired")
    await shop.world.save(
        method := PaymentMethod(
            user_id=buyer.user.id,
            provider=payment.provider,
            reference=DECLINED,
            customer="cus_1",
            brand="visa",
            last4="0000",
        )
    )
    given = {
        "orderId": gid(await buyer.order()),
        "idempotencyKey": "again",
        "paymentMethodId": gid(method),
        **CARD,
    }
    assert await buyer.client.refusal_codes("retryPayment", given) == ["PAYMENT_DECLINED"]
    assert (await buyer.order()).state is OrderState.PENDING


async def test_a_hold_is_extended_once_while_the_bank_decides(shop: PayingShop) -> None:
    buyer, payment = await shop.placed()
    shop.pay(payment, "pm_card_threeDSecure2Required")
    await shop.look(payment)
    placed = (await buyer.order()).created_at
    await shop.end_hold(buyer)
    begin = shop.worker.transactions.begin
    order_id = (await buyer.order()).id
    assert not await expire_order(begin, order_id)
    extended = (await buyer.order()).hold_until
    assert extended > now() + timedelta(minutes=MORE_HOLD_MINUTES - 1)
    limit = placed + timedelta(minutes=HOLD_MINUTES + MORE_HOLD_MINUTES)
    async with shop.world.database.session() as session, session.begin():
        order = await session.get_one(Order, order_id)
        order.hold_until = limit - timedelta(minutes=MORE_HOLD_MINUTES + HOLD_MINUTES)
        order.created_at = order.hold_until - timedelta(minutes=HOLD_MINUTES + 1)
    assert not await expire_order(begin, order_id)
    assert (await shop.payment(buyer)).status is PaymentStatus.CANCELLING
    await shop.work()
    assert (await buyer.order()).state is OrderState.EXPIRED
    assert shop.intent(payment)["status"] == "canceled"
    await check_invariants(shop.world.database)


async def test_no_order_outlives_its_hold_by_fifteen_minutes(shop: PayingShop) -> None:
    """Also if the provider is silent, and the job of the order was lost."""
    buyer, payment = await shop.placed()
    shop.stand_in.control(path="/v1/payment_intents", refuse_connection=1000)
    await shop.end_hold(buyer)
    await shop.run_due()
    await shop.make_silent(payment)
    await shop.run_due()
    assert (await buyer.order()).state is OrderState.EXPIRED
    assert (await shop.world.stock(shop.stall.variant)).reserved == 0
    rows = select(Order).where(col(Order.state) == OrderState.PENDING)
    async with shop.world.database.session() as session:
        assert (await session.exec(rows)).all() == []
