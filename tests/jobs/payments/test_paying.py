"""Orders are paid by a provider: by webhook, by the poller, and when the buyer comes back."""

from procrastinate import App

from models.orders.states import OrderState
from models.payments.payments import PaymentStatus
from tests.factories.buying import PRICE
from tests.factories.paying import PayingShop
from tests.invariants import check_invariants
from tests.jobs.conftest import Defer


async def test_a_card_pays_for_an_order_by_the_webhook_alone(shop: PayingShop) -> None:
    buyer = await shop.buyer()
    placed = await shop.place(buyer)
    payment = await shop.payment(buyer)
    shown = placed["payment"]
    assert (shown["paymentProvider"], shown["paymentStatus"]) == ("STRIPE", "OPEN")
    assert shown["clientSecret"]
    assert shown["redirectUrl"].startswith(shop.stand_in.url)
    shop.pay(payment)
    await shop.webhooks()
    assert (await buyer.order()).state is OrderState.CONFIRMED
    payment = await shop.payment(buyer)
    assert (payment.status, payment.captured, payment.client_secret) == (
        PaymentStatus.SUCCEEDED,
        PRICE,
        None,
    )
    assert await shop.postings(payment) == [("pay", PRICE)]
    assert (await shop.told(buyer)).count("ORDER_CONFIRMED") == 1
    await check_invariants(shop.world.database)


async def test_the_poller_alone_confirms_an_order(
    shop: PayingShop, queue: App, defer: Defer
) -> None:
    """The buyer has closed the page, and no webhook comes. The job runs every two minutes."""
    periodic = queue.periodic_registry.periodic_tasks.values()
    assert "*/2 * * * *" in {one.cron for one in periodic if "look_at_payments" in one.task.name}
    shop.stand_in.control(webhooks={"drop": 100})
    buyer, payment = await shop.placed()
    shop.pay(payment)
    await shop.work()
    assert (await buyer.order()).state is OrderState.PENDING
    await shop.make_old(payment)
    await defer("look_at_payments", timestamp=0)
    await shop.work()
    assert (await buyer.order()).state is OrderState.CONFIRMED
    assert await shop.postings(payment) == [("pay", PRICE)]
