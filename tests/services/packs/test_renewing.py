"""Subscriptions: a purchase a period, charged again for a week, changed, cancelled and resumed."""

from datetime import timedelta

import pytest
from sqlmodel import col, update

from core.clock import now
from core.ids import new_id
from models.notifications.inbox import NotificationKind
from models.packs.packs import QuotaUnit
from models.packs.subscriptions import (
    RETRY_DAYS,
    PackSubscription,
    PackSubscriptionState,
)
from models.payments.methods import PaymentMethod
from models.payments.payments import PaymentProvider
from models.purchases import PurchaseState
from models.vendors import Vendor
from services.packs.quota import use_quota
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.packs import PRICE
from tests.factories.renewing import DAY, Renewal
from tests.factories.world import World
from tests.invariants import check_invariants


@pytest.fixture
async def shop(world: World, api: Client, transactions: Transactions) -> Renewal:
    return await Renewal(world, api, transactions).open()


async def test_a_period_is_bought_when_the_one_before_ends(world: World, shop: Renewal) -> None:
    assert await world.wallet(shop.vendor) == (9 * PRICE, 0, 0)
    await shop.run()
    assert await shop.states() == [PurchaseState.PAID]
    for number in (2, 3):
        await shop.pass_time(30 * DAY)
        for _ in range(2):
            await shop.run()
        assert await shop.states() == [PurchaseState.PAID] * number
    grants = await world.grants(shop.vendor)
    assert [one.ended_at is None for one in grants] == [False, False, True]
    assert [one.earned for one in grants] == [PRICE, PRICE, 0]
    one = await shop.subscription()
    assert one.renews_at > now() + 29 * DAY
    again = shop.input()
    assert await shop.client.refusal_codes("subscribeToPack", again) == ["ALREADY_SUBSCRIBED"]
    await check_invariants(world.database)


async def test_after_a_long_outage_one_period_is_charged(world: World, shop: Renewal) -> None:
    await shop.pass_time(100 * DAY)
    await shop.run()
    assert await shop.states() == [PurchaseState.PAID] * 2
    assert (await shop.subscription()).renews_at > now() + 29 * DAY
    await check_invariants(world.database)


async def test_an_unpaid_period_is_charged_again_for_a_week_and_then_ends(
    world: World, api: Client, transactions: Transactions
) -> None:
    shop = await Renewal(world, api, transactions).open(money=PRICE)
    await shop.pass_time(30 * DAY)
    await shop.run()
    one = await shop.subscription()
    assert (one.state, one.failures) == (PackSubscriptionState.PAST_DUE, 1)
    day = 0
    for number, wanted in enumerate(RETRY_DAYS, 2):
        await shop.pass_time((wanted - day) * DAY - timedelta(hours=1))
        await shop.run()
        assert (await shop.subscription()).failures == number - 1
        await shop.pass_time(timedelta(hours=1))
        await shop.run()
        day = wanted
        assert (await shop.subscription()).failures == number
    one = await shop.subscription()
    assert one.state is PackSubscriptionState.CANCELLED
    assert await shop.states() == [PurchaseState.PAID, PurchaseState.EXPIRED]
    failed, ended = (
        NotificationKind.PACK_PAYMENT_FAILED,
        NotificationKind.PACK_SUBSCRIPTION_ENDED,
    )
    assert await shop.notices() == [failed] * 4 + [ended]
    await check_invariants(world.database)


async def test_money_in_time_makes_it_active_again(
    world: World, api: Client, transactions: Transactions
) -> None:
    shop = await Renewal(world, api, transactions).open(money=PRICE)
    await shop.pass_time(30 * DAY)
    await shop.run()
    await world.fund(shop.vendor, PRICE)
    await shop.pass_time(DAY)
    await shop.run()
    one = await shop.subscription()
    assert (one.state, one.failures, one.retry_at) == (PackSubscriptionState.ACTIVE, 0, None)
    assert await shop.states() == [PurchaseState.PAID] * 2
    assert (await world.grants(shop.vendor))[1].ends_at == one.renews_at
    await check_invariants(world.database)


async def test_an_unpaid_period_is_paid_by_the_vendor(
    world: World, api: Client, transactions: Transactions
) -> None:
    shop = await Renewal(world, api, transactions).open(money=PRICE)
    await shop.pass_time(30 * DAY)
    await shop.run()
    unpaid = (await world.purchases(shop.vendor))[-1]
    paying = {"purchaseId": gid(unpaid), "provider": "WALLET", "idempotencyKey": "pay"}
    assert await shop.client.refusal_codes("payPurchase", paying) == ["WALLET_TOO_LOW"]
    cancelled = {"purchaseId": gid(unpaid)}
    assert await shop.client.refusal_codes("cancelPurchase", cancelled) == ["PACK_PAST_DUE"]
    await world.fund(shop.vendor, PRICE)
    for _ in range(2):
        assert await shop.client.refusal_codes("payPurchase", paying) == []
    assert (await shop.subscription()).state is PackSubscriptionState.ACTIVE
    assert await world.wallet(shop.vendor) == (0, 0, 0)
    await check_invariants(world.database)


async def test_a_dearer_pack_begins_now_and_the_unused_days_are_credited(
    world: World, shop: Renewal
) -> None:
    larger = await world.pack(net=400_00, quota=50)
    await shop.pass_time(10 * DAY)
    changed = await shop.change(larger)
    assert await shop.change(larger) == changed
    credit = PRICE * 19 // 30 + 1  # 19 whole days of 30 are 63.33, rounded half up
    credit = (PRICE * 19 * 2 + 30) // 60
    assert [one["purchase"]["total"]["amountMinor"] for one in changed["periods"]] == [
        400_00 - credit,
        PRICE,
    ]
    assert changed["pack"] == {"id": gid(larger)}
    assert await world.wallet(shop.vendor) == (9 * PRICE - 400_00 + credit, 0, 0)
    old, new = await world.grants(shop.vendor)
    assert (old.net, old.earned, old.ended_at is None) == (PRICE - credit, PRICE - credit, False)
    assert (new.net, new.granted) == (400_00, 50)
    await shop.pass_time(30 * DAY)
    await shop.run()
    assert (await world.purchases(shop.vendor))[-1].total == 400_00
    await check_invariants(world.database)


async def test_used_units_are_not_credited_by_a_dearer_pack(world: World, shop: Renewal) -> None:
    larger = await world.pack(net=400_00, quota=50)
    async with shop.begin() as session:
        await use_quota(session, shop.vendor.id, QuotaUnit.OFFER, new_id(), quantity=4)  # of 5
    changed = await shop.change(larger)
    assert changed["periods"][0]["purchase"]["total"]["amountMinor"] == 400_00 - PRICE // 5
    await check_invariants(world.database)


async def test_a_refunded_period_is_not_credited(world: World, api: Client, shop: Renewal) -> None:
    larger = await world.pack(net=400_00, quota=50)
    (purchase,) = await world.purchases(shop.vendor)
    given = {"purchaseId": gid(purchase), "idempotencyKey": "refund"}
    admin = api.signed_in(await world.admin())
    assert await admin.refusal_codes("refundPurchase", given) == []
    changed = await shop.change(larger)
    assert changed["periods"][0]["purchase"]["total"]["amountMinor"] == 400_00
    await check_invariants(world.database)


async def test_a_cheaper_pack_begins_with_the_next_period(world: World, shop: Renewal) -> None:
    smaller = await world.pack(net=40_00)
    changed = await shop.change(smaller)
    assert changed["nextPack"] == {"id": gid(smaller)}
    assert changed["nextPrice"] == {"amountMinor": 40_00}
    back = await shop.change(shop.pack, "back")
    assert (back["nextPack"], back["nextPrice"]) == (None, {"amountMinor": PRICE})
    await shop.change(smaller, "again")
    assert await shop.states() == [PurchaseState.PAID]
    await shop.pass_time(30 * DAY)
    await shop.run()
    assert (await world.purchases(shop.vendor))[-1].total == 40_00
    one = await shop.subscription()
    assert (one.pack_id, one.net, one.next_pack_id) == (smaller.id, 40_00, None)
    await check_invariants(world.database)


async def test_an_upgrade_without_money_changes_nothing(world: World, shop: Renewal) -> None:
    larger = await world.pack(net=100 * PRICE)
    given = {
        "packSubscriptionId": gid(await shop.subscription()),
        "packId": gid(larger),
        "idempotencyKey": "up",
    }
    codes = await shop.client.refusal_codes("changePackSubscription", given)
    assert codes == ["WALLET_TOO_LOW"]
    other = given | {"packId": gid(await world.pack(period_days=60))}
    codes = await shop.client.refusal_codes("changePackSubscription", other)
    assert codes == ["PACK_NOT_COMPARABLE"]
    assert (await shop.subscription()).pack_id == shop.pack.id
    assert await shop.states() == [PurchaseState.PAID]


async def test_it_ends_with_its_period_unless_it_is_resumed(world: World, shop: Renewal) -> None:
    for name, ends in (
        ("cancelPackSubscription", True),
        ("resumePackSubscription", False),
        ("cancelPackSubscription", True),
    ):
        for _ in range(2):
            assert (await shop.do(name))["endsWithPeriod"] is ends
    await shop.pass_time(30 * DAY)
    await shop.run()
    one = await shop.subscription()
    assert one.state is PackSubscriptionState.CANCELLED
    assert await shop.states() == [PurchaseState.PAID]
    gone = {"packSubscriptionId": gid(one)}
    codes = await shop.client.refusal_codes("resumePackSubscription", gone)
    assert codes == ["PACK_SUBSCRIPTION_ENDED"]
    assert await shop.notices() == [NotificationKind.PACK_SUBSCRIPTION_ENDED]
    await check_invariants(world.database)


async def test_an_unpaid_one_is_cancelled_at_once(
    world: World, api: Client, transactions: Transactions
) -> None:
    shop = await Renewal(world, api, transactions).open(money=PRICE)
    await shop.pass_time(30 * DAY)
    await shop.run()
    assert (await shop.do("cancelPackSubscription"))["subscriptionState"] == "CANCELLED"
    assert await shop.states() == [PurchaseState.PAID, PurchaseState.CANCELLED]
    await check_invariants(world.database)


async def suspend(world: World, vendor: Vendor) -> None:
    async with world.database.session() as session, session.begin():
        own = col(Vendor.id) == vendor.id
        await session.exec(update(Vendor).where(own).values(status="SUSPENDED"))


async def test_a_suspended_vendor_is_not_charged(world: World, shop: Renewal) -> None:
    await suspend(world, shop.vendor)
    await shop.pass_time(30 * DAY)
    await shop.run()
    assert await shop.states() == [PurchaseState.PAID]


async def test_a_suspended_vendor_is_not_charged_again(
    world: World, api: Client, transactions: Transactions
) -> None:
    shop = await Renewal(world, api, transactions).open(money=PRICE)
    await shop.pass_time(30 * DAY)
    await shop.run()
    await suspend(world, shop.vendor)
    await world.fund(shop.vendor, PRICE)
    await shop.pass_time(2 * DAY)
    await shop.run()
    assert (await shop.subscription()).failures == 1
    assert await shop.states() == [PurchaseState.PAID, PurchaseState.PENDING]


async def test_a_debit_in_india_is_announced_a_day_before(world: World, shop: Renewal) -> None:
    """A control: from the wallet, nothing is announced."""
    await shop.pass_time(29 * DAY)
    await shop.run()
    assert await shop.notices() == []
    one = await shop.subscription()
    card = PaymentMethod(
        user_id=shop.owner.id,
        provider=PaymentProvider.STRIPE,
        reference="pm_1",
        customer="cus_1",
        brand="visa",
        last4="4242",
    )
    await world.save(card)
    method = {"provider": card.provider, "method_id": card.id}
    async with world.database.session() as session, session.begin():
        this = col(PackSubscription.id) == one.id
        await session.exec(update(PackSubscription).where(this).values(**method))
    for _ in range(2):
        await shop.run()
        assert await shop.notices() == [NotificationKind.PACK_RENEWAL_COMING]
    await shop.pass_time(timedelta(hours=1))
    async with world.database.session() as session, session.begin():
        soon = {"renews_at": now(), "announced_at": now() - timedelta(hours=23)}
        await session.exec(update(PackSubscription).where(this).values(**soon))
    await shop.run()
    assert await shop.states() == [PurchaseState.PAID]
    await shop.pass_time(timedelta(hours=1))
    await shop.run()
    assert await shop.states() == [PurchaseState.PAID, PurchaseState.PENDING]


SUBSCRIPTIONS = "query ($id: ID) { packSubscriptions(vendorId: $id) { nodes { id } } }"


async def test_wrong_users(world: World, api: Client, shop: Renewal) -> None:
    stranger = await world.user()
    await world.vendor(stranger)
    one = await shop.subscription()
    given = {"packSubscriptionId": gid(one)}
    inputs = {
        "subscribeToPack": shop.input(),
        "changePackSubscription": given | {"packId": gid(shop.pack), "idempotencyKey": "x"},
        "cancelPackSubscription": given,
        "resumePackSubscription": given,
    }
    admin = api.signed_in(await world.admin())
    for name, input in inputs.items():
        assert await api.mutation_failed(name, input) == ["UNAUTHENTICATED"]
        for client in (api.signed_in(stranger), admin):
            assert await client.refusal_codes(name, input) == ["NOT_FOUND"]
    assert await api.failed(SUBSCRIPTIONS) == ["UNAUTHENTICATED"]
    for client, seen in ((shop.client, 1), (admin, 1), (api.signed_in(stranger), 0)):
        nodes = (await client.ask(SUBSCRIPTIONS))["packSubscriptions"]["nodes"]
        assert len(nodes) == seen
