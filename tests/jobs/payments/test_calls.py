"""Calls whose answers are lost, or that fail in between: the money moves once."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from core.clock import now
from gateways.payments.errors import NoAnswer, UnknownOutcome
from models.orders.states import OrderState
from models.payments.calls import CallState, ProviderCall
from models.payments.payments import Payment, PaymentStatus
from services.payments.calls.paying import Paying
from tests.client import gid
from tests.factories.buying import Buyer
from tests.factories.paying import PayingShop
from tests.jobs.payments.new_keys import send_with_new_keys

CREATE = "/v1/payment_intents"


async def calls(shop: PayingShop, payment: Payment) -> list[ProviderCall]:
    rows = select(ProviderCall).where(ProviderCall.subject_id == payment.id)
    async with shop.world.database.session() as session:
        return list((await session.exec(rows.order_by(col(ProviderCall.attempt)))).all())


def made(shop: PayingShop, payment: Payment) -> list[str]:
    """Return the objects of the provider for a payment."""
    intents = shop.stand_in.objects("payment_intent").values()
    return [one["id"] for one in intents if one["metadata"]["payment_id"] == str(payment.id)]


async def unanswered(shop: PayingShop, **fault: int) -> tuple[Buyer, Payment]:
    """Return an order that was placed while the provider does not answer."""
    shop.stand_in.control(path=CREATE, **fault)
    buyer = await shop.buyer()
    placed = await shop.place(buyer)
    assert placed["order"]["state"] == "PENDING"
    assert placed["payment"]["paymentStatus"] == "PLANNED"
    assert placed["payment"]["clientSecret"] is None
    shop.stand_in.control(reset=True)
    return buyer, await shop.payment(buyer)


async def test_a_lost_answer_is_asked_for_with_the_same_key(shop: PayingShop) -> None:
    buyer, payment = await unanswered(shop, lose=3)
    assert len(made(shop, payment)) == 1
    await shop.run_all()
    assert (await shop.payment(buyer)).status is PaymentStatus.OPEN
    assert len(made(shop, payment)) == 1
    (call,) = await calls(shop, payment)
    assert call.state is CallState.DONE


async def test_after_an_error_the_object_is_looked_for(shop: PayingShop) -> None:
    buyer, payment = await unanswered(shop, fail_after=1)
    (call,) = await calls(shop, payment)
    assert call.is_doubtful
    await shop.run_all()
    assert (await shop.payment(buyer)).status is PaymentStatus.OPEN
    assert len(made(shop, payment)) == 1


async def test_after_an_error_without_an_object_a_new_key_is_sent(shop: PayingShop) -> None:
    buyer, payment = await unanswered(shop, fail=1)
    assert made(shop, payment) == []
    await shop.run_all()
    assert (await shop.payment(buyer)).status is PaymentStatus.OPEN
    assert len(made(shop, payment)) == 1
    states = [(one.attempt, one.state) for one in await calls(shop, payment)]
    assert states == [(1, CallState.REFUSED), (2, CallState.DONE)]


async def test_a_key_that_the_provider_may_have_forgotten_is_never_sent(shop: PayingShop) -> None:
    buyer, payment = await unanswered(shop, refuse_connection=3)
    (call,) = await calls(shop, payment)
    async with shop.world.database.session() as session, session.begin():
        old = update(ProviderCall).where(col(ProviderCall.id) == call.id)
        await session.execute(old.values(sent_at=now() - timedelta(hours=24)))
    await shop.worker.call_sender.send(call.id)
    assert made(shop, payment) == []
    assert [one.state for one in await calls(shop, payment)] == [CallState.UNKNOWN]
    await shop.worker.call_sender.send(call.id)
    assert made(shop, payment) == []
    assert (await buyer.order()).state is OrderState.PENDING


async def test_a_payment_that_is_cancelled_before_its_answer_is_not_collected(
    shop: PayingShop,
) -> None:
    buyer, payment = await unanswered(shop, lose=3)
    await shop.end_hold(buyer)
    await shop.run_due()
    assert (await buyer.order()).state is OrderState.EXPIRED
    await shop.run_all()
    (reference,) = made(shop, payment)
    assert shop.stand_in.objects("payment_intent")[reference]["status"] == "canceled"


async def test_the_sender_raises_what_its_job_tries_again(shop: PayingShop) -> None:
    _, payment = await unanswered(shop, refuse_connection=3)
    (call,) = await calls(shop, payment)
    shop.stand_in.control(path=CREATE, refuse_connection=3)
    with pytest.raises(NoAnswer):
        await shop.worker.call_sender.send(call.id)
    shop.stand_in.control(reset=True, path=CREATE, fail=1)
    with pytest.raises(UnknownOutcome):
        await shop.worker.call_sender.send(call.id)


@pytest.mark.parametrize(("is_stored", "charges"), [(True, 1), (False, 2)])
async def test_a_saved_card_is_charged_once_because_the_key_is_stored(
    shop: PayingShop, monkeypatch: pytest.MonkeyPatch, is_stored: bool, charges: int
) -> None:
    if not is_stored:
        send_with_new_keys(monkeypatch, Paying)
    buyer = await shop.buyer()
    method = await shop.save_card(buyer)
    # A webhook would settle the payment before its call is sent again.
    shop.stand_in.control(path=CREATE, lose=3, webhooks={"drop": 100})
    await shop.place(buyer, paymentMethodId=gid(method))
    shop.stand_in.control(reset=True, webhooks={"drop": 100})
    payment = (await shop.payments(buyer))[0]
    await shop.run_all()
    taken = [shop.stand_in.objects("payment_intent")[one] for one in made(shop, payment)]
    assert [one["status"] for one in taken] == ["succeeded"] * charges
    assert (await buyer.order()).state is OrderState.CONFIRMED
