"""The gateway of Paystack, against the stand-in: losses, declines, payouts, disputes, webhooks."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from core.clock import now
from core.ids import new_id
from gateways.payments.errors import (
    InvalidWebhook,
    NoAnswer,
    ObjectNotFound,
    ProviderRefused,
    UnknownOutcome,
)
from gateways.payments.gateway import (
    DisputeStatus,
    EventObject,
    MoneyStatus,
    NewPayment,
    NewPayout,
    NewPayoutAccount,
    NewRefund,
    ProviderPayment,
)
from gateways.payments.paystack.gateway import PaystackGateway
from payments_stand_in.paystack.webhooks import signature
from payments_stand_in.state import SECRET_KEY
from tests.payment_providers import RunningStandIn


def wanted(email: str = "buyer@haat.example", **given: object) -> NewPayment:
    fields = {"amount": 1_000_000, "currency": "NGN", "description": "Order 1", "email": email}
    return NewPayment(new_id(), **{**fields, **given})  # type: ignore[arg-type]


async def paid(gateway: PaystackGateway, stand_in: RunningStandIn) -> ProviderPayment:
    made = await gateway.create_payment(wanted(), key=str(new_id()))
    stand_in.act("pay_transaction", id=made.reference)
    return await gateway.find_payment(made.reference)


async def account(gateway: PaystackGateway) -> str:
    new = NewPayoutAccount(new_id(), "NG", "NGN", "Vendor", "057", str(new_id().int)[:10])
    made = await gateway.create_account(new, key="unused")
    assert made.can_receive
    assert made.last4 == (new.account_number or "")[-4:]
    assert (await gateway.create_account(new, key="unused")).reference == made.reference
    assert await gateway.find_account(made.reference) == made
    return made.reference


async def test_a_buyer_pays_on_the_page(
    paystack_gateway: PaystackGateway, stand_in: RunningStandIn
) -> None:
    made = await paystack_gateway.create_payment(wanted(), key="a-key-of-paystack")
    assert made.redirect_url
    assert made.redirect_url.startswith(f"{stand_in.url}/paystack/checkout/")
    stand_in.act("pay_transaction", id=made.reference)
    found = await paystack_gateway.find_payment(made.reference)
    assert (found.status, found.captured) == (MoneyStatus.SUCCEEDED, 1_000_000)
    assert found.fee == 25_000  # 1.5 % and 100 naira


async def test_a_declined_card_fails_the_payment(
    paystack_gateway: PaystackGateway, stand_in: RunningStandIn
) -> None:
    made = await paystack_gateway.create_payment(wanted(), key=str(new_id()))
    stand_in.act("pay_transaction", id=made.reference, card="4084080000005408")
    found = await paystack_gateway.find_payment(made.reference)
    assert (found.status, found.error, found.captured) == (MoneyStatus.FAILED, "Declined", 0)


async def test_a_saved_card_is_charged_again(
    paystack_gateway: PaystackGateway, stand_in: RunningStandIn
) -> None:
    email = f"{new_id()}@haat.example"
    customer = await paystack_gateway.create_customer(new_id(), email, key="unused")
    made = await paystack_gateway.create_payment(wanted(email), key=str(new_id()))
    stand_in.act("pay_transaction", id=made.reference)
    (saved,) = await paystack_gateway.find_methods(customer)
    assert (saved.brand, saved.last4, saved.expires_year) == ("visa", "4081", 2034)
    new = wanted(customer=customer, method=saved.reference, off_session=True)
    stand_in.control(lose=1)
    with pytest.raises(NoAnswer):
        await paystack_gateway.create_payment(new, key="charged-again")
    again = await paystack_gateway.create_payment(new, key="charged-again")
    assert (again.status, again.captured) == (MoneyStatus.SUCCEEDED, new.amount)
    await paystack_gateway.remove_customer(customer)
    assert await paystack_gateway.find_methods(customer) == []
    await paystack_gateway.remove_method(saved.reference)
    with pytest.raises(ProviderRefused):
        await paystack_gateway.create_payment(new, key=str(new_id()))


async def test_a_charge_that_the_bank_pauses_waits_for_the_buyer(
    paystack_gateway: PaystackGateway, stand_in: RunningStandIn
) -> None:
    email = f"challenged-{new_id()}@haat.example"
    customer = await paystack_gateway.create_customer(new_id(), email, key="unused")
    made = await paystack_gateway.create_payment(wanted(email), key=str(new_id()))
    stand_in.act("pay_transaction", id=made.reference)
    (saved,) = await paystack_gateway.find_methods(customer)
    new = wanted(customer=customer, method=saved.reference)
    paused = await paystack_gateway.create_payment(new, key=str(new_id()))
    assert (paused.status, paused.captured) == (MoneyStatus.NEEDS_ACTION, 0)
    assert paused.redirect_url
    found = await paystack_gateway.find_payment(paused.reference)
    assert (found.redirect_url, found.keeps_page) == (None, True)
    stand_in.act("pay_transaction", id=paused.reference)
    found = await paystack_gateway.find_payment(paused.reference)
    assert (found.status, found.keeps_page) == (MoneyStatus.SUCCEEDED, False)
    # The buyer does not see the page of a charge off session, or of an answer that was lost.
    alone = replace(new, payment_id=new_id(), off_session=True)
    failed = await paystack_gateway.create_payment(alone, key=str(new_id()))
    assert (failed.status, failed.error) == (MoneyStatus.FAILED, "authentication_required")
    stand_in.control(lose=1)
    lost = replace(new, payment_id=new_id())
    with pytest.raises(NoAnswer):
        await paystack_gateway.create_payment(lost, key="lost-page-of-a-charge")
    failed = await paystack_gateway.create_payment(lost, key="lost-page-of-a-charge")
    assert (failed.status, failed.error) == (MoneyStatus.FAILED, "authentication_required")


async def test_a_lost_page_is_made_again(
    paystack_gateway: PaystackGateway, stand_in: RunningStandIn
) -> None:
    new, key = wanted(), str(new_id())
    stand_in.control(lose=1)
    with pytest.raises(NoAnswer):
        await paystack_gateway.create_payment(new, key=key)
    made = await paystack_gateway.create_payment(new, key=key)
    assert made.redirect_url
    assert made.payment_id == new.payment_id
    found = await paystack_gateway.search_payment(new)
    assert found
    assert found.payment_id == new.payment_id


async def test_a_refund_whose_answer_is_lost_is_made_once(
    paystack_gateway: PaystackGateway, stand_in: RunningStandIn
) -> None:
    payment = await paid(paystack_gateway, stand_in)
    part = NewRefund(new_id(), payment.reference, 400_000, "NGN")
    stand_in.control(lose=1, pending_refunds=True)
    with pytest.raises(NoAnswer):
        await paystack_gateway.refund(part, key="unused")
    stand_in.control(fail=1)
    other = NewRefund(new_id(), payment.reference, 100_000, "NGN")
    with pytest.raises(UnknownOutcome):
        await paystack_gateway.refund(other, key="unused")
    made = await paystack_gateway.refund(part, key="unused")
    assert made.status is MoneyStatus.PENDING
    assert await paystack_gateway.list_refunds(payment.reference) == [made]
    stand_in.act("fail_refund", id=made.reference)
    assert (await paystack_gateway.find_refund(made.reference)).status is MoneyStatus.FAILED


async def test_a_transfer_is_paid_once_and_can_come_back(
    paystack_gateway: PaystackGateway, stand_in: RunningStandIn
) -> None:
    stand_in.control(automatic_payouts=False)
    await paid(paystack_gateway, stand_in)
    new = NewPayout(new_id(), await account(paystack_gateway), 500_000, "NGN", "Payout 1")
    before = (await paystack_gateway.balances())["NGN"].available
    assert await paystack_gateway.search_payout(new) is None
    stand_in.control(lose=1)
    with pytest.raises(NoAnswer):
        await paystack_gateway.pay_out(new, key="unused")
    made = await paystack_gateway.pay_out(new, key="unused")
    assert (made.status, made.payout_id) == (MoneyStatus.PENDING, new.payout_id)
    assert await paystack_gateway.search_payout(new) == made
    assert (await paystack_gateway.balances())["NGN"].available == before - 501_000
    stand_in.act("pay_payout", id=made.reference)
    assert (await paystack_gateway.find_payout(made.reference)).status is MoneyStatus.SUCCEEDED
    stand_in.act("fail_payout", id=made.reference)
    assert (await paystack_gateway.find_payout(made.reference)).status is MoneyStatus.FAILED
    assert (await paystack_gateway.balances())["NGN"].available == before


async def test_transfers_that_ask_for_a_password_are_refused(
    paystack_gateway: PaystackGateway, stand_in: RunningStandIn
) -> None:
    await paid(paystack_gateway, stand_in)
    new = NewPayout(new_id(), await account(paystack_gateway), 500_000, "NGN", "Payout 1")
    stand_in.control(transfer_otp=True)
    with pytest.raises(ProviderRefused) as raised:
        await paystack_gateway.pay_out(new, key="unused")
    assert raised.value.code == "otp"


async def test_a_file_that_the_storage_does_not_take_is_sent_again(
    paystack_gateway: PaystackGateway, stand_in: RunningStandIn
) -> None:
    payment = await paid(paystack_gateway, stand_in)
    reference = str(stand_in.act("dispute", id=payment.reference)["id"])
    stand_in.control(path="/paystack_files", fail=1)
    with pytest.raises(NoAnswer):
        await paystack_gateway.upload_evidence(reference, b"%PDF-1.7")
    first = await paystack_gateway.upload_evidence(reference, b"%PDF-1.7")
    assert await paystack_gateway.upload_evidence(reference, b"%PDF-1.7") != first
    with pytest.raises(ObjectNotFound):
        await paystack_gateway.upload_evidence("0", b"%PDF-1.7")


async def test_a_dispute_is_declined_with_evidence(
    paystack_gateway: PaystackGateway, stand_in: RunningStandIn
) -> None:
    payment = await paid(paystack_gateway, stand_in)
    opened = stand_in.act("dispute", id=payment.reference)
    reference = str(opened["id"])
    found = await paystack_gateway.find_dispute(reference)
    assert (found.status, found.taken) == (DisputeStatus.NEEDS_RESPONSE, 0)
    assert found.payment_reference == payment.reference
    assert found.due_at
    name = await paystack_gateway.upload_evidence(reference, b"%PDF-1.7")
    with pytest.raises(ProviderRefused):  # a file that was never uploaded
        await paystack_gateway.answer_dispute(
            reference, {"service_details": "Delivered.", "uploaded_filename": "unknown"}
        )
    evidence = {"service_details": "Delivered.", "uploaded_filename": name}
    await paystack_gateway.answer_dispute(reference, evidence)
    assert (await paystack_gateway.find_dispute(reference)).status is DisputeStatus.UNDER_REVIEW
    stand_in.act("lose_dispute", id=reference)
    lost = await paystack_gateway.find_dispute(reference)
    assert (lost.status, lost.taken) == (DisputeStatus.LOST, payment.amount)


async def test_settlements_stand_in_the_books(
    paystack_gateway: PaystackGateway, stand_in: RunningStandIn
) -> None:
    await paid(paystack_gateway, stand_in)
    settled = stand_in.act("settle", currency="NGN")
    since = now() - timedelta(minutes=1)
    kinds = {one.kind: one async for one in paystack_gateway.transactions(since=since)}
    assert kinds["PAYOUT"].source == str(settled["id"])
    assert kinds["PAYOUT"].amount < 0


async def test_other_currencies_and_buyers_without_an_address_are_refused(
    paystack_gateway: PaystackGateway,
) -> None:
    with pytest.raises(ProviderRefused, match="INR"):
        await paystack_gateway.create_payment(wanted(currency="INR"), key="k")
    with pytest.raises(ProviderRefused) as raised:
        await paystack_gateway.create_payment(wanted(email=""), key="k")
    assert raised.value.code == "email_required"
    with pytest.raises(ObjectNotFound):
        await paystack_gateway.find_payout("none")


@pytest.mark.parametrize(
    ("kind", "data", "about", "reference"),
    [
        ("charge.success", {"reference": "r1"}, EventObject.PAYMENT, "r1"),
        ("charge.dispute.create", {"id": 7}, EventObject.DISPUTE, "7"),
        ("charge.dispute.remind", {"id": 7}, EventObject.DISPUTE, "7"),
        ("charge.dispute.resolve", {"id": 7}, EventObject.DISPUTE, "7"),
        (
            "refund.processed",
            {"transaction_reference": "r1"},
            EventObject.PAYMENT_REFUNDS,
            "r1",
        ),
        ("transfer.reversed", {"reference": "t1"}, EventObject.PAYOUT, "t1"),
        ("subscription.create", {"id": 1}, EventObject.OTHER, "1"),
    ],
)
async def test_webhooks_are_read(
    paystack_gateway: PaystackGateway,
    kind: str,
    data: dict[str, object],
    about: EventObject,
    reference: str,
) -> None:
    body = json.dumps({"event": kind, "data": data}).encode()
    headers = signature(SECRET_KEY, body)
    read = paystack_gateway.read_webhook(body, headers)
    assert (read.kind, read.about, read.reference) == (kind, about, reference)
    assert read.id == paystack_gateway.read_webhook(body, headers).id
    with pytest.raises(InvalidWebhook):
        paystack_gateway.read_webhook(body + b" ", headers)
    with pytest.raises(InvalidWebhook):
        paystack_gateway.read_webhook(body, signature("sk_test_other", body))


async def test_no_server_is_no_answer() -> None:
    gateway = PaystackGateway(SECRET_KEY, "http://127.0.0.1:1")
    for _ in range(4):  # then the circuit is open
        with pytest.raises(NoAnswer):
            await gateway.find_payment("r1")
    await gateway.close()
