"""Packs: sold by admins, bought by vendors, and used by publishing offers."""

from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from models.identity.accounts import User
from models.members import Permission, may
from models.offers.offers import OfferState
from models.packs.packs import PackState
from models.vendors import MemberRole, Vendor, VendorStatus
from tests.client import Client, gid, unknown
from tests.factories.packs import PRICE, buying, pack_input
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.audit.test_audit_log import read_log

PACK = """pack {
    id title unit unitCount periodDays packState
    prices { currency taxBps net { amountMinor } total { amountMinor } }
}"""
LIST = """query ($where: PackWhere) { packs(where: $where) { nodes { id } } }"""
PURCHASE = """purchase {
    id purchaseKind purchaseState total { amountMinor } tax { amountMinor }
    buyingVendor { id } boughtPack { id } payments { paymentProvider paymentStatus }
}"""
BALANCE = """query ($id: ID!) { packBalance(vendorId: $id) {
    required quotas { unit unitsLeft firstEndsAt }
    grants { nodes { granted used endedAt uses { nodes { quantity } } } }
} }"""


async def shop(world: World, *, money: int = 0) -> tuple[User, Vendor]:
    """Return the owner of a vendor, whose wallet has money."""
    owner = await world.user()
    vendor = await world.vendor(owner)
    if money:
        await world.fund(vendor, money)
    return owner, vendor


async def publish(world: World, client: Client, vendor: Vendor) -> list[str]:
    """Publish a new offer, and return the codes of its refusals."""
    offer = await world.offer(vendor, state=OfferState.DRAFT)
    return await client.refusal_codes("publishOffer", {"offerId": gid(offer)})


async def test_an_admin_sells_packs(world: World, api: Client) -> None:
    client = api.signed_in(await world.admin())
    given = pack_input()
    payload = await client.do("createPack", given, PACK)
    assert await client.do("createPack", given, PACK) == payload
    pack = payload["pack"]
    assert pack["prices"] == [
        {
            "currency": "INR",
            "taxBps": 1_800,
            "net": {"amountMinor": PRICE},
            "total": {"amountMinor": 118_00},
        }
    ]
    assert (pack["unit"], pack["unitCount"], pack["periodDays"]) == ("OFFER", 10, 30)
    (seen,) = (await api.ask(LIST, where={"currency": "INR"}))["packs"]["nodes"]
    assert seen == {"id": pack["id"]}
    assert (await api.ask(LIST, where={"currency": "USD"}))["packs"]["nodes"] == []
    changes = {"packId": pack["id"], "prices": [{"currency": "INR", "netMinor": 50_00}]}
    changed = (await client.do("updatePack", changes, PACK))["pack"]
    assert [one["total"]["amountMinor"] for one in changed["prices"]] == [50_00]
    for _ in range(2):
        retired = (await client.do("retirePack", {"packId": pack["id"]}, PACK))["pack"]
    assert retired["packState"] == "RETIRED"
    assert await client.refusal_codes("updatePack", changes) == ["PACK_RETIRED"]
    assert (await api.ask(LIST))["packs"]["nodes"] == []
    assert (await client.ask(LIST, where={"state": "RETIRED"}))["packs"]["nodes"] == [seen]
    assert await api.failed(LIST, where={"state": "RETIRED"}) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize(
    "changes",
    [
        {"title": []},
        {"title": [{"locale": "en", "text": " "}]},
        {"unitCount": 0},
        {"periodDays": 13},
        {"prices": []},
        {"prices": [{"currency": "INR", "netMinor": 0}]},
        {"prices": [{"currency": "INR", "netMinor": 1, "taxBps": 10_001}]},
        {"prices": [{"currency": "INR", "netMinor": 1}, {"currency": "INR", "netMinor": 2}]},
    ],
)
async def test_what_is_not_a_pack(world: World, api: Client, changes: dict[str, Any]) -> None:
    client = api.signed_in(await world.admin())
    assert await client.refusal_codes("createPack", pack_input(**changes)) == ["INVALID_INPUT"]


async def test_a_vendor_buys_a_pack_from_its_wallet_and_uses_it(world: World, api: Client) -> None:
    owner, vendor = await shop(world, money=300_00)
    await world.promo_money(vendor, 20_00, timedelta(days=3))
    pack, client = await world.pack(tax_bps=1_800), api.signed_in(owner)
    await world.needs_packs(vendor)
    assert await publish(world, client, vendor) == ["QUOTA_USED_UP"]
    given = buying(vendor, pack)
    payload = await client.do("buyPack", given, PURCHASE)
    assert await client.do("buyPack", given, PURCHASE) == payload
    assert payload["purchase"] | {"id": ""} == {
        "id": "",
        "purchaseKind": "PACK",
        "purchaseState": "PAID",
        "total": {"amountMinor": 118_00},
        "tax": {"amountMinor": 18_00},
        "buyingVendor": {"id": gid(vendor)},
        "boughtPack": {"id": gid(pack)},
        "payments": [{"paymentProvider": "WALLET", "paymentStatus": "SUCCEEDED"}],
    }
    assert await world.wallet(vendor) == (202_00, 0, 0)
    offer = await world.offer(vendor, state=OfferState.DRAFT)
    for name in ("publishOffer", "pauseOffer", "publishOffer", "publishOffer"):
        assert await client.refusal_codes(name, {"offerId": gid(offer)}) == []
    for _ in range(4):
        assert await publish(world, client, vendor) == []
    assert await publish(world, client, vendor) == ["QUOTA_USED_UP"]
    (grant,) = await world.grants(vendor)
    assert (grant.granted, grant.used, grant.earned, grant.net) == (5, 5, PRICE, PRICE)
    balance = (await client.ask(BALANCE, id=gid(vendor)))["packBalance"]
    assert balance["required"]
    assert [one["unitsLeft"] for one in balance["quotas"]] == [0, 0]
    (shown,) = balance["grants"]["nodes"]
    assert [one["quantity"] for one in shown["uses"]["nodes"]] == [1] * 5
    await check_invariants(world.database)


async def test_what_ends_first_is_used_first(world: World, api: Client) -> None:
    owner, vendor = await shop(world)
    await world.needs_packs(vendor)
    late = await world.bought(vendor, owner, granted=2)
    soon = await world.bought(vendor, owner, granted=1, ends_at=now() + timedelta(days=1))
    over = await world.bought(vendor, owner, ends_at=now() - timedelta(hours=1))
    client = api.signed_in(owner)
    for _ in range(3):
        assert await publish(world, client, vendor) == []
    used = [(await world.fresh(one)).used for one in (late, soon, over)]
    assert used == [2, 1, 0]
    assert await publish(world, client, vendor) == ["QUOTA_USED_UP"]
    await check_invariants(world.database)


async def test_packs_are_needed_where_an_admin_says_so(world: World, api: Client) -> None:
    owner, vendor = await shop(world)
    client, admin = api.signed_in(owner), api.signed_in(await world.admin())
    assert await publish(world, client, vendor) == []
    for required, codes in ((True, ["QUOTA_USED_UP"]), (False, []), (None, [])):
        rule = {"vendorId": gid(vendor), "required": required}
        assert await admin.refusal_codes("setPacksRequired", rule) == []
        assert await publish(world, client, vendor) == codes


async def test_a_pack_is_refused(world: World, api: Client) -> None:
    owner, vendor = await shop(world, money=99_99)
    client, pack = api.signed_in(owner), await world.pack()
    retired = await world.pack(state=PackState.RETIRED)
    assert await client.refusal_codes("buyPack", buying(vendor, pack)) == ["WALLET_TOO_LOW"]
    assert await client.refusal_codes("buyPack", buying(vendor, retired)) == ["PACK_RETIRED"]
    missing = buying(vendor, pack, packId=unknown("Pack"))
    assert await client.refusal_codes("buyPack", missing) == ["NOT_FOUND"]
    online = buying(vendor, pack, provider="PAYSTACK")
    assert await client.refusal_codes("buyPack", online) == ["PROVIDER_NOT_AVAILABLE"]
    other = await world.vendor(owner, currency="USD")
    assert await client.refusal_codes("buyPack", buying(other, pack)) == ["PACK_NOT_IN_CURRENCY"]
    pending = await world.vendor(owner, status=VendorStatus.PENDING)
    assert await client.refusal_codes("buyPack", buying(pending, pack)) == ["VENDOR_NOT_APPROVED"]
    assert await world.purchases(vendor) == []
    assert await world.wallet(vendor) == (99_99, 0, 0)


async def test_a_transfer_is_recorded_and_gives_the_pack(world: World, api: Client) -> None:
    owner, vendor = await shop(world)
    client, pack = api.signed_in(owner), await world.pack()
    given = buying(vendor, pack, provider="MANUAL")
    purchase = (await client.do("buyPack", given, PURCHASE))["purchase"]
    assert purchase["purchaseState"] == "PENDING"
    assert await world.grants(vendor) == []
    admin = api.signed_in(await world.admin())
    paid = {
        "purchaseId": purchase["id"],
        "amountMinor": PRICE,
        "currency": "INR",
        "reference": "UTR 1",
        "idempotencyKey": "paid",
    }
    wrong = paid | {"amountMinor": PRICE - 1, "idempotencyKey": "wrong"}
    assert await admin.refusal_codes("recordPurchasePayment", wrong) == ["PAYMENT_MISMATCH"]
    for _ in range(2):
        payload = await admin.do("recordPurchasePayment", paid, PURCHASE)
        assert payload["purchase"]["purchaseState"] == "PAID"
    again = paid | {"idempotencyKey": "again"}
    assert await admin.refusal_codes("recordPurchasePayment", again) == ["PURCHASE_STATE"]
    (grant,) = await world.grants(vendor)
    assert grant.remaining == 5
    await check_invariants(world.database)


@pytest.mark.parametrize("role", MemberRole)
async def test_owners_and_managers_buy(world: World, api: Client, role: MemberRole) -> None:
    vendor, pack = await world.vendor(), await world.pack()
    await world.fund(vendor, PRICE)
    client = api.signed_in(await new_member(world, vendor, role))
    allowed = may(role, Permission.MANAGE_PACKS)
    codes = await client.refusal_codes("buyPack", buying(vendor, pack))
    assert codes == ([] if allowed else ["NOT_FOUND"])
    answer = await client.send(BALANCE, id=gid(vendor))
    assert (answer["data"]["packBalance"] is not None) == allowed


async def test_a_retired_pack_is_sold_again(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, vendor = await shop(world, money=PRICE)
    admin, pack = api.signed_in(await world.admin()), await world.pack(state=PackState.RETIRED)
    monkeypatch.setattr("services.packs.packs.MAX_PACKS", 0)
    given = {"packId": gid(pack)}
    assert await admin.refusal_codes("restorePack", given) == ["PACK_LIMIT_REACHED"]
    monkeypatch.undo()
    for _ in range(2):  # a retry changes nothing
        payload = await admin.do("restorePack", given, "pack { packState }")
        assert payload["pack"] == {"packState": "ACTIVE"}
    (entry,) = await read_log(admin, act="RESTORE_PACK", outcome="DONE")
    assert entry["subjectId"] == gid(pack)
    assert await api.signed_in(owner).refusal_codes("buyPack", buying(vendor, pack)) == []


ADMINS = ("createPack", "updatePack", "retirePack", "restorePack", "setPacksRequired")


async def test_wrong_users(world: World, api: Client) -> None:
    owner, vendor = await shop(world, money=PRICE)
    pack, stranger = await world.pack(), api.signed_in((await shop(world))[0])
    given: dict[str, dict[str, Any]] = {
        "createPack": pack_input(),
        "updatePack": {"packId": gid(pack)},
        "retirePack": {"packId": gid(pack)},
        "restorePack": {"packId": gid(pack)},
        "setPacksRequired": {"vendorId": gid(vendor), "required": False},
    }
    for name in ADMINS:
        assert await api.mutation_failed(name, given[name]) == ["UNAUTHENTICATED"]
        for client in (stranger, api.signed_in(owner)):
            assert await client.mutation_failed(name, given[name]) == ["FORBIDDEN"]
    admin = api.signed_in(await world.admin())
    for name in ("updatePack", "retirePack", "restorePack"):
        missing = {"packId": unknown("Pack")}
        assert await admin.refusal_codes(name, missing) == ["NOT_FOUND"]
    assert await api.mutation_failed("buyPack", buying(vendor, pack)) == ["UNAUTHENTICATED"]
    for client in (stranger, admin):
        assert await client.refusal_codes("buyPack", buying(vendor, pack)) == ["NOT_FOUND"]
    assert await api.failed(BALANCE, id=gid(vendor)) == ["UNAUTHENTICATED"]
    answer = await stranger.send(BALANCE, id=gid(vendor))
    assert answer["data"]["packBalance"] is None
    assert (await admin.ask(BALANCE, id=gid(vendor)))["packBalance"] is not None
