"""Subscriptions that a saved card pays: charged, declined, confirmed with the bank, upgraded."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select, update

from core.ids import new_id
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.packs.packs import QuotaUnit
from models.packs.subscriptions import RETRY_DAYS, PackSubscriptionState
from models.payments.methods import PaymentMethod
from models.payments.payments import Payment, PaymentProvider, PaymentStatus
from models.purchases import PurchaseState
from models.vendors import MemberRole, VendorMember
from services.notifications.kinds import NotificationText, declared_kinds
from services.packs.quota import use_quota
from tests.client import gid
from tests.factories.packs import PRICE
from tests.factories.paying import RETURN_URL, PayingShop, save_card
from tests.factories.renewing import DAY, FIELDS, Renewal
from tests.invariants import check_invariants

DECLINED = "pm_card_chargeCustomerFail"
ASKS = "pm_card_authenticationRequired"


class CardRenewal(Renewal):
    """A vendor with a subscription that its owner's saved card pays."""

    card: PaymentMethod

    def __init__(self, paying: PayingShop) -> None:
        super().__init__(paying.world, paying.api, paying.worker.transactions)
        self.paying = paying

    async def subscribe(self) -> "CardRenewal":
        self.owner = await self.world.user()
        self.vendor = await self.world.vendor(self.owner)
        self.pack = await self.world.pack()
        self.card = await save_card(self.world, self.paying.stand_in, self.owner.id)
        given = self.input(paymentMethodId=gid(self.card))
        payload = await self.client.do("subscribeToPack", given, FIELDS)
        assert payload["errors"] == []
        await self.paying.webhooks()
        return self

    async def use(self, name: str) -> None:
        """Have the provider charge another card from now on."""
        path = f"/v1/payment_methods/{name}/attach"
        card = self.paying.stand_in.call(path, customer=self.card.customer)
        this = update(PaymentMethod).where(col(PaymentMethod.id) == self.card.id)
        async with self.world.database.session() as session, session.begin():
            await session.exec(this.values(reference=card["id"]))

    async def run(self) -> None:
        """Run what the jobs run, and let the provider answer."""
        await super().run()
        for _ in range(2):
            await self.paying.webhooks()

    async def begin_period(self) -> None:
        """Go on to the next period. Its debit is announced before, as the law of India asks."""
        await self.pass_time(28 * DAY)
        await self.run()
        await self.pass_time(2 * DAY)
        await self.run()

    async def payments(self) -> list[Payment]:
        ids = [one.id for one in await self.world.purchases(self.vendor)]
        rows = select(Payment).where(col(Payment.purchase_id).in_(ids)).order_by(col(Payment.id))
        async with self.world.database.session() as session:
            return list((await session.exec(rows)).all())

    async def last_text(self) -> NotificationText:
        """Return the text of the newest notification of the owner."""
        rows = select(Notification).where(Notification.user_id == self.owner.id)
        async with self.world.database.session() as session:
            newest = rows.order_by(col(Notification.created_at).desc()).limit(1)
            one = (await session.exec(newest)).one()
            owner = await session.get_one(User, self.owner.id)
            return await declared_kinds()[one.kind].compose(session, one, owner)


@pytest.fixture
async def renewal(shop: PayingShop) -> CardRenewal:
    return await CardRenewal(shop).subscribe()


async def test_a_saved_card_is_charged_once_for_each_period(renewal: CardRenewal) -> None:
    assert await renewal.states() == [PurchaseState.PAID]
    await renewal.begin_period()
    await renewal.run()
    assert await renewal.states() == [PurchaseState.PAID] * 2
    payments = await renewal.payments()
    assert [one.off_session for one in payments] == [False, True]
    assert renewal.paying.taken(payments) == 2 * PRICE
    assert (await renewal.subscription()).state is PackSubscriptionState.ACTIVE
    await check_invariants(renewal.world.database)


async def test_a_declined_card_is_charged_again_on_its_days_and_then_it_ends(
    renewal: CardRenewal,
) -> None:
    await renewal.use(DECLINED)
    await renewal.begin_period()
    day = 0
    for number, wanted in enumerate(RETRY_DAYS, 1):
        one = await renewal.subscription()
        assert (one.state, one.failures) == (PackSubscriptionState.PAST_DUE, number)
        await renewal.pass_time((wanted - day) * DAY - timedelta(hours=1))
        await renewal.run()
        assert (await renewal.subscription()).failures == number
        await renewal.pass_time(timedelta(hours=1))
        await renewal.run()
        day = wanted
    one = await renewal.subscription()
    assert one.state is PackSubscriptionState.CANCELLED
    assert await renewal.states() == [PurchaseState.PAID, PurchaseState.EXPIRED]
    _, *charges = await renewal.payments()
    assert [one.status for one in charges] == [PaymentStatus.FAILED] * 5
    assert {renewal.paying.intent(one)["status"] for one in charges} == {"canceled"}
    notices = await renewal.notices()
    assert notices.count(NotificationKind.PACK_PAYMENT_FAILED) == 4
    assert notices[-1] == NotificationKind.PACK_SUBSCRIPTION_ENDED
    assert NotificationKind.PAYMENT_FAILED not in notices
    await check_invariants(renewal.world.database)


async def test_a_card_that_works_again_ends_the_reminders(renewal: CardRenewal) -> None:
    await renewal.use(DECLINED)
    await renewal.begin_period()
    assert "could not be paid" in (await renewal.last_text()).push_title
    await renewal.use("pm_card_visa")
    await renewal.pass_time(DAY)
    await renewal.run()
    one = await renewal.subscription()
    assert (one.state, one.failures, one.retry_at) == (PackSubscriptionState.ACTIVE, 0, None)
    assert await renewal.states() == [PurchaseState.PAID] * 2
    await check_invariants(renewal.world.database)


async def test_the_owner_confirms_with_the_bank_what_it_does_not_allow_alone(
    renewal: CardRenewal,
) -> None:
    await renewal.use(ASKS)
    await renewal.begin_period()
    assert (await renewal.subscription()).state is PackSubscriptionState.PAST_DUE
    assert (await renewal.payments())[-1].decline_code == "authentication_required"
    assert (await renewal.last_text()).push_title == "Your bank wants you to confirm a payment"
    unpaid = (await renewal.world.purchases(renewal.vendor))[-1]
    given: dict[str, Any] = {
        "purchaseId": gid(unpaid),
        "provider": "STRIPE",
        "paymentMethodId": gid(renewal.card),
        "returnUrl": RETURN_URL,
        "idempotencyKey": "confirmed",
    }
    fields = "purchase { payments { paymentStatus redirectUrl } }"
    paid = await renewal.client.do("payPurchase", given, fields)
    payments = {one["paymentStatus"]: one["redirectUrl"] for one in paid["purchase"]["payments"]}
    assert set(payments) == {"ACTION", "FAILED"}
    assert payments["ACTION"].startswith(renewal.paying.stand_in.url)
    last = (await renewal.payments())[-1]
    renewal.paying.stand_in.act("authenticate", id=last.reference)
    await renewal.paying.webhooks()
    assert (await renewal.subscription()).state is PackSubscriptionState.ACTIVE
    assert await renewal.states() == [PurchaseState.PAID] * 2
    await renewal.pass_time(DAY)
    await renewal.run()
    assert renewal.paying.taken(await renewal.payments()) == 2 * PRICE
    await check_invariants(renewal.world.database)


async def test_a_dearer_pack_charges_the_card_for_the_difference(renewal: CardRenewal) -> None:
    larger = await renewal.world.pack(net=400_00, quota=50)
    changed = await renewal.change(larger)
    await renewal.paying.webhooks()
    credit = (PRICE * 29 * 2 + 30) // 60
    assert changed["periods"][0]["purchase"]["total"]["amountMinor"] == 400_00 - credit
    assert (await renewal.subscription()).pack_id == larger.id
    assert renewal.paying.taken(await renewal.payments()) == PRICE + 400_00 - credit
    await check_invariants(renewal.world.database)


async def test_an_upgrade_that_is_paid_late_goes_back(renewal: CardRenewal) -> None:
    """Its price is less by days and units that were used since."""
    await renewal.use(ASKS)
    larger = await renewal.world.pack(net=400_00, quota=50)
    await renewal.change(larger)
    payment = (await renewal.payments())[-1]
    assert payment.status is PaymentStatus.ACTION
    renewal.paying.stand_in.control(path="/v1/payment_intents", refuse_connection=1000)
    await renewal.pass_time(DAY)
    await renewal.run()
    assert await renewal.states() == [PurchaseState.PAID, PurchaseState.EXPIRED]
    renewal.paying.stand_in.control(reset=True)
    renewal.paying.stand_in.act("authenticate", id=payment.reference)
    await renewal.paying.webhooks()
    assert await renewal.states() == [PurchaseState.PAID, PurchaseState.EXPIRED]
    assert await renewal.paying.postings(payment) == [
        ("pay", payment.amount),
        ("return", payment.amount),
    ]
    assert (await renewal.subscription()).pack_id == renewal.pack.id
    assert len(await renewal.world.grants(renewal.vendor)) == 1
    await check_invariants(renewal.world.database)


async def test_paying_in_another_way_is_no_failure(renewal: CardRenewal) -> None:
    """It neither ends an upgrade, nor counts as one of the charges that failed."""
    await renewal.use(ASKS)
    await renewal.change(await renewal.world.pack(net=400_00, quota=50))
    upgrade = (await renewal.world.purchases(renewal.vendor))[-1]
    for number in range(len(RETRY_DAYS) + 1):
        given = {"purchaseId": gid(upgrade), "provider": "STRIPE", "returnUrl": RETURN_URL}
        given["idempotencyKey"] = f"other-{number}"
        assert await renewal.client.refusal_codes("payPurchase", given) == []
        await renewal.paying.webhooks()
    assert await renewal.states() == [PurchaseState.PAID, PurchaseState.PENDING]
    one = await renewal.subscription()
    assert (one.state, one.failures) == (PackSubscriptionState.ACTIVE, 0)
    renewal.paying.pay((await renewal.payments())[-1])
    await renewal.paying.webhooks()
    assert await renewal.states() == [PurchaseState.PAID] * 2
    assert renewal.paying.taken(await renewal.payments()) == PRICE + 303_33
    await check_invariants(renewal.world.database)


@pytest.mark.parametrize(("used", "left"), [(0, 50), (4, 40), (5, 37)])
async def test_units_that_are_used_while_the_bank_asks_are_gone_from_an_upgrade(
    renewal: CardRenewal, used: int, left: int
) -> None:
    """Its price is less by the 29 days that are left: 96.67 of 100.00. It has 50 units for 400."""
    await renewal.use(ASKS)
    larger = await renewal.world.pack(net=400_00, quota=50)
    await renewal.change(larger)
    payment = (await renewal.payments())[-1]
    assert (payment.status, payment.amount) == (PaymentStatus.ACTION, 303_33)
    async with renewal.begin() as session:
        for _ in range(used):
            await use_quota(session, renewal.vendor.id, QuotaUnit.OFFER, new_id())
    renewal.paying.stand_in.act("authenticate", id=payment.reference)
    await renewal.paying.webhooks()
    assert (await renewal.subscription()).pack_id == larger.id
    old, new = await renewal.world.grants(renewal.vendor)
    assert (old.ended_at is None, new.granted) == (False, left)
    assert old.net + new.net == 100_00 + 303_33
    await check_invariants(renewal.world.database)


async def test_a_period_that_is_refunded_while_the_bank_asks_is_not_credited(
    renewal: CardRenewal,
) -> None:
    await renewal.use(ASKS)
    await renewal.change(await renewal.world.pack(net=400_00, quota=50))
    payment = (await renewal.payments())[-1]
    first, _ = await renewal.world.purchases(renewal.vendor)
    admin = renewal.api.signed_in(await renewal.world.admin())
    given = {"purchaseId": gid(first), "idempotencyKey": "refund"}
    assert await admin.refusal_codes("refundPurchase", given) == []
    renewal.paying.stand_in.act("authenticate", id=payment.reference)
    await renewal.paying.webhooks()
    _, new = await renewal.world.grants(renewal.vendor)
    assert (new.net, new.granted) == (303_33, 37)
    await check_invariants(renewal.world.database)


async def test_the_wallet_pays_when_the_card_is_removed(renewal: CardRenewal) -> None:
    removed = {"paymentMethodId": gid(renewal.card)}
    assert await renewal.client.refusal_codes("removePaymentMethod", removed) == []
    assert (await renewal.subscription()).provider is PaymentProvider.WALLET
    await renewal.pass_time(30 * DAY)
    await renewal.run()
    assert (await renewal.subscription()).state is PackSubscriptionState.PAST_DUE
    await renewal.world.fund(renewal.vendor, PRICE)
    await renewal.pass_time(DAY)
    await renewal.run()
    assert await renewal.states() == [PurchaseState.PAID] * 2
    await check_invariants(renewal.world.database)


async def test_who_has_left_gets_no_news_of_the_next_periods(renewal: CardRenewal) -> None:
    """The wallet pays them, in the name of an owner who is left."""
    world, left = renewal.world, renewal.owner
    other = await world.user()
    await world.member(renewal.vendor, other, MemberRole.OWNER)
    await world.fund(renewal.vendor, PRICE)
    async with world.database.session() as session:
        rows = select(VendorMember).where(VendorMember.user_id == left.id)
        gone = {"memberId": gid((await session.exec(rows)).one(), "Member")}
    assert await renewal.api.signed_in(other).refusal_codes("removeMember", gone) == []
    one = await renewal.subscription()
    assert (one.user_id, one.provider) == (other.id, PaymentProvider.WALLET)
    await renewal.pass_time(30 * DAY)
    await renewal.run()
    first, second = await world.purchases(renewal.vendor)
    assert (first.user_id, second.user_id) == (left.id, other.id)
    assert await renewal.states() == [PurchaseState.PAID] * 2
    await check_invariants(world.database)
