"""The contract of every gateway of payments, with the stand-in and, by `make test-live`, really.

LIVE_PAYMENTS=1 runs these tests with the test mode of the providers themselves, whose keys are in
STRIPE_TEST_SECRET_KEY and PAYSTACK_TEST_SECRET_KEY.
"""

from datetime import timedelta

import pytest

from core.clock import now
from core.ids import new_id
from gateways.payments.errors import NoAnswer, ObjectNotFound, ProviderRefused
from gateways.payments.gateway import DisputeStatus, MoneyStatus, NewRefund
from tests.gateways.payments.providers import Provider


async def test_a_new_payment_waits_for_the_buyer(provider: Provider) -> None:
    wanted = provider.wanted(return_url="https://shop.example/paid")
    made = await provider.gateway.create_payment(wanted, key=str(wanted.payment_id))
    assert (made.status, made.captured, made.refunded) == (MoneyStatus.NEEDS_METHOD, 0, 0)
    assert (made.amount, made.currency) == (wanted.amount, wanted.currency)
    assert made.payment_id == wanted.payment_id
    assert made.client_secret or made.redirect_url
    found = await provider.gateway.find_payment(made.reference)
    assert (found.reference, found.status) == (made.reference, made.status)


async def test_a_paid_payment_has_its_money_and_fee(provider: Provider) -> None:
    payment_id = new_id()
    made = await provider.paid(payment_id)
    assert (made.status, made.captured) == (MoneyStatus.SUCCEEDED, made.amount)
    found = await provider.gateway.find_payment(made.reference)
    assert (found.status, found.captured) == (MoneyStatus.SUCCEEDED, made.amount)
    assert found.payment_id == payment_id
    assert found.fee is None or 0 < found.fee < found.amount


async def test_a_card_has_one_fingerprint(provider: Provider) -> None:
    first, second = [await provider.paid(new_id()) for _ in range(2)]
    found = await provider.gateway.find_payment(first.reference)
    assert found.card
    assert (first.card, second.card) == (found.card, found.card)
    wanted = provider.wanted()
    made = await provider.gateway.create_payment(wanted, key=str(wanted.payment_id))
    assert made.card is None, "it was not paid"


async def test_the_same_key_charges_once(provider: Provider) -> None:
    payment_id = new_id()
    first = await provider.paid(payment_id)
    again = await provider.paid(payment_id)
    assert (first.reference, first.captured) == (again.reference, again.captured)


async def test_the_same_key_makes_one_payment_to_pay(provider: Provider) -> None:
    wanted, key = provider.wanted(), str(new_id())
    first = await provider.gateway.create_payment(wanted, key=key)
    again = await provider.gateway.create_payment(wanted, key=key)
    assert first.payment_id == again.payment_id
    assert again.client_secret or again.redirect_url


async def test_a_payment_is_found_by_our_id(provider: Provider) -> None:
    wanted = provider.wanted()
    assert await provider.gateway.search_payment(wanted) is None
    made = await provider.gateway.create_payment(wanted, key=str(wanted.payment_id))
    found = await provider.gateway.search_payment(wanted)
    assert found
    assert found.reference == made.reference


async def test_refunds_are_partial_and_end_at_what_was_paid(provider: Provider) -> None:
    payment, gateway = await provider.paid(new_id()), provider.gateway
    first, rest = part_of(payment.reference, provider, 20_000), payment.amount - 20_000
    made = await gateway.refund(first, key=str(new_id()))
    assert made.status in {MoneyStatus.PENDING, MoneyStatus.SUCCEEDED}
    assert (made.amount, made.currency) == (first.amount, first.currency)
    assert made.refund_part_id == first.refund_part_id
    assert (await gateway.find_refund(made.reference)).payment_reference == payment.reference
    with pytest.raises(ProviderRefused):
        await gateway.refund(part_of(payment.reference, provider, rest + 100), key=str(new_id()))
    await gateway.refund(part_of(payment.reference, provider, rest), key=str(new_id()))
    refunds = await gateway.list_refunds(payment.reference)
    assert sum(one.amount for one in refunds) == payment.amount


async def test_the_same_refund_moves_money_once(provider: Provider) -> None:
    payment, gateway = await provider.paid(new_id()), provider.gateway
    part, key = part_of(payment.reference, provider, 20_000), str(new_id())
    first = await gateway.refund(part, key=key)
    again = await gateway.refund(part, key=key)
    assert first.reference == again.reference
    assert len(await gateway.list_refunds(payment.reference)) == 1


async def test_an_unpaid_payment_is_cancelled_and_a_paid_one_is_not(provider: Provider) -> None:
    wanted = provider.wanted()
    made = await provider.gateway.create_payment(wanted, key=str(wanted.payment_id))
    cancelled = await provider.gateway.cancel_payment(made.reference, key=str(new_id()))
    assert cancelled.status is MoneyStatus.CANCELLED
    payment = await provider.paid(new_id())
    kept = await provider.gateway.cancel_payment(payment.reference, key=str(new_id()))
    assert kept.status is MoneyStatus.SUCCEEDED


async def test_customers_begin_without_methods(provider: Provider) -> None:
    address = f"{new_id()}@haat.example"
    customer = await provider.gateway.create_customer(new_id(), address, key=str(new_id()))
    assert list(await provider.gateway.find_methods(customer)) == []


async def test_balances_and_books_can_be_read(provider: Provider) -> None:
    since = now() - timedelta(minutes=1)
    payment = await provider.paid(new_id())
    assert isinstance(await provider.gateway.balances(), dict)
    async for line in provider.gateway.transactions(since=since):
        if line.source == payment.reference and line.kind == "PAYMENT":
            assert (line.amount, line.net) == (payment.amount, payment.amount - line.fee)
            return
    raise AssertionError("The books lack the payment.")


async def test_a_dispute_is_answered_and_lost(provider: Provider) -> None:
    gateway, since = provider.gateway, now() - timedelta(minutes=1)
    payment, reference = await provider.disputed()
    found = await gateway.find_dispute(reference)
    assert (found.status, found.is_answered) == (DisputeStatus.NEEDS_RESPONSE, False)
    assert (found.payment_reference, found.amount) == (payment.reference, payment.amount)
    assert found.due_at
    assert found.due_at > now()
    document = await gateway.upload_evidence(reference, b"%PDF-1.7")
    given = {provider.evidence: "It was delivered.", provider.file: document}
    await gateway.answer_dispute(reference, given)
    answered = await gateway.find_dispute(reference)
    assert (answered.status, answered.is_answered) == (DisputeStatus.UNDER_REVIEW, True)
    provider.end("lose_dispute", reference)
    lost = await gateway.find_dispute(reference)
    assert (lost.status, lost.taken) == (DisputeStatus.LOST, payment.amount)
    assert {one.reference for one in found.bookings} <= {one.reference for one in lost.bookings}
    lines = {one.reference: one async for one in gateway.transactions(since=since)}
    for booking in lost.bookings:
        line = lines[booking.reference]
        assert (line.kind, line.source) == ("DISPUTE", reference)
        assert (line.amount, line.fee) == (booking.amount, booking.fee)


async def test_a_dispute_that_is_won_has_taken_nothing(provider: Provider) -> None:
    _, reference = await provider.disputed()
    provider.end("win_dispute", reference)
    won = await provider.gateway.find_dispute(reference)
    assert (won.status, won.taken) == (DisputeStatus.WON, 0)


async def test_a_dispute_is_accepted_once(provider: Provider) -> None:
    payment, reference = await provider.disputed()
    for _ in range(2):  # a retry whose first answer was lost
        accepted = await provider.gateway.accept_dispute(reference)
        assert (accepted.status, accepted.taken) == (DisputeStatus.LOST, payment.amount)
    with pytest.raises(ProviderRefused):
        await provider.gateway.answer_dispute(reference, {provider.evidence: "It was delivered."})


async def test_what_does_not_exist_is_not_found(provider: Provider) -> None:
    with pytest.raises(ObjectNotFound):
        await provider.gateway.find_payment("pi_00000000000000000000")
    with pytest.raises(ProviderRefused):
        await provider.gateway.refund(
            part_of("pi_00000000000000000000", provider, 100), key=str(new_id())
        )


async def test_a_wrong_key_is_for_the_operator_to_correct(provider: Provider) -> None:
    with pytest.raises(NoAnswer) as raised:
        await provider.wrong_key.balances()
    await provider.wrong_key.close()
    assert raised.value.after > 10


def part_of(reference: str, provider: Provider, amount: int) -> NewRefund:
    return NewRefund(new_id(), reference, amount, provider.currency)
