"""The gateway of Stripe, against the stand-in over a real socket: answers, losses, classes."""

import json

import pytest
import stripe

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
    NewRefund,
)
from gateways.payments.stripe.gateway import StripeGateway
from payments_stand_in.stripe.events import signature
from tests.gateways.payments.wanted import paid, refund_of, wanted
from tests.payment_providers import RunningStandIn


async def test_a_payment_waits_for_the_buyer_and_is_paid_in_the_browser(
    stripe_gateway: StripeGateway, stand_in: RunningStandIn
) -> None:
    new = wanted(return_url="https://shop.example/paid")
    made = await stripe_gateway.create_payment(new, key=str(new_id()))
    assert (made.status, made.captured, made.fee) == (MoneyStatus.NEEDS_METHOD, 0, None)
    assert made.client_secret
    assert made.redirect_url == f"{stand_in.url}/pay/{made.client_secret}"
    assert made.payment_id == new.payment_id
    stand_in.confirm(made.reference)
    found = await stripe_gateway.find_payment(made.reference)
    assert found.status is MoneyStatus.SUCCEEDED
    assert (found.amount, found.currency, found.captured) == (12345, "INR", 12345)
    assert found.fee == 388  # 2.9 % and 30


async def test_a_declined_card_is_told_and_another_one_works(
    stripe_gateway: StripeGateway, stand_in: RunningStandIn
) -> None:
    made = await stripe_gateway.create_payment(wanted(), key=str(new_id()))
    refused = stand_in.confirm(made.reference, "pm_card_chargeDeclinedInsufficientFunds")
    assert refused["error"]["code"] == "card_declined"
    declined = await stripe_gateway.find_payment(made.reference)
    assert (declined.status, declined.error) == (MoneyStatus.NEEDS_METHOD, "insufficient_funds")
    stand_in.confirm(made.reference, "pm_card_mastercard")
    assert (await stripe_gateway.find_payment(made.reference)).captured == 12345


async def test_a_saved_card_is_charged_without_the_buyer(
    stripe_gateway: StripeGateway, stand_in: RunningStandIn
) -> None:
    customer = await stripe_gateway.create_customer(new_id(), "buyer@haat.example", key="c")
    first = wanted(customer=customer, save_method=True)
    made = await stripe_gateway.create_payment(first, key=str(new_id()))
    stand_in.confirm(made.reference)
    (saved,) = await stripe_gateway.find_methods(customer)
    assert (saved.brand, saved.last4, saved.customer) == ("visa", "4242", customer)
    again = wanted(customer=customer, method=saved.reference, off_session=True)
    assert (await stripe_gateway.create_payment(again, key="again")).captured == again.amount
    await stripe_gateway.remove_method(saved.reference)
    await stripe_gateway.remove_method(saved.reference)
    assert await stripe_gateway.find_methods(customer) == []


async def test_a_removed_customer_leaves_nothing_but_payments(
    stripe_gateway: StripeGateway, stand_in: RunningStandIn
) -> None:
    customer = await stripe_gateway.create_customer(new_id(), "gone@haat.example", key="gone")
    made = await stripe_gateway.create_payment(
        wanted(customer=customer, save_method=True), key=str(new_id())
    )
    stand_in.confirm(made.reference)
    (saved,) = await stripe_gateway.find_methods(customer)
    await stripe_gateway.remove_customer(customer)
    assert customer not in stand_in.objects("customer")
    with pytest.raises(ObjectNotFound):
        await stripe_gateway.remove_customer(customer)
    await stripe_gateway.remove_method(saved.reference)
    part = NewRefund(new_id(), made.reference, 100, made.currency)
    assert (await stripe_gateway.refund(part, key=str(new_id()))).amount == 100


@pytest.mark.parametrize(
    ("card", "error"),
    [
        ("pm_card_chargeDeclined", "generic_decline"),
        ("pm_card_authenticationRequired", "authentication_required"),
    ],
)
async def test_a_decline_at_once_returns_the_payment(
    stripe_gateway: StripeGateway, card: str, error: str
) -> None:
    new = wanted(method=card, off_session=True)
    made = await stripe_gateway.create_payment(new, key=str(new_id()))
    assert (made.status, made.error) == (MoneyStatus.NEEDS_METHOD, error)
    assert made.payment_id == new.payment_id


async def test_a_card_that_asks_the_buyer_redirects(
    stripe_gateway: StripeGateway, stand_in: RunningStandIn
) -> None:
    new = wanted(method="pm_card_threeDSecure2Required", return_url="https://shop.example/")
    made = await stripe_gateway.create_payment(new, key=str(new_id()))
    assert made.status is MoneyStatus.NEEDS_ACTION
    assert made.redirect_url
    assert made.redirect_url.startswith(f"{stand_in.url}/3ds/{made.reference}")


async def test_a_lost_answer_charges_once(
    stripe_gateway: StripeGateway, stand_in: RunningStandIn
) -> None:
    new, before = wanted(method="pm_card_visa"), len(stand_in.objects("charge"))
    stand_in.control(lose=1)
    made = await stripe_gateway.create_payment(new, key=str(new_id()))  # the SDK tries again
    assert made.captured == new.amount
    assert len(stand_in.objects("charge")) == before + 1


async def test_no_answer_can_be_repeated_with_the_same_key(
    stripe_gateway: StripeGateway, stand_in: RunningStandIn
) -> None:
    payment = await paid(stripe_gateway)
    new = refund_of(payment)
    stand_in.control(lose=3)
    with pytest.raises(NoAnswer):
        await stripe_gateway.refund(new, key="refund-1")
    made = await stripe_gateway.refund(new, key="refund-1")
    assert await stripe_gateway.list_refunds(payment.reference) == [made]
    assert made.refund_part_id == new.refund_part_id


async def test_another_input_with_a_key_is_refused(stripe_gateway: StripeGateway) -> None:
    payment = await paid(stripe_gateway)
    await stripe_gateway.refund(refund_of(payment), key="refund-2")
    with pytest.raises(ProviderRefused, match="400 IdempotencyError"):
        await stripe_gateway.refund(refund_of(payment, 999), key="refund-2")


@pytest.mark.parametrize("fault", ["fail", "fail_after"])
async def test_a_stored_500_is_unknown_until_the_object_is_looked_for(
    stripe_gateway: StripeGateway, stand_in: RunningStandIn, fault: str
) -> None:
    payment = await paid(stripe_gateway)
    new = refund_of(payment)
    stand_in.control(**{fault: 1})
    for _ in range(2):  # the same answer comes again
        with pytest.raises(UnknownOutcome):
            await stripe_gateway.refund(new, key=f"{new.refund_part_id}-1")
    found = [
        one
        for one in await stripe_gateway.list_refunds(payment.reference)
        if one.refund_part_id == new.refund_part_id
    ]
    assert len(found) == (fault == "fail_after")


async def test_a_payment_is_found_by_our_id(
    stripe_gateway: StripeGateway, stand_in: RunningStandIn
) -> None:
    new = wanted()
    assert await stripe_gateway.search_payment(new) is None
    stand_in.control(fail_after=1)
    with pytest.raises(UnknownOutcome):
        await stripe_gateway.create_payment(new, key=str(new_id()))
    found = await stripe_gateway.search_payment(new)
    assert found
    assert found.payment_id == new.payment_id


async def test_too_many_calls_are_repeated_later(
    stripe_gateway: StripeGateway, stand_in: RunningStandIn
) -> None:
    stand_in.control(limit=1)
    with pytest.raises(NoAnswer) as raised:
        await stripe_gateway.create_payment(wanted(), key=str(new_id()))
    assert raised.value.after > 0


async def test_a_refund_above_the_payment_is_refused(stripe_gateway: StripeGateway) -> None:
    payment = await paid(stripe_gateway)
    with pytest.raises(ProviderRefused) as raised:
        await stripe_gateway.refund(refund_of(payment, 12346), key=str(new_id()))
    assert raised.value.code == "amount_too_large"
    await stripe_gateway.refund(refund_of(payment, 12345), key=str(new_id()))
    assert (await stripe_gateway.find_payment(payment.reference)).refunded == 12345
    with pytest.raises(ProviderRefused) as raised:
        await stripe_gateway.refund(refund_of(payment, 1), key=str(new_id()))
    assert raised.value.code == "charge_already_refunded"


async def test_refunds_are_pending_and_can_fail_later(
    stripe_gateway: StripeGateway, stand_in: RunningStandIn
) -> None:
    payment = await paid(stripe_gateway, "pm_card_pendingRefund")
    made = await stripe_gateway.refund(refund_of(payment), key=str(new_id()))
    assert made.status is MoneyStatus.PENDING
    stand_in.act("settle_refund", id=made.reference)
    assert (await stripe_gateway.find_refund(made.reference)).status is MoneyStatus.SUCCEEDED
    stand_in.act("fail_refund", id=made.reference)
    failed = await stripe_gateway.find_refund(made.reference)
    assert (failed.status, failed.error) == (MoneyStatus.FAILED, "expired_or_canceled_card")
    assert (await stripe_gateway.find_payment(payment.reference)).refunded == 0


async def test_a_payment_is_cancelled_unless_it_was_paid(
    stripe_gateway: StripeGateway, stand_in: RunningStandIn
) -> None:
    open_one = await stripe_gateway.create_payment(wanted(), key=str(new_id()))
    cancelled = await stripe_gateway.cancel_payment(open_one.reference, key=str(new_id()))
    assert cancelled.status is MoneyStatus.CANCELLED
    assert "error" in stand_in.confirm(open_one.reference)
    again = await stripe_gateway.cancel_payment(open_one.reference, key=str(new_id()))
    assert again.status is MoneyStatus.CANCELLED
    payment = await paid(stripe_gateway)
    kept = await stripe_gateway.cancel_payment(payment.reference, key=str(new_id()))
    assert kept.status is MoneyStatus.SUCCEEDED


async def test_disputes_take_money_and_give_it_back(
    stripe_gateway: StripeGateway, stand_in: RunningStandIn
) -> None:
    payment = await paid(stripe_gateway)
    opened = stand_in.act("dispute", id=payment.reference, reason="product_not_received")
    found = await stripe_gateway.find_dispute(opened["id"])
    assert (found.status, found.taken) == (DisputeStatus.NEEDS_RESPONSE, 12345)
    assert (found.amount, found.fee, found.reason) == (12345, 1500, "product_not_received")
    assert found.payment_reference == payment.reference
    assert found.due_at
    with pytest.raises(ProviderRefused) as raised:
        await stripe_gateway.refund(refund_of(payment), key=str(new_id()))
    assert raised.value.code == "charge_disputed"
    file = await stripe_gateway.upload_evidence(opened["id"], b"%PDF-1.7")
    large = await stripe_gateway.upload_evidence(opened["id"], b"%PDF-1.7".ljust(4_600_000))
    for refused in ("file_unknown", large):
        with pytest.raises(ProviderRefused):
            await stripe_gateway.answer_dispute(opened["id"], {"uncategorized_file": refused})
    with pytest.raises(ProviderRefused):
        await stripe_gateway.upload_evidence(opened["id"], b"It arrived.")
    evidence = {"uncategorized_text": "It arrived.", "uncategorized_file": file}
    await stripe_gateway.answer_dispute(opened["id"], evidence)
    answered = await stripe_gateway.find_dispute(opened["id"])
    assert answered.status is DisputeStatus.UNDER_REVIEW
    stand_in.act("win_dispute", id=opened["id"])
    won = await stripe_gateway.find_dispute(opened["id"])
    assert (won.status, won.taken, won.fee) == (DisputeStatus.WON, 0, 1500)


async def test_unknown_objects_are_told_apart(stripe_gateway: StripeGateway) -> None:
    with pytest.raises(ObjectNotFound):
        await stripe_gateway.find_payment("pi_none")
    with pytest.raises(ObjectNotFound):
        await stripe_gateway.find_refund("re_none")


async def test_no_server_is_no_answer() -> None:
    gateway = StripeGateway("sk_test_x", (), "http://127.0.0.1:1")
    with pytest.raises(NoAnswer):
        await gateway.find_payment("pi_1")
    await gateway.close()


async def test_webhooks_are_read_with_every_secret(stripe_gateway: StripeGateway) -> None:
    payment = {"id": "pi_1", "object": "payment_intent", "metadata": {}}
    event = {
        "id": "evt_1",
        "type": "payment_intent.succeeded",
        "created": 1,
        "data": {"object": payment},
    }
    body = json.dumps(event).encode()
    for secret in ("whsec_new", "whsec_old"):
        headers = {"stripe-signature": signature(secret, body)["Stripe-Signature"]}
        read = stripe_gateway.read_webhook(body, headers)
        assert (read.id, read.about, read.reference) == ("evt_1", EventObject.PAYMENT, "pi_1")
    with pytest.raises(InvalidWebhook):
        stripe_gateway.read_webhook(body + b" ", headers)
    with pytest.raises(InvalidWebhook):
        stripe_gateway.read_webhook(body, {})
    old = stripe.WebhookSignature.generate_signature_header(body.decode(), "whsec_new", 1)
    with pytest.raises(InvalidWebhook):
        stripe_gateway.read_webhook(body, {"stripe-signature": old})


@pytest.mark.parametrize(
    "header", ["", "=", "t=1,v1=é", "t=é,v1=1", "t,v1", f"t={'9' * 5000},v1=1"]
)
async def test_a_signature_of_any_form_is_refused(
    stripe_gateway: StripeGateway, header: str
) -> None:
    with pytest.raises(InvalidWebhook):
        stripe_gateway.read_webhook(b"{}", {"stripe-signature": header})


@pytest.mark.parametrize("kind", ["payment_intent.succeeded", "refund.updated"])
@pytest.mark.parametrize("account", [None, "acct_1"])
async def test_payments_of_vendors_own_accounts_are_not_ours(
    stripe_gateway: StripeGateway, kind: str, account: str | None
) -> None:
    event = {"id": "evt_1", "type": kind, "created": 1, "data": {"object": {"id": "of_1"}}}
    body = json.dumps(event | ({"account": account} if account else {})).encode()
    headers = {"stripe-signature": signature("whsec_new", body)["Stripe-Signature"]}
    about = stripe_gateway.read_webhook(body, headers).about
    assert (about is EventObject.OTHER) is (account is not None)
