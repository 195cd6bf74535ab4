"""Refunds by card: each leaves the provider once, and is settled once, whatever comes first."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from core.clock import now
from core.ids import new_id
from gateways.payments.gateway import EventObject, NewRefund
from models.payments.events import WebhookEvent, WebhookState
from models.payments.payments import PaymentProvider
from models.payments.refunds import RefundPartState, RefundState
from services.payments.events.events import apply_event
from services.refunds.polling import STUCK_DAYS, find_stuck, poll_refunds
from services.refunds.sending import Refunding
from tests.client import gid
from tests.factories.buying import PRICE
from tests.factories.paying import PayingShop
from tests.invariants import check_invariants
from tests.jobs.payments.new_keys import send_with_new_keys
from tests.jobs.payments.refunding import CardSale

STUCK = "{ refundsStuck { nodes { id state parts { id partState replaces { id } } } } }"
LONG_AGO = text("UPDATE refund_part SET checked_at = now() - interval '1 day'")
PENDING, SETTLED, FAILED = (
    RefundPartState.PENDING,
    RefundPartState.SETTLED,
    RefundPartState.FAILED,
)


async def poll(sale: CardSale) -> None:
    async with sale.shop.world.database.session() as session, session.begin():
        await session.execute(LONG_AGO)
    await poll_refunds(sale.shop.worker.transactions.begin, sale.shop.worker.payments)


async def test_a_refund_is_sent_and_settled_once(shop: PayingShop) -> None:
    sale = await CardSale.make(shop)
    await sale.cancel()
    assert (await sale.part()).part_state is RefundPartState.PLANNED
    assert (await sale.refund()).state is RefundState.GRANTED
    await shop.work()
    part = await sale.part()
    assert (part.part_state, part.amount) == (SETTLED, PRICE)
    assert (await sale.refund()).state is RefundState.SETTLED
    (sent,) = sale.sent()
    assert (sent["id"], sent["amount"]) == (part.reference, PRICE)
    for _ in range(2):
        await shop.webhooks()
        await poll(sale)
    assert await sale.postings(part.id) == ["refund"]
    assert (await shop.told(sale.buyer)).count("REFUND_SETTLED") == 1
    assert [one["id"] for one in sale.sent()] == [sent["id"]]
    await check_invariants(shop.world.database)


async def test_a_webhook_can_name_the_payment_alone(shop: PayingShop) -> None:
    """Those of Paystack do. The refunds of the payment are listed, and each settled once."""
    sale = await CardSale.make(shop)
    await sale.cancel()
    planned = await sale.part()
    assert planned.part_state is not SETTLED
    reference = sale.payment.reference or ""
    wanted = NewRefund(planned.id, reference, planned.amount, "INR")
    await shop.worker.payments[PaymentProvider.STRIPE].refund(wanted, key=str(new_id()))
    for about, state in (
        (reference, WebhookState.APPLIED),
        (reference, WebhookState.APPLIED),
        ("pi_unknown", WebhookState.UNMATCHED),
    ):
        event = WebhookEvent(
            provider=PaymentProvider.STRIPE,
            event_id=str(new_id()),
            kind="refund.processed",
            about=EventObject.PAYMENT_REFUNDS,
            object_reference=about,
            sent_at=now(),
        )
        await shop.world.save(event)
        await apply_event(shop.worker.transactions.begin, shop.worker.payments, event.id)
        assert (await shop.world.fresh(event)).state is state
    part = await sale.part()
    assert part.part_state is SETTLED
    assert await sale.postings(part.id) == ["refund"]
    await check_invariants(shop.world.database)


async def test_the_webhook_can_come_before_the_answer(shop: PayingShop) -> None:
    """The answer is lost, and the webhook knows the part by our id in it."""
    sale = await CardSale.make(shop)
    await sale.cancel()
    shop.stand_in.control(path="/v1/refunds", lose=3)
    await shop.work()
    await shop.webhooks()
    assert (await sale.part()).part_state is SETTLED
    shop.stand_in.control(reset=True)
    await shop.run_all()
    assert len(sale.sent()) == 1
    assert await sale.postings((await sale.part()).id) == ["refund"]


async def test_a_lost_answer_leaves_one_refund_at_the_provider(shop: PayingShop) -> None:
    sale = await CardSale.make(shop)
    await sale.cancel()
    shop.stand_in.control(path="/v1/refunds", lose=3, webhooks={"drop": 100})
    await shop.work()
    assert (await sale.part()).part_state is RefundPartState.SENT
    assert (await sale.refund()).state is RefundState.SETTLING
    for _ in range(3):
        await shop.run_all()
    assert len(sale.sent()) == 1
    assert (await sale.part()).part_state is SETTLED


@pytest.mark.parametrize(("is_stored", "refunds"), [(True, 1), (False, 2)])
async def test_a_part_is_refunded_once_because_the_key_is_stored(
    shop: PayingShop, monkeypatch: pytest.MonkeyPatch, is_stored: bool, refunds: int
) -> None:
    """Of a part of the price, the provider would also refund it twice. Both are sent, and lost."""
    sale = await CardSale.make(shop)
    if not is_stored:
        send_with_new_keys(monkeypatch, Refunding)
    given = {
        "orderId": gid(await sale.buyer.order()),
        "amountMinor": 1_000,
        "reason": "Sorry",
        "idempotencyKey": "one",
    }
    assert await (await sale.admin()).refusal_codes("grantOrderRefund", given) == []
    shop.stand_in.control(path="/v1/refunds", lose=3, webhooks={"drop": 100})
    await shop.work()
    shop.stand_in.control(reset=True, webhooks={"drop": 100})
    await shop.run_all()
    assert [one["amount"] for one in sale.sent()] == [1_000] * refunds
    assert (await sale.part()).part_state is SETTLED


async def test_a_stored_failure_leaves_one_refund_at_the_provider(shop: PayingShop) -> None:
    """The provider did it, and answers 500 to this key for ever: it is found by our id."""
    sale = await CardSale.make(shop)
    await sale.cancel()
    shop.stand_in.control(path="/v1/refunds", fail_after=1, webhooks={"drop": 100})
    for _ in range(3):
        await shop.run_all()
    assert len(sale.sent()) == 1
    assert (await sale.part()).part_state is SETTLED


async def test_call_webhook_and_poller_at_once_settle_one_refund(shop: PayingShop) -> None:
    """With a double click on top. Without the lock and the check, the ledger would move twice."""
    sale = await CardSale.make(shop)
    order = await sale.buyer.order()
    shop.stand_in.control(pending_refunds=True)
    clicks = ({"orderId": gid(order), "idempotencyKey": key} for key in ("one", "one", "two"))
    refused = await asyncio.gather(
        *(sale.buyer.client.refusal_codes("cancelOrder", one) for one in clicks)
    )
    assert sorted(refused) == [[], [], ["ORDER_STATE"]]
    await shop.work()
    assert (await sale.part()).part_state is PENDING
    (sent,) = sale.sent()
    shop.stand_in.act("settle_refund", id=sent["id"])
    await asyncio.gather(*(one() for _ in range(3) for one in (shop.webhooks, lambda: poll(sale))))
    part = await sale.part()
    assert part.part_state is SETTLED
    assert await sale.postings(part.id) == ["refund"]
    assert len(sale.sent()) == 1
    assert (await shop.told(sale.buyer)).count("REFUND_SETTLED") == 1
    await check_invariants(shop.world.database)


async def test_a_refund_that_comes_back_is_stuck_until_the_buyer_takes_the_wallet(
    shop: PayingShop,
) -> None:
    sale = await CardSale.make(shop)
    await sale.cancel()
    await shop.work()
    (sent,) = sale.sent()
    shop.stand_in.act("fail_refund", id=sent["id"])
    await shop.webhooks()
    part = await sale.part()
    assert (part.part_state, part.settled_at) == (FAILED, None)
    assert part.error
    refund = await sale.refund()
    assert (refund.state, refund.settled_at) == (RefundState.STUCK, None)
    assert await sale.postings(part.id) == ["refund", "refund_failed"]
    assert "REFUND_STUCK" in await shop.told(sale.buyer)
    admin = await sale.admin()
    listed = (await admin.ask(STUCK))["refundsStuck"]["nodes"]
    assert gid(refund) in [one["id"] for one in listed]
    accepting = sale.accepting(part)
    assert await shop.api.mutation_failed("acceptRefundToWallet", accepting) == ["UNAUTHENTICATED"]
    for other in (shop.api.signed_in(await shop.world.user()), admin):
        assert await other.refusal_codes("acceptRefundToWallet", accepting) == ["NOT_FOUND"]
    fields = "refund { state parts { partState paymentProvider replaces { id } } }"
    for _ in range(2):
        taken = await sale.buyer.client.do("acceptRefundToWallet", accepting, fields)
        assert taken["refund"] == {
            "state": "SETTLED",
            "parts": [
                {"partState": "FAILED", "paymentProvider": "STRIPE", "replaces": None},
                {
                    "partState": "SETTLED",
                    "paymentProvider": "WALLET",
                    "replaces": {"id": gid(part)},
                },
            ],
        }
    assert (await shop.world.wallet(sale.buyer.user))[0] == PRICE
    again = sale.accepting(part)
    assert await sale.buyer.client.refusal_codes("acceptRefundToWallet", again) == [
        "REFUND_SETTLED"
    ]
    assert await admin.refusal_codes("settleStuckRefund", sale.settling(part)) == ["REFUND_SETTLED"]
    await check_invariants(shop.world.database)


async def test_an_admin_settles_a_stuck_refund_by_bank(shop: PayingShop) -> None:
    sale = await CardSale.make(shop)
    shop.stand_in.control(pending_refunds=True)
    await sale.cancel()
    await shop.work()
    part, admin = await sale.part(), await sale.admin()
    given = sale.settling(part)
    assert await admin.refusal_codes("settleStuckRefund", given) == ["REFUND_PENDING"]
    assert await admin.refusal_codes("settleRefund", sale.settling(part)) == ["SETTLED_BY_PLATFORM"]
    shop.stand_in.act("fail_refund", id=part.reference)
    await shop.webhooks()
    assert await sale.postings(part.id) == []
    assert await shop.api.mutation_failed("settleStuckRefund", given) == ["UNAUTHENTICATED"]
    assert await sale.buyer.client.mutation_failed("settleStuckRefund", given) == ["FORBIDDEN"]
    assert await sale.buyer.client.failed(STUCK) == ["FORBIDDEN"]
    for _ in range(2):
        done = await admin.do("settleStuckRefund", given, "refund { state }")
        assert done == {"errors": [], "refund": {"state": "SETTLED"}}
    (_, other) = await sale.parts()
    assert (other.provider, other.replaces_id) == (PaymentProvider.MANUAL, part.id)
    assert await sale.postings(other.id) == ["refund"]
    await check_invariants(shop.world.database)


async def test_two_ways_at_once_pay_a_stuck_refund_once(shop: PayingShop) -> None:
    sale = await CardSale.make(shop)
    shop.stand_in.control(pending_refunds=True)
    await sale.cancel()
    await shop.work()
    part, admin = await sale.part(), await sale.admin()
    shop.stand_in.act("fail_refund", id=part.reference)
    await shop.webhooks()
    codes = await asyncio.gather(
        *(admin.refusal_codes("settleStuckRefund", sale.settling(part)) for _ in range(3)),
        *(
            sale.buyer.client.refusal_codes("acceptRefundToWallet", sale.accepting(part))
            for _ in range(3)
        ),
    )
    assert sorted(codes) == [[], *[["REFUND_SETTLED"]] * 5]
    assert len(await sale.parts()) == 2
    await check_invariants(shop.world.database)


async def test_the_buyer_can_agree_to_the_wallet_before_it_fails(shop: PayingShop) -> None:
    sale = await CardSale.make(shop)
    shop.stand_in.control(pending_refunds=True)
    await sale.cancel()
    await shop.work()
    part = await sale.part()
    accepting = sale.accepting(part)
    assert await sale.buyer.client.refusal_codes("acceptRefundToWallet", accepting) == []
    assert (await shop.world.wallet(sale.buyer.user))[0] == 0
    shop.stand_in.act("fail_refund", id=part.reference)
    for _ in range(2):
        await shop.webhooks()
    assert (await shop.world.wallet(sale.buyer.user))[0] == PRICE
    assert (await sale.refund()).state is RefundState.SETTLED
    assert "REFUND_STUCK" not in await shop.told(sale.buyer)
    await check_invariants(shop.world.database)


async def test_a_refund_that_the_provider_refuses_is_stuck(shop: PayingShop) -> None:
    """Such as one of a payment that was disputed a moment before."""
    shop.stand_in.control(webhooks={"drop": 100})
    sale = await CardSale.make(shop)
    shop.stand_in.act("dispute", id=sale.payment.reference)
    await sale.cancel()
    await shop.work()
    part = await sale.part()
    assert (part.part_state, part.error) == (FAILED, "charge_disputed")
    assert (await sale.refund()).state is RefundState.STUCK
    await check_invariants(shop.world.database)


async def test_a_pending_refund_is_found_by_the_poller_and_stuck_after_days(
    shop: PayingShop,
) -> None:
    sale = await CardSale.make(shop)
    shop.stand_in.control(pending_refunds=True, webhooks={"drop": 100})
    await sale.cancel()
    await shop.work()
    part, begin = await sale.part(), shop.worker.transactions.begin
    assert not await find_stuck(begin)
    assert (await sale.refund()).state is RefundState.SETTLING
    old = text("UPDATE refund_part SET created_at = :at WHERE id = :id")
    at = now() - timedelta(days=STUCK_DAYS, minutes=1)
    async with shop.world.database.session() as session, session.begin():
        await session.execute(old, {"at": at, "id": part.id})
    admin = await sale.admin()
    for _ in range(2):
        await find_stuck(begin)
    assert (await sale.refund()).state is RefundState.STUCK
    kinds = await admin.ask("{ viewer { notifications { nodes { kind } } } }")
    assert str(kinds).count("REFUND_NEEDS_ADMIN") == 1
    shop.stand_in.act("settle_refund", id=part.reference)
    await poll(sale)
    assert (await sale.refund()).state is RefundState.SETTLED
    await check_invariants(shop.world.database)


async def test_money_that_came_late_is_refunded_by_the_same_way(shop: PayingShop) -> None:
    """A refund of money that was never an order's has no units, and is settled alike."""
    buyer, payment = await shop.placed()
    shop.stand_in.control(path="/v1/payment_intents", refuse_connection=1000)
    await buyer.client.do("cancelOrder", {"orderId": gid(await buyer.order()),
                                          "idempotencyKey": "one"})  # fmt: skip
    await shop.make_silent(payment)
    await shop.expire(buyer)
    shop.stand_in.control(reset=True)
    shop.pay(payment)
    for _ in range(3):
        await shop.webhooks()
    sale = CardSale(shop, buyer, payment)
    assert (await sale.refund()).state is RefundState.SETTLED
    assert (await sale.refund()).reason == "LATE_PAYMENT"
    assert len(sale.sent()) == 1
    await check_invariants(shop.world.database)
