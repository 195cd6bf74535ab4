"""One confirmation, by whichever doors the news comes in, at once and any number of times."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from app import create_app
from core.settings import Settings
from models.orders.states import OrderState
from models.orders.timeline import OrderStep, OrderStepKind
from models.payments.events import WebhookEvent, WebhookState
from models.payments.payments import Payment, PaymentProvider
from models.stock.levels import MovementKind, StockMovement
from payments_stand_in.state import WEBHOOK_SECRET
from payments_stand_in.store import visible
from payments_stand_in.stripe.events import signature
from services.payments.events.events import apply_event, catch_up
from tests.client import gid
from tests.factories.buying import Buyer
from tests.factories.paying import PayingShop
from tests.invariants import check_invariants
from tests.invariants.ledger import check_books
from tests.processes import free_port
from tests.threads import served

ORDERS = 4  # at once
ROUNDS = int(os.environ.get("DOOR_ROUNDS", "1"))


async def look(shop: PayingShop, payment: Payment) -> None:
    """Look as the poller does, which tries again after a lock that took too long."""
    for _ in range(3):
        with suppress(DBAPIError):
            await shop.look(payment)
            return


@pytest.mark.parametrize("round_", range(ROUNDS))
async def test_return_webhooks_and_poller_at_once_confirm_once(
    shop: PayingShop, server_url: str, round_: int
) -> None:
    shop.stand_in.control(webhooks={"held": True})
    placed = [await shop.placed() for _ in range(ORDERS)]
    for _, payment in placed:
        shop.pay(payment)
    events = shop.stand_in.objects("event").values()
    references = {payment.reference for _, payment in placed}
    bodies = [
        one
        for one in events
        if one["type"] == "payment_intent.succeeded" and one["data"]["object"]["id"] in references
    ]
    assert len(bodies) == ORDERS
    async with httpx.AsyncClient(base_url=server_url, trust_env=False, timeout=60) as http:

        async def webhook(event: dict[str, object]) -> None:
            body = json.dumps(visible(event)).encode()
            answer = await http.post(
                "/webhooks/stripe", content=body, headers=signature(WEBHOOK_SECRET, body)
            )
            assert answer.status_code == 200

        async def check(buyer: Buyer, order_id: str) -> None:
            await buyer.client.do("checkPayment", {"orderId": order_id}, "order { state }")

        doors = [webhook(one) for one in bodies for _ in range(2)]
        doors += [look(shop, payment) for _, payment in placed for _ in range(2)]
        doors += [check(buyer, gid(await buyer.order())) for buyer, _ in placed]
        await asyncio.gather(*doors)
    await shop.work()
    for buyer, _ in placed:
        assert (await buyer.order()).state is OrderState.CONFIRMED
        assert await shop.refunds(buyer) == []
    async with shop.world.database.session() as session:
        steps = (await session.exec(select(OrderStep.order_id, OrderStep.kind))).all()
        moved = (await session.exec(select(StockMovement.kind))).all()
    confirmed = [one for one, kind in steps if kind is OrderStepKind.CONFIRMED]
    assert Counter(Counter(confirmed).values()) == {1: ORDERS}
    assert Counter(moved)[MovementKind.SOLD] == ORDERS
    await check_invariants(shop.world.database)


@pytest.fixture(scope="module")
def second_url(paying_settings: Settings) -> Iterator[str]:
    """Serve the same database by a second app."""
    port = free_port()
    with served(create_app(paying_settings), port):
        yield f"http://127.0.0.1:{port}"


async def test_one_event_ten_times_is_one_row_one_step_and_one_notice(
    shop: PayingShop, server_url: str, second_url: str
) -> None:
    """Ten deliveries of it to two servers at once, which ten workers apply at once."""
    shop.stand_in.control(webhooks={"held": True})
    buyer, payment = await shop.placed()
    shop.pay(payment)
    events = shop.stand_in.objects("event").values()
    (event,) = [
        one
        for one in events
        if one["type"] == "payment_intent.succeeded"
        and one["data"]["object"]["id"] == payment.reference
    ]
    body = json.dumps(visible(event)).encode()
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        answers = await asyncio.gather(
            *(
                http.post(
                    f"{url}/webhooks/stripe",
                    content=body,
                    headers=signature(WEBHOOK_SECRET, body),
                )
                for _ in range(5)
                for url in (server_url, second_url)
            )
        )
    assert {one.status_code for one in answers} == {200}
    rows = select(WebhookEvent).where(WebhookEvent.event_id == event["id"])
    async with shop.world.database.session() as session:
        (row,) = (await session.exec(rows)).all()
    assert row.state is WebhookState.RECEIVED
    begin = shop.worker.transactions.begin
    await asyncio.gather(
        *(apply_event(begin, shop.worker.payments, row.id) for _ in range(10)),
        return_exceptions=True,  # a lock that took too long: the job would run again
    )
    await shop.run_all()
    assert (await shop.world.fresh(row)).state is WebhookState.APPLIED
    assert (await shop.told(buyer)).count("ORDER_CONFIRMED") == 1
    assert await shop.postings(payment) == [("pay", payment.amount)]
    async with shop.world.database.session() as session:
        steps = (await session.exec(select(OrderStep.kind))).all()
        moved = (await session.exec(select(StockMovement.kind))).all()
    assert Counter(steps)[OrderStepKind.CONFIRMED] == 1
    assert Counter(moved)[MovementKind.SOLD] == 1
    await check_books(shop.world.database)


async def test_events_that_were_missed_are_caught_up(shop: PayingShop) -> None:
    shop.stand_in.control(webhooks={"drop": 1000})
    buyer, payment = await shop.placed()
    shop.pay(payment)
    provider = PaymentProvider.STRIPE
    begin, gateway = shop.worker.transactions.begin, shop.worker.payments[provider]
    assert await catch_up(begin, provider, gateway) > 0
    await shop.work()
    assert (await buyer.order()).state is OrderState.CONFIRMED
    assert await catch_up(begin, provider, gateway) == 0
