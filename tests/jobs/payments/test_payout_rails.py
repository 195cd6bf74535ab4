"""Vendors who are paid out by Stripe and Paystack: through the API, over real sockets."""

from collections.abc import Awaitable, Callable

import pytest

from models.payouts.accounts import PayoutAccountState
from models.payouts.payouts import PayoutCause, PayoutState
from tests.client import gid
from tests.factories.paid_out import PaidOutVendor
from tests.factories.paying import RETURN_URL, PayingShop
from tests.invariants import check_invariants

AMOUNT = 5_000_00


class PaidRail:
    """A vendor with money and an account that is ready, and the names of the stand-in."""

    def __init__(self, one: PaidOutVendor, transfer: str, sent: str, path: str) -> None:
        self.one, self.transfer, self.sent, self.path = one, transfer, sent, path

    async def end(self, action: str) -> None:
        """Let the bank pay a payout, or send it back, and apply the webhook."""
        payout = await self.one.payout()
        (id,) = self.one.objects(payout, self.sent)
        self.one.shop.stand_in.act(action, id=id)
        await self.one.shop.webhooks()

    async def state(self) -> PayoutState:
        return (await self.one.payout()).state


async def by_stripe(shop: PayingShop) -> PaidRail:
    one = await PaidOutVendor.create(shop, "DE", "EUR")
    shop.stand_in.act("top_up", amount=AMOUNT, currency="eur")
    assert await one.onboard() == RETURN_URL
    return PaidRail(one, "transfer", "payout", "/v1/transfers")


async def by_paystack(shop: PayingShop) -> PaidRail:
    one = await PaidOutVendor.create(shop, "NG", "NGN")
    shop.stand_in.act("top_up", amount=2 * AMOUNT, currency="ngn", paystack=True)
    await one.set_bank(f"{one.vendor.id.int % 10**10:010}")
    return PaidRail(one, "paystack_transfer", "paystack_transfer", "/paystack/transfer")


RAILS = pytest.mark.parametrize("make", [by_stripe, by_paystack])
Make = Callable[[PayingShop], Awaitable[PaidRail]]


async def ready(shop: PayingShop, make: Make) -> PaidRail:
    shop.stand_in.control(automatic_payouts=False)
    rail = await make(shop)
    await rail.one.earn(AMOUNT)
    assert await rail.one.request() == ["PAYOUT_ACCOUNT_NOT_READY"]  # 48 hours
    await rail.one.wait()
    return rail


@RAILS
async def test_a_vendor_is_paid_out_and_the_bank_sends_it_back(
    shop: PayingShop, make: Make
) -> None:
    rail = await ready(shop, make)
    account = await rail.one.account()
    assert account.state is PayoutAccountState.ACTIVE
    assert account.last4 is not None
    assert await rail.one.request() == []
    await shop.work()
    assert await rail.state() is PayoutState.IN_TRANSIT
    assert await rail.one.balance() == (0, AMOUNT)
    await rail.end("pay_payout")
    assert await rail.state() is PayoutState.PAID
    assert await rail.one.balance() == (0, 0)
    await rail.end("fail_payout")
    payout = await rail.one.payout()
    assert (payout.state, payout.cause) == (PayoutState.RETURNED, PayoutCause.PROVIDER)
    assert await rail.one.balance() == (AMOUNT, 0)
    assert (await rail.one.account()).state is PayoutAccountState.RESTRICTED
    assert await rail.one.request() == ["PAYOUT_ACCOUNT_NOT_READY"]
    told = await rail.one.told()
    assert [one for one in told if one != "PAYOUT_ACCOUNT_CHANGED"] == [
        "PAYOUT_ACCOUNT_RESTRICTED",
        "PAYOUT_PAID",
        "PAYOUT_RETURNED",
    ]
    await check_invariants(shop.world.database)


@RAILS
async def test_a_payout_that_fails_is_in_the_balance_again(shop: PayingShop, make: Make) -> None:
    rail = await ready(shop, make)
    assert await rail.one.request() == []
    await shop.work()
    await rail.end("fail_payout")
    assert await rail.state() is PayoutState.FAILED
    assert await rail.one.balance() == (AMOUNT, 0)
    await check_invariants(shop.world.database)


@RAILS
@pytest.mark.parametrize("fault", ["lose", "fail_after", "refuse_connection", "fail"])
async def test_whatever_happens_to_the_answer_it_is_paid_once(
    shop: PayingShop, make: Make, fault: str
) -> None:
    """The SDK of Stripe tries a call three times by itself."""
    rail = await ready(shop, make)
    shop.stand_in.control(**{fault: 3, "path": rail.path})
    assert await rail.one.request() == []
    for _ in range(4):
        await shop.run_all()
        shop.stand_in.control(**{fault: 0})
    payout = await rail.one.payout()
    assert payout.state is PayoutState.IN_TRANSIT
    assert len(rail.one.objects(payout, rail.transfer)) == 1
    assert len(rail.one.objects(payout, rail.sent)) == 1
    assert await rail.one.balance() == (0, AMOUNT)
    await rail.end("pay_payout")
    assert await rail.state() is PayoutState.PAID
    await check_invariants(shop.world.database)


@RAILS
async def test_webhooks_that_are_doubled_or_lost_change_nothing_else(
    shop: PayingShop, make: Make
) -> None:
    rail = await ready(shop, make)
    assert await rail.one.request() == []
    await shop.work()
    shop.stand_in.control(webhooks={"duplicate_share": 1})
    await rail.end("pay_payout")
    assert await rail.one.balance() == (0, 0)
    shop.stand_in.control(webhooks={"duplicate_share": 0, "drop": 10})
    await rail.end("fail_payout")
    assert await rail.state() is PayoutState.PAID
    await rail.one.run("poll_payouts")
    assert await rail.state() is PayoutState.RETURNED
    assert await rail.one.balance() == (AMOUNT, 0)
    assert (await rail.one.told()).count("PAYOUT_PAID") == 1
    await check_invariants(shop.world.database)


@RAILS
async def test_a_provider_without_money_keeps_the_payout_waiting(
    shop: PayingShop, make: Make
) -> None:
    rail = await ready(shop, make)
    moved = 10**9
    await rail.one.earn(moved)
    assert await rail.one.request() == []
    await shop.work()
    payout = await rail.one.payout()
    assert payout.amount < AMOUNT + moved  # what the provider could move
    assert await rail.one.balance() == (AMOUNT + moved - payout.amount, payout.amount)
    await check_invariants(shop.world.database)


async def test_an_account_that_stripe_restricts_gets_nothing(shop: PayingShop) -> None:
    rail = await ready(shop, by_stripe)
    account = await rail.one.account()
    shop.stand_in.act("restrict_account", id=account.reference)
    await shop.webhooks()
    account = await rail.one.account()
    assert account.state is PayoutAccountState.RESTRICTED
    assert account.problem == "external_account"
    assert await rail.one.request() == ["PAYOUT_ACCOUNT_NOT_READY"]
    shop.stand_in.act("complete_account", id=account.reference, last4="3000")
    await shop.webhooks()
    assert (await rail.one.account()).state is PayoutAccountState.ACTIVE
    assert await rail.one.request() == []


async def test_another_bank_account_at_stripe_waits_too(shop: PayingShop) -> None:
    rail = await ready(shop, by_stripe)
    account = await rail.one.account()
    shop.stand_in.act("complete_account", id=account.reference, last4="9999")
    await shop.webhooks()
    assert (await rail.one.account()).last4 == "9999"
    assert await rail.one.request() == ["PAYOUT_ACCOUNT_NOT_READY"]
    assert (await rail.one.told()).count("PAYOUT_ACCOUNT_CHANGED") == 2


async def test_paystack_refuses_a_bank_that_it_does_not_know(shop: PayingShop) -> None:
    one = await PaidOutVendor.create(shop, "NG", "NGN")
    await one.set_bank("0000000000")
    account = await one.account()
    assert (account.state, account.problem) == (
        PayoutAccountState.RESTRICTED,
        "Paystack 422 invalid_bank_code",
    )


async def test_a_page_that_is_not_allowed_is_refused(shop: PayingShop) -> None:
    one = await PaidOutVendor.create(shop, "DE", "EUR")
    given = {"vendorId": gid(one.vendor), "rail": "STRIPE", "returnUrl": "https://evil.example"}
    assert await one.client.refusal_codes("startPayoutOnboarding", given) == ["INVALID_INPUT"]
