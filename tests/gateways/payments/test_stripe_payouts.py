"""Payouts by Stripe: a transfer to the vendor's account, and a payout from there to its bank."""

from datetime import timedelta

import pytest

from core.clock import now
from core.ids import new_id
from gateways.payments.errors import NoAnswer, ProviderRefused
from gateways.payments.gateway import MoneyStatus, NewPayout, NewPayoutAccount, ProviderAccount
from gateways.payments.stripe.gateway import StripeGateway
from tests.gateways.payments.wanted import paid, refund_of
from tests.payment_providers import RunningStandIn


async def account(gateway: StripeGateway, stand_in: RunningStandIn) -> ProviderAccount:
    """Return an account whose vendor has completed the onboarding."""
    made = await gateway.create_account(
        NewPayoutAccount(new_id(), "DE", "EUR", "Vendor"), key=str(new_id())
    )
    assert not made.can_receive
    assert made.missing
    stand_in.act("complete_account", id=made.reference)
    return await gateway.find_account(made.reference)


def payout_to(account: ProviderAccount, amount: int = 5000, currency: str = "INR") -> NewPayout:
    return NewPayout(new_id(), account.reference, amount, currency, "Payout 1")


async def test_an_account_can_receive_once_it_is_complete(
    stripe_gateway: StripeGateway, stand_in: RunningStandIn
) -> None:
    found = await account(stripe_gateway, stand_in)
    assert (found.can_receive, found.missing, found.last4) == (True, (), "6789")
    url = await stripe_gateway.onboarding_url(found.reference, return_url="https://shop.example")
    assert url.startswith(f"{stand_in.url}/onboarding/")
    stand_in.act("restrict_account", id=found.reference)
    assert not (await stripe_gateway.find_account(found.reference)).can_receive


async def test_a_payout_is_paid(stripe_gateway: StripeGateway, stand_in: RunningStandIn) -> None:
    stand_in.control(automatic_payouts=False)
    await paid(stripe_gateway)
    wanted = payout_to(await account(stripe_gateway, stand_in))
    made = await stripe_gateway.pay_out(wanted, key=str(new_id()))
    assert (made.status, made.amount, made.payout_id) == (
        MoneyStatus.PENDING,
        5000,
        wanted.payout_id,
    )
    (payout,) = payouts_of(stand_in, wanted)
    stand_in.act("pay_payout", id=payout)
    assert (await stripe_gateway.find_payout(made.reference)).status is MoneyStatus.SUCCEEDED
    assert await stripe_gateway.search_payout(wanted) == await stripe_gateway.find_payout(
        made.reference
    )


async def test_a_payout_that_fails_after_it_was_paid_is_ours_again(
    stripe_gateway: StripeGateway, stand_in: RunningStandIn
) -> None:
    stand_in.control(automatic_payouts=False)
    await paid(stripe_gateway)
    wanted = payout_to(await account(stripe_gateway, stand_in))
    before = (await stripe_gateway.balances())["INR"].available
    made = await stripe_gateway.pay_out(wanted, key=str(new_id()))
    assert (await stripe_gateway.balances())["INR"].available == before - 5000
    (payout,) = payouts_of(stand_in, wanted)
    stand_in.act("pay_payout", id=payout)
    stand_in.act("fail_payout", id=payout)
    for _ in range(2):
        failed = await stripe_gateway.find_payout(made.reference)
        assert (failed.status, failed.error) == (MoneyStatus.FAILED, "account_closed")
    assert (await stripe_gateway.balances())["INR"].available == before


@pytest.mark.parametrize("path", ["/v1/transfers", "/v1/payouts"])
async def test_lost_answers_pay_once(
    stripe_gateway: StripeGateway, stand_in: RunningStandIn, path: str
) -> None:
    await paid(stripe_gateway)
    wanted = payout_to(await account(stripe_gateway, stand_in))
    stand_in.control(lose=3, path=path, automatic_payouts=False)
    with pytest.raises(NoAnswer):
        await stripe_gateway.pay_out(wanted, key=f"first-{wanted.payout_id}")
    stand_in.control(lose=0)
    await stripe_gateway.pay_out(wanted, key=str(new_id()))  # even with another key
    assert len(payouts_of(stand_in, wanted)) == 1
    transfers = stand_in.objects("transfer").values()
    assert [one["transfer_group"] for one in transfers].count(str(wanted.payout_id)) == 1


async def test_a_refusal_of_the_vendors_account_takes_the_money_back(
    stripe_gateway: StripeGateway, stand_in: RunningStandIn
) -> None:
    await paid(stripe_gateway)
    vendor = await account(stripe_gateway, stand_in)
    stand_in.act("restrict_account", id=vendor.reference)
    before = await stripe_gateway.balances()
    with pytest.raises(ProviderRefused) as raised:
        await stripe_gateway.pay_out(payout_to(vendor), key=str(new_id()))
    assert raised.value.code == "payouts_not_allowed"
    assert await stripe_gateway.balances() == before


async def test_more_than_the_balance_is_refused(
    stripe_gateway: StripeGateway, stand_in: RunningStandIn
) -> None:
    vendor = await account(stripe_gateway, stand_in)
    with pytest.raises(ProviderRefused) as raised:
        await stripe_gateway.pay_out(payout_to(vendor, 10**9), key=str(new_id()))
    assert raised.value.code == "balance_insufficient"
    with pytest.raises(ProviderRefused):
        await stripe_gateway.pay_out(payout_to(vendor, 150, "HUF"), key=str(new_id()))


async def test_the_books_explain_the_balance(
    stripe_gateway: StripeGateway, stand_in: RunningStandIn
) -> None:
    before, since = await stripe_gateway.balances(), now() - timedelta(seconds=1)
    known = {one.reference async for one in stripe_gateway.transactions(since=since)}
    payment = await paid(stripe_gateway)
    refund = await stripe_gateway.refund(refund_of(payment), key=str(new_id()))
    wanted = payout_to(await account(stripe_gateway, stand_in))
    payout = await stripe_gateway.pay_out(wanted, key=str(new_id()))
    dispute = stand_in.act("dispute", id=payment.reference)
    lines = [
        one async for one in stripe_gateway.transactions(since=since) if one.reference not in known
    ]
    assert [(one.kind, one.source, one.amount, one.fee) for one in reversed(lines)] == [
        ("PAYMENT", payment.reference, 12345, 388),
        ("REFUND", refund.reference, -1000, 0),
        ("TRANSFER", payout.reference, -5000, 0),
        ("DISPUTE", dispute["id"], -12345, 1500),
    ]
    after = await stripe_gateway.balances()
    change = after["INR"].available - before["INR"].available
    assert change == sum(one.net for one in lines)


def payouts_of(stand_in: RunningStandIn, wanted: NewPayout) -> list[str]:
    return [
        id
        for id, one in stand_in.objects("payout").items()
        if one["metadata"]["payout_id"] == str(wanted.payout_id)
    ]
