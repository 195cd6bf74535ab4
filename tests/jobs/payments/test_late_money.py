"""Money that comes late, twice or in a wrong amount: it goes back without a person."""

from datetime import timedelta

from sqlalchemy import update
from sqlmodel import col

from core.clock import now
from models.orders.states import OrderState
from models.payments.payments import Payment, PaymentStatus
from models.stock.levels import Stock
from tests.client import gid
from tests.factories.buying import PRICE, Buyer
from tests.factories.paying import CARD, FIELDS, PayingShop
from tests.invariants import check_invariants
from tests.invariants.ledger import check_books

THREE_D = "pm_card_threeDSecure2Required"
RETURNED = [("pay", PRICE), ("return", PRICE)]


async def expired_unanswered(shop: PayingShop) -> tuple[Buyer, Payment]:
    """Return a buyer whose order expired while the provider was silent for ten minutes."""
    buyer, payment = await shop.placed()
    shop.stand_in.control(path="/v1/payment_intents", refuse_connection=1000)
    await shop.end_hold(buyer)
    await shop.run_due()
    assert (await buyer.order()).state is OrderState.PENDING
    assert (await shop.payment(buyer)).status is PaymentStatus.CANCELLING
    await shop.make_silent(payment)
    await shop.expire(buyer)
    assert (await buyer.order()).state is OrderState.EXPIRED
    shop.stand_in.control(reset=True)
    return buyer, payment


async def test_an_order_that_expired_takes_its_units_again(shop: PayingShop) -> None:
    buyer, payment = await expired_unanswered(shop)
    shop.pay(payment)
    await shop.webhooks()
    assert (await buyer.order()).state is OrderState.CONFIRMED
    assert await shop.refunds(buyer) == []
    stock = await shop.world.stock(shop.stall.variant)
    assert (stock.on_hand, stock.reserved) == (9, 0)
    await check_invariants(shop.world.database)


async def test_money_for_what_is_sold_out_goes_back(shop: PayingShop) -> None:
    buyer, payment = await expired_unanswered(shop)
    async with shop.world.database.session() as session, session.begin():
        sold = update(Stock).where(col(Stock.variant_id) == shop.stall.variant.id)
        await session.execute(sold.values(on_hand=0))
    shop.pay(payment)
    await shop.webhooks()
    assert (await buyer.order()).state is OrderState.EXPIRED
    assert await shop.refunds(buyer) == [("LATE_PAYMENT", PRICE, "STRIPE")]
    assert await shop.postings(payment) == RETURNED
    assert "PAYMENT_RETURNED" in await shop.told(buyer)
    paid = await shop.payment(buyer)
    assert (paid.status, paid.captured, paid.refunded) == (PaymentStatus.SUCCEEDED, PRICE, PRICE)
    async with shop.world.database.session() as session, session.begin():
        await session.execute(update(Payment).values(ended_at=now() - timedelta(minutes=16)))
    await check_books(shop.world.database)  # which finds money that nothing explains


async def test_cancelled_during_confirmation_by_the_bank_and_paid_then(shop: PayingShop) -> None:
    buyer, payment = await shop.placed()
    shop.pay(payment, THREE_D)
    await shop.look(payment)
    assert (await shop.payment(buyer)).status is PaymentStatus.ACTION
    shop.stand_in.control(path="/v1/payment_intents", refuse_connection=1000)
    order = await buyer.order()
    given = {"orderId": gid(order), "idempotencyKey": "cancel"}
    cancelled = await buyer.client.do("cancelOrder", given, "order { state }")
    assert cancelled == {"errors": [], "order": {"state": "CANCELLED"}}
    shop.stand_in.control(reset=True)
    shop.stand_in.act("authenticate", id=payment.reference)
    for _ in range(2):
        await shop.webhooks()
        await shop.look(payment)
        await shop.run_all()
    assert (await buyer.order()).state is OrderState.CANCELLED
    assert await shop.refunds(buyer) == [("LATE_PAYMENT", PRICE, "STRIPE")]
    assert await shop.postings(payment) == RETURNED
    refunds = shop.stand_in.objects("refund").values()
    mine = [one["amount"] for one in refunds if one["payment_intent"] == payment.reference]
    assert mine == [PRICE]


async def test_cancelling_an_order_cancels_its_payment_first(shop: PayingShop) -> None:
    buyer, payment = await shop.placed()
    given = {"orderId": gid(await buyer.order()), "idempotencyKey": "cancel"}
    assert (await buyer.client.do("cancelOrder", given, "order { state }"))["errors"] == []
    assert (await buyer.order()).state is OrderState.CANCELLED
    assert (await shop.payment(buyer)).status is PaymentStatus.CANCELLED
    assert shop.intent(payment)["status"] == "canceled"
    assert "error" in shop.pay(payment)


async def test_an_order_that_was_paid_while_it_is_cancelled_is_refunded(shop: PayingShop) -> None:
    shop.stand_in.control(webhooks={"drop": 100})
    buyer, payment = await shop.placed()
    shop.pay(payment)
    given = {"orderId": gid(await buyer.order()), "idempotencyKey": "cancel"}
    assert (await buyer.client.do("cancelOrder", given, "order { state }"))["errors"] == []
    assert (await buyer.order()).state is OrderState.CANCELLED
    assert await shop.refunds(buyer) == [("CANCELLED", PRICE, "STRIPE")]
    await check_invariants(shop.world.database)


async def test_the_own_order_is_cancelled_at_the_provider_before_another_one(
    shop: PayingShop,
) -> None:
    buyer, first = await shop.placed()
    await buyer.again(shop.stall.variant, quantity=10)
    placed = await buyer.client.do("placeOrder", buyer.input(10 * PRICE, **CARD), FIELDS)
    assert placed["errors"] == []
    assert shop.intent(first)["status"] == "canceled"
    states = [one.state for one in await buyer.orders()]
    assert states == [OrderState.CANCELLED, OrderState.PENDING]
    stock = await shop.world.stock(shop.stall.variant)
    assert (stock.on_hand, stock.reserved) == (10, 10)


async def test_the_late_success_of_an_own_former_order_goes_back(shop: PayingShop) -> None:
    buyer, first = await shop.placed()
    shop.stand_in.control(path=f"/v1/payment_intents/{first.reference}", refuse_connection=1000)
    await buyer.again(shop.stall.variant, quantity=10)
    placed = await buyer.client.do("placeOrder", buyer.input(10 * PRICE, **CARD), FIELDS)
    assert placed["errors"] == []
    shop.stand_in.control(reset=True)
    shop.pay(first)
    second = await shop.payment(buyer)
    shop.pay(second)
    await shop.webhooks()
    states = [one.state for one in await buyer.orders()]
    assert states == [OrderState.CANCELLED, OrderState.CONFIRMED]
    assert await shop.refunds(buyer) == [("LATE_PAYMENT", PRICE, "STRIPE")]
    assert (await shop.world.stock(shop.stall.variant)).on_hand == 0
    await check_invariants(shop.world.database)


async def test_the_second_payment_of_an_order_goes_back(shop: PayingShop) -> None:
    buyer, first = await shop.placed()
    shop.stand_in.control(path=f"/v1/payment_intents/{first.reference}", refuse_connection=1000)
    order = await buyer.order()
    retried = {"orderId": gid(order), "idempotencyKey": "again", **CARD}
    refused = await buyer.client.refusal_codes("retryPayment", retried)
    assert refused == ["PAYMENT_IN_PROGRESS"]
    await shop.make_ended(first)  # as if the provider had answered
    shop.stand_in.control(reset=True)
    assert (await buyer.client.do("retryPayment", retried, FIELDS))["errors"] == []
    second = await shop.payment(buyer)
    assert (second.attempt, second.id != first.id) == (2, True)
    shop.pay(first)
    shop.pay(second)
    await shop.webhooks()
    assert (await buyer.order()).state is OrderState.CONFIRMED
    assert [one[0] for one in await shop.refunds(buyer)] == ["PAID_TWICE"]
    assert shop.taken(await shop.payments(buyer)) == 2 * PRICE
    await check_invariants(shop.world.database)


async def test_a_wrong_amount_never_confirms(shop: PayingShop) -> None:
    buyer, payment = await shop.placed()
    shop.intent(payment)["amount"] = 50_00
    shop.pay(payment)
    await shop.webhooks()
    assert (await buyer.order()).state is OrderState.PENDING
    assert await shop.refunds(buyer) == [("WRONG_AMOUNT", 50_00, "STRIPE")]
    retried = {"orderId": gid(await buyer.order()), "idempotencyKey": "again", **CARD}
    assert (await buyer.client.do("retryPayment", retried, FIELDS))["errors"] == []
    shop.pay(await shop.payment(buyer))
    await shop.webhooks()
    assert (await buyer.order()).state is OrderState.CONFIRMED
    await check_invariants(shop.world.database)


async def test_money_for_another_order_never_confirms(shop: PayingShop) -> None:
    """A cheap cart must not pay for a dear order: the id is compared, too."""
    buyer, payment = await shop.placed()
    _, other = await shop.placed()
    shop.intent(payment)["metadata"]["payment_id"] = str(other.id)
    shop.pay(payment)
    await shop.webhooks()
    assert (await buyer.order()).state is OrderState.PENDING
    assert await shop.refunds(buyer) == [("WRONG_AMOUNT", PRICE, "STRIPE")]
    assert (await shop.world.fresh(other)).status is PaymentStatus.OPEN
