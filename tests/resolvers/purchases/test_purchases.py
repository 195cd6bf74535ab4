"""Purchases: wallets topped up within limits, paid by a transfer, cancelled, expired, refunded."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, update

from core.clock import now
from core.ids import new_id
from models.identity.accounts import Role, User, UserSession
from models.ledger.accounts import Account, AccountKind
from models.purchases import MAX_PENDING, Purchase, PurchaseKind, PurchaseState
from models.vendors import Vendor
from services.ledger.balances import read_balance
from services.ledger.wallets import hold_wallet
from tests.client import Client, gid, unknown
from tests.factories.base import NUMBERS
from tests.factories.packs import PRICE, buying
from tests.factories.world import World
from tests.invariants import check_invariants

PURCHASE = """purchase {
    id purchaseKind purchaseState total { amountMinor } paidAt payUntil
    purchasedBy { id } buyingVendor { id } boughtPack { id }
    payments { paymentProvider paymentStatus amount { amountMinor } }
    refunds { state amount { amountMinor currency } }
}"""
LIST = "query ($where: PurchaseWhere) { purchases(where: $where) { nodes { id } totalCount } }"


def topping_up(**changes: Any) -> dict[str, Any]:
    return {
        "amountMinor": 500_00,
        "currency": "INR",
        "provider": "MANUAL",
        "idempotencyKey": f"top-up-{next(NUMBERS)}",
    } | changes


def paid(purchase: Purchase | str, **changes: Any) -> dict[str, Any]:
    return {
        "purchaseId": purchase if isinstance(purchase, str) else gid(purchase),
        "amountMinor": 500_00,
        "currency": "INR",
        "reference": f"UTR {new_id()}",
        "idempotencyKey": str(new_id()),
    } | changes


def refunding(purchase: Purchase | str, **changes: Any) -> dict[str, Any]:
    return {
        "purchaseId": purchase if isinstance(purchase, str) else gid(purchase),
        "idempotencyKey": str(new_id()),
    } | changes


async def top_up(world: World, api: Client, owner: User | Vendor, buyer: User) -> str:
    """Return the id of a top-up of 500.00 that was paid."""
    given = topping_up(vendorId=gid(owner)) if isinstance(owner, Vendor) else topping_up()
    made = await api.signed_in(buyer).do("topUpWallet", given, PURCHASE)
    id: str = made["purchase"]["id"]
    admin = api.signed_in(await world.admin())
    assert await admin.refusal_codes("recordPurchasePayment", paid(id)) == []
    return id


async def test_a_user_tops_up_by_a_transfer(world: World, api: Client) -> None:
    user = await world.user()
    client, admin = api.signed_in(user), api.signed_in(await world.admin())
    given = topping_up()
    payload = await client.do("topUpWallet", given, PURCHASE)
    assert await client.do("topUpWallet", given, PURCHASE) == payload
    one = payload["purchase"]
    assert (one["purchaseKind"], one["purchaseState"]) == ("TOP_UP", "PENDING")
    assert one["purchasedBy"] == {"id": gid(user)}
    assert (one["buyingVendor"], one["boughtPack"], one["paidAt"]) == (None, None, None)
    assert await world.wallet(user) == (0, 0, 0)
    record = paid(one["id"])
    for _ in range(2):
        done = (await admin.do("recordPurchasePayment", record, PURCHASE))["purchase"]
        assert (done["purchaseState"], done["payments"]) == (
            "PAID",
            [
                {
                    "paymentProvider": "MANUAL",
                    "paymentStatus": "SUCCEEDED",
                    "amount": {"amountMinor": 500_00},
                }
            ],
        )
    assert await world.wallet(user) == (500_00, 0, 0)
    assert await admin.refusal_codes("recordPurchasePayment", paid(one["id"])) == ["PURCHASE_STATE"]
    notices = "{ viewer { notifications { nodes { kind subject { id } } } } }"
    (told,) = (await client.ask(notices))["viewer"]["notifications"]["nodes"]
    assert told == {"kind": "PURCHASE_PAID", "subject": {"id": one["id"]}}
    await check_invariants(world.database)


async def test_a_vendor_tops_up_in_its_currency(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    await top_up(world, api, vendor, owner)
    assert await world.wallet(vendor) == (500_00, 0, 0)
    assert await world.wallet(owner) == (0, 0, 0)
    wrong = topping_up(vendorId=gid(vendor), currency="USD")
    assert await api.signed_in(owner).refusal_codes("topUpWallet", wrong) == ["INVALID_INPUT"]
    await check_invariants(world.database)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amountMinor": 9_99}, "TOP_UP_OUT_OF_RANGE"),
        ({"amountMinor": 10_000_01}, "TOP_UP_OUT_OF_RANGE"),
        ({"currency": "JPY"}, "TOP_UP_NOT_OFFERED"),
        ({"provider": "WALLET"}, "PROVIDER_NOT_AVAILABLE"),
        ({"provider": "PAYSTACK"}, "PROVIDER_NOT_AVAILABLE"),
        ({"paymentMethodId": unknown("PaymentMethod")}, "INVALID_INPUT"),
        ({"vendorId": unknown("Vendor")}, "NOT_FOUND"),
    ],
)
async def test_what_is_not_a_top_up(
    world: World, api: Client, changes: dict[str, Any], code: str
) -> None:
    client = api.signed_in(await world.user())
    assert await client.refusal_codes("topUpWallet", topping_up(**changes)) == [code]


async def test_a_wallet_has_a_highest_balance(world: World, api: Client) -> None:
    user = await world.user()
    client = api.signed_in(user)
    await world.fund(user, 41_000_00)
    most = topping_up(amountMinor=9_000_00)
    assert await client.refusal_codes("topUpWallet", most) == []
    assert await client.refusal_codes("topUpWallet", topping_up()) == ["WALLET_FULL"]
    (waiting,) = await world.purchases(user)
    assert await client.refusal_codes("cancelPurchase", {"purchaseId": gid(waiting)}) == []
    assert await client.refusal_codes("topUpWallet", topping_up()) == []


async def test_few_purchases_wait_at_once(world: World, api: Client) -> None:
    user = await world.user()
    client = api.signed_in(user)
    rows = [
        Purchase(
            user_id=user.id,
            owner_id=user.id,
            kind=PurchaseKind.TOP_UP,
            currency="INR",
            net=1,
            total=1,
            hold_until=now() + timedelta(days=1),
        )
        for _ in range(MAX_PENDING)
    ]
    await world.save(*rows)
    assert await client.refusal_codes("topUpWallet", topping_up()) == ["PURCHASE_LIMIT_REACHED"]


async def test_a_cancelled_purchase_is_not_paid(world: World, api: Client) -> None:
    user = await world.user()
    client, admin = api.signed_in(user), api.signed_in(await world.admin())
    one = (await client.do("topUpWallet", topping_up(), PURCHASE))["purchase"]
    for _ in range(2):
        payload = await client.do("cancelPurchase", {"purchaseId": one["id"]}, PURCHASE)
        assert payload["purchase"]["purchaseState"] == "CANCELLED"
    assert payload["purchase"]["payments"][0]["paymentStatus"] == "CANCELLED"
    assert await admin.refusal_codes("recordPurchasePayment", paid(one["id"])) == ["PURCHASE_STATE"]
    paying = {"purchaseId": one["id"], "provider": "MANUAL", "idempotencyKey": "again"}
    assert await client.refusal_codes("payPurchase", paying) == ["PURCHASE_STATE"]
    assert await world.wallet(user) == (0, 0, 0)
    await check_invariants(world.database)


async def test_money_that_comes_after_the_expiry_counts(world: World, api: Client) -> None:
    user = await world.user()
    client, admin = api.signed_in(user), api.signed_in(await world.admin())
    one = (await client.do("topUpWallet", topping_up(), PURCHASE))["purchase"]
    async with world.database.session() as session, session.begin():
        mine = col(Purchase.user_id) == user.id
        await session.exec(update(Purchase).where(mine).values(state=PurchaseState.EXPIRED))
    assert await admin.refusal_codes("recordPurchasePayment", paid(one["id"])) == []
    assert await world.wallet(user) == (500_00, 0, 0)
    await check_invariants(world.database)


async def test_late_money_that_no_longer_fits_the_wallet_goes_back(
    world: World, api: Client
) -> None:
    user = await world.user()
    client, admin = api.signed_in(user), api.signed_in(await world.admin())
    one = (await client.do("topUpWallet", topping_up(), PURCHASE))["purchase"]
    async with world.database.session() as session, session.begin():
        mine = col(Purchase.user_id) == user.id
        await session.exec(update(Purchase).where(mine).values(state=PurchaseState.EXPIRED))
    await world.fund(user, 50_000_00)
    record = paid(one["id"])
    for _ in range(2):
        answer = await admin.do("recordPurchasePayment", record, PURCHASE)
        assert (answer["errors"], answer["purchase"]["purchaseState"]) == ([], "EXPIRED")
    money = {"amountMinor": 500_00, "currency": "INR"}
    assert answer["purchase"]["refunds"] == [{"state": "GRANTED", "amount": money}]
    assert await admin.refusal_codes("recordPurchasePayment", paid(one["id"])) == ["PURCHASE_STATE"]
    assert await world.wallet(user) == (50_000_00, 0, 0)
    await check_invariants(world.database)


async def test_a_pack_is_paid_in_another_way(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    client, pack = api.signed_in(owner), await world.pack()
    made = await client.do("buyPack", buying(vendor, pack, provider="MANUAL"), PURCHASE)
    id = made["purchase"]["id"]
    await world.fund(vendor, PRICE)
    paying = {"purchaseId": id, "provider": "WALLET", "idempotencyKey": "wallet"}
    for _ in range(2):
        payload = await client.do("payPurchase", paying, PURCHASE)
        assert payload["purchase"]["purchaseState"] == "PAID"
    assert [
        (one["paymentProvider"], one["paymentStatus"]) for one in payload["purchase"]["payments"]
    ] == [("MANUAL", "CANCELLED"), ("WALLET", "SUCCEEDED")]
    assert await world.wallet(vendor) == (0, 0, 0)
    await check_invariants(world.database)


async def test_what_is_left_of_a_top_up_is_refunded(world: World, api: Client) -> None:
    user, order_id = await world.user(), new_id()
    id = await top_up(world, api, user, user)
    await world.fund(user, 10_00, promo=50_00)
    admin = api.signed_in(await world.admin())
    part = refunding(id, amountMinor=200_00, note="By mistake")
    for _ in range(2):
        payload = await admin.do("refundPurchase", part, PURCHASE)
        assert payload["purchase"]["purchaseState"] == "PAID"
    assert payload["purchase"]["refunds"] == [
        {"state": "GRANTED", "amount": {"amountMinor": 200_00, "currency": "INR"}}
    ]
    assert await world.wallet(user) == (310_00, 50_00, 0)
    too_much = refunding(id, amountMinor=300_01)
    assert await admin.refusal_codes("refundPurchase", too_much) == ["REFUND_TOO_LARGE"]
    async with world.database.session() as session, session.begin():
        await hold_wallet(
            session, user_id=user.id, currency="INR", order_id=order_id, amount=260_00
        )
    assert await world.wallet(user) == (100_00, 0, 260_00)
    assert await admin.refusal_codes("refundPurchase", refunding(id)) == []
    assert await world.wallet(user) == (0, 0, 260_00)
    assert await admin.refusal_codes("refundPurchase", refunding(id)) == ["NOTHING_TO_REFUND"]
    async with world.database.session() as session:
        assert await read_balance(session, Account(AccountKind.REFUND_DUE, "INR")) == 300_00
    await check_invariants(world.database)


async def test_the_unused_units_of_a_pack_are_refunded(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    client, admin = api.signed_in(owner), api.signed_in(await world.admin())
    await world.fund(vendor, 50_00)
    await world.promo_money(vendor, 68_00, timedelta(days=5))
    pack = await world.pack(quota=3, tax_bps=1_800)
    id = (await client.do("buyPack", buying(vendor, pack), PURCHASE))["purchase"]["id"]
    await world.needs_packs(vendor)
    offer = await world.offer(vendor, state="DRAFT")
    assert await client.refusal_codes("publishOffer", {"offerId": gid(offer)}) == []
    other = refunding(id, amountMinor=1)
    assert await admin.refusal_codes("refundPurchase", other) == ["REFUND_TOO_LARGE"]
    payload = await admin.do("refundPurchase", refunding(id), PURCHASE)
    back = 100_00 - 100_00 // 3 + 18_00 - 6_00
    assert payload["purchase"]["purchaseState"] == "REFUNDED"
    assert payload["purchase"]["refunds"] == [
        {"state": "SETTLED", "amount": {"amountMinor": back, "currency": "INR"}}
    ]
    assert await world.wallet(vendor) == (50_00, back - 50_00, 0)
    (grant,) = await world.grants(vendor)
    assert (grant.used, grant.net, grant.earned) == (1, 33_33, 33_33)
    assert await admin.refusal_codes("refundPurchase", refunding(id)) == ["PURCHASE_STATE"]
    await check_invariants(world.database)


async def test_nothing_of_a_used_pack_is_refunded(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    await world.fund(vendor, PRICE)
    pack, client = await world.pack(quota=1), api.signed_in(owner)
    id = (await client.do("buyPack", buying(vendor, pack), PURCHASE))["purchase"]["id"]
    await world.needs_packs(vendor)
    offer = await world.offer(vendor, state="DRAFT")
    assert await client.refusal_codes("publishOffer", {"offerId": gid(offer)}) == []
    admin = api.signed_in(await world.admin())
    assert await admin.refusal_codes("refundPurchase", refunding(id)) == ["NOTHING_TO_REFUND"]


async def test_admins_do_not_decide_about_their_own(world: World, api: Client) -> None:
    user, admin = await world.user(), await world.admin()
    vendor = await world.vendor(admin)
    id = await top_up(world, api, user, user)
    async with world.database.session() as session, session.begin():
        (await session.get_one(User, user.id)).role = Role.ADMIN
    own = api.signed_in(await world.fresh(user))
    made = await api.signed_in(admin).do("topUpWallet", topping_up(vendorId=gid(vendor)), PURCHASE)
    pending = made["purchase"]["id"]
    assert await own.refusal_codes("refundPurchase", refunding(id)) == ["OWN_PURCHASE"]
    record = paid(pending)
    assert await api.signed_in(admin).refusal_codes("recordPurchasePayment", record) == [
        "OWN_PURCHASE"
    ]


async def test_the_second_factor_must_be_fresh(world: World, api: Client) -> None:
    user, admin = await world.user(), await world.admin()
    id = await top_up(world, api, user, user)
    async with world.database.session() as session, session.begin():
        long_ago = now() - timedelta(minutes=11)
        await session.exec(update(UserSession).values(signed_in_at=long_ago))
    client = api.signed_in(admin)
    assert await client.refusal_codes("refundPurchase", refunding(id)) == ["STEP_UP_REQUIRED"]


async def test_wrong_users(world: World, api: Client) -> None:
    user, stranger, admin = await world.user(), await world.user(), await world.admin()
    vendor = await world.vendor(user)
    own = (await api.signed_in(user).do("topUpWallet", topping_up(), PURCHASE))["purchase"]["id"]
    given = {
        "payPurchase": {"purchaseId": own, "provider": "MANUAL", "idempotencyKey": "x"},
        "cancelPurchase": {"purchaseId": own},
        "topUpWallet": topping_up(vendorId=gid(vendor)),
    }
    for name, input in given.items():
        assert await api.mutation_failed(name, input) == ["UNAUTHENTICATED"]
        for client in (api.signed_in(stranger), api.signed_in(admin)):
            assert await client.refusal_codes(name, input) == ["NOT_FOUND"]
    for name, input in (("recordPurchasePayment", paid(own)), ("refundPurchase", refunding(own))):
        assert await api.mutation_failed(name, input) == ["UNAUTHENTICATED"]
        for client in (api.signed_in(stranger), api.signed_in(user)):
            assert await client.mutation_failed(name, input) == ["FORBIDDEN"]
        missing = input | {"purchaseId": unknown("Purchase")}
        assert await api.signed_in(admin).refusal_codes(name, missing) == ["NOT_FOUND"]
    assert await api.failed(LIST) == ["UNAUTHENTICATED"]
    for client, number in ((api.signed_in(user), 1), (api.signed_in(stranger), 0)):
        assert (await client.ask(LIST))["purchases"]["totalCount"] == number
    where = {"vendorId": gid(vendor), "kinds": ["TOP_UP"], "states": ["PENDING"]}
    assert (await api.signed_in(user).ask(LIST, where=where))["purchases"]["totalCount"] == 0
    assert (await api.signed_in(admin).ask(LIST))["purchases"]["totalCount"] == 1
