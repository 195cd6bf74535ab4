"""Promo codes: created, changed and ended by a vendor's managers, and by admins."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from models.promos.codes import MAX_ACTIVE_CODES, PromoUse
from models.vendors import MemberRole
from tests.client import Client, gid, unknown
from tests.factories.orders import empty_order
from tests.factories.promos import promo_code_input
from tests.factories.vendors import OUTSIDERS, new_member, outsider
from tests.factories.world import World
from tests.resolvers.audit.test_audit_log import read_log

SHOWN = """promoCode {
  id codeText state kind percentBps amountOff { decimal currency } minimum { amountMinor }
  maxDiscount { decimal } capacity perUser used remaining combines fundedBy categoryIds vendorIds
  validFrom validUntil endedAt fundingVendor { id } userCount discounted { decimal }
}"""
LIST = """query ($where: PromoCodeWhere) {
  promoCodes(where: $where) { totalCount nodes { id used userCount discounted { decimal } } }
}"""


async def ids(client: Client, **where: Any) -> list[str]:
    found = await client.ask(LIST, where=where)
    return [node["id"] for node in found["promoCodes"]["nodes"]]


async def test_create_promo_code_once_per_key(world: World, api: Client) -> None:
    owner, admin = await world.user(), await world.admin()
    vendor, category = await world.vendor(owner), await world.category()
    client = api.signed_in(owner)
    input = promo_code_input(
        vendor,
        code=" diwali-10 ",
        minimumMinor=500_00,
        maxDiscountMinor=200_00,
        capacity=50,
        perUser=2,
        combines=True,
        categoryIds=[gid(category)],
        validFrom="2030-01-01T00:00:00Z",
        validUntil="2030-02-01T00:00:00Z",
    )
    payload = await client.do("createPromoCode", input, SHOWN)
    assert payload["errors"] == []
    assert payload["promoCode"] == {
        "id": payload["promoCode"]["id"],
        "codeText": "DIWALI-10",
        "state": "ACTIVE",
        "kind": "PERCENT",
        "percentBps": 1_000,
        "amountOff": None,
        "minimum": {"amountMinor": 50_000},
        "maxDiscount": {"decimal": "200.00"},
        "capacity": 50,
        "perUser": 2,
        "used": 0,
        "remaining": 50,
        "combines": True,
        "fundedBy": "VENDOR",
        "categoryIds": [gid(category)],
        "vendorIds": [],
        "validFrom": "2030-01-01T00:00:00Z",
        "validUntil": "2030-02-01T00:00:00Z",
        "endedAt": None,
        "fundingVendor": {"id": gid(vendor)},
        "userCount": 0,
        "discounted": {"decimal": "0.00"},
    }
    assert await client.do("createPromoCode", input, SHOWN) == payload
    assert await client.refusal_codes("createPromoCode", input | {"perUser": 3}) == [
        "IDEMPOTENCY_KEY_REUSED"
    ]
    (entry,) = await read_log(api.signed_in(admin), act="CREATE_PROMO_CODE", outcome="DONE")
    assert entry["subjectId"] == payload["promoCode"]["id"]


@pytest.mark.parametrize(
    ("discount", "shown"),
    [
        ({"percentBps": 250}, ("PERCENT", 250, None)),
        ({"amountMinor": 50_00}, ("AMOUNT", None, {"decimal": "50.00", "currency": "INR"})),
        ({"freeDelivery": True}, ("FREE_DELIVERY", None, None)),
    ],
)
async def test_create_promo_code_of_each_kind(
    world: World, api: Client, discount: dict[str, Any], shown: tuple[Any, ...]
) -> None:
    owner = await world.user()
    input = promo_code_input(await world.vendor(owner), discount=discount)
    payload = await api.signed_in(owner).do("createPromoCode", input, SHOWN)
    code = payload["promoCode"]
    assert (code["kind"], code["percentBps"], code["amountOff"]) == shown


async def test_create_promo_code_of_the_platform(world: World, api: Client) -> None:
    admin, owner = await world.admin(), await world.user()
    vendor = await world.vendor(owner)
    input = promo_code_input(None, vendorIds=[gid(vendor)])
    payload = await api.signed_in(admin).do("createPromoCode", input, SHOWN)
    code = payload["promoCode"]
    assert (code["fundedBy"], code["fundingVendor"]) == ("PLATFORM", None)
    assert code["vendorIds"] == [gid(vendor)]
    client = api.signed_in(owner)
    assert await ids(client) == []
    assert await client.mutation_failed("createPromoCode", promo_code_input(None)) == ["FORBIDDEN"]
    for name in ("updatePromoCode", "endPromoCode"):
        assert await client.refusal_codes(name, {"promoCodeId": code["id"]}) == ["NOT_FOUND"]
    # Admins see the codes of vendors, but do not manage them.
    theirs = gid(await world.promo_code(vendor))
    assert await ids(api.signed_in(admin)) == [theirs, code["id"]]
    ended = await api.signed_in(admin).refusal_codes("endPromoCode", {"promoCodeId": theirs})
    assert ended == ["NOT_FOUND"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "AB"}, ["code"]),
        ({"code": "ZEHN%"}, ["code"]),
        ({"discount": {"percentBps": 10_001}}, ["discount", "percentBps"]),
        ({"discount": {"amountMinor": 0}}, ["discount", "amountMinor"]),
        ({"discount": {"amountMinor": 5}, "maxDiscountMinor": 5}, ["maxDiscountMinor"]),
        ({"minimumMinor": -1}, ["minimumMinor"]),
        ({"capacity": 0}, ["capacity"]),
        ({"perUser": 101}, ["perUser"]),
        ({"currency": "EUR"}, ["currency"]),
        (
            {"validFrom": "2030-01-01T00:00:00Z", "validUntil": "2030-01-01T00:00:00Z"},
            ["validUntil"],
        ),
        ({"validUntil": "2100-01-01T00:00:00Z"}, ["validUntil"]),
        ({"categoryIds": [unknown("Category")] * 51}, ["categoryIds"]),
        ({"vendorIds": [unknown("Vendor")]}, ["vendorIds"]),
    ],
)
async def test_create_promo_code_refuses(
    world: World, api: Client, changes: dict[str, Any], field: Sequence[str]
) -> None:
    owner = await world.user()
    input = promo_code_input(await world.vendor(owner), **changes)
    payload = await api.signed_in(owner).do("createPromoCode", input, SHOWN)
    assert [(one["code"], one["field"]) for one in payload["errors"]] == [("INVALID_INPUT", field)]


async def test_create_promo_code_with_an_unknown_scope(world: World, api: Client) -> None:
    owner, admin = await world.user(), await world.admin()
    vendor = await world.vendor(owner)
    mine = promo_code_input(vendor, categoryIds=[unknown("Category")])
    ours = promo_code_input(None, vendorIds=[unknown("Vendor"), gid(vendor)])
    for user, input, field in ((owner, mine, "categoryIds"), (admin, ours, "vendorIds")):
        payload = await api.signed_in(user).do("createPromoCode", input, SHOWN)
        errors = [(one["code"], one["field"]) for one in payload["errors"]]
        assert errors == [("NOT_FOUND", [field])]


async def test_a_code_is_unique_while_it_is_active(world: World, api: Client) -> None:
    owner = await world.user()
    client, vendor = api.signed_in(owner), await world.vendor(owner)
    first = await world.promo_code(vendor, code="WELCOME")
    input = promo_code_input(vendor, code="welcome")
    assert await client.refusal_codes("createPromoCode", input) == ["PROMO_CODE_TAKEN"]
    ended = await client.do("endPromoCode", {"promoCodeId": gid(first)}, SHOWN)
    assert ended["promoCode"]["state"] == "ENDED"
    assert ended["promoCode"]["endedAt"] is not None
    assert await client.refusal_codes("createPromoCode", input) == []


async def test_codes_of_others_neither_block_nor_show(world: World, api: Client) -> None:
    """A vendor chooses its texts as if it was alone, and so does the platform."""
    owner, rival, admin = await world.user(), await world.user(), await world.admin()
    await world.promo_code(await world.vendor(rival), code="WELCOME")
    vendor = await world.vendor(owner)
    for user, shop in ((owner, vendor), (admin, None)):
        client, input = api.signed_in(user), promo_code_input(shop, code="welcome")
        assert await client.refusal_codes("createPromoCode", input) == []
        again = promo_code_input(shop, code="WELCOME")
        assert await client.refusal_codes("createPromoCode", again) == ["PROMO_CODE_TAKEN"]
    assert len(await ids(api.signed_in(owner), code="welcome")) == 1


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("PENDING", "VENDOR_NOT_APPROVED"),
        ("REJECTED", "VENDOR_NOT_APPROVED"),
        ("SUSPENDED", "VENDOR_SUSPENDED"),
    ],
)
async def test_vendors_that_do_not_sell_take_no_codes(
    world: World, api: Client, status: str, code: str
) -> None:
    """Nor do they learn which codes others have."""
    owner, seller = await world.user(), await world.user()
    vendor, other = await world.vendor(owner, status=status), await world.vendor(seller)
    taken = promo_code_input(other)
    assert await api.signed_in(seller).refusal_codes("createPromoCode", taken) == []
    for text in (taken["code"], f"{taken['code']}-2"):
        input = promo_code_input(vendor, code=text)
        assert await api.signed_in(owner).refusal_codes("createPromoCode", input) == [code]


async def test_a_vendor_has_a_limited_number_of_active_codes(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    for _ in range(MAX_ACTIVE_CODES - 1):
        last = await world.promo_code(vendor)
    client = api.signed_in(owner)
    for codes in ([], ["PROMO_CODE_LIMIT_REACHED"]):
        assert await client.refusal_codes("createPromoCode", promo_code_input(vendor)) == codes
    await client.do("endPromoCode", {"promoCodeId": gid(last)})
    assert await client.refusal_codes("createPromoCode", promo_code_input(vendor)) == []


async def test_update_promo_code(world: World, api: Client) -> None:
    owner = await world.user()
    code = await world.promo_code(await world.vendor(owner), capacity=5, used=0)
    client, id = api.signed_in(owner), gid(code)
    end = (now() + timedelta(days=3)).isoformat()
    changes = {
        "capacity": None,
        "perUser": 3,
        "combines": True,
        "minimumMinor": 100,
        "validUntil": end,
    }
    changed = await client.do("updatePromoCode", {"promoCodeId": id} | changes, SHOWN)
    shown = changed["promoCode"]
    assert (shown["capacity"], shown["perUser"], shown["combines"]) == (None, 3, True)
    assert (shown["remaining"], shown["minimum"]) == (None, {"amountMinor": 100})
    for field, value in (("perUser", 0), ("validUntil", "2000-01-01T00:00:00Z")):
        payload = await client.do("updatePromoCode", {"promoCodeId": id, field: value}, SHOWN)
        assert [one["field"] for one in payload["errors"]] == [[field]]
    for _ in range(2):
        assert await client.refusal_codes("endPromoCode", {"promoCodeId": id}) == []
    again = {"promoCodeId": id, "perUser": 4}
    assert await client.refusal_codes("updatePromoCode", again) == ["PROMO_CODE_ENDED"]


async def test_capacity_is_at_least_the_number_of_uses(world: World, api: Client) -> None:
    owner, buyer = await world.user(), await world.user()
    code = await world.promo_code(await world.vendor(owner), capacity=5, per_user=2, used=2)
    for turn in (1, 2):
        checkout, order = empty_order(buyer)
        use = PromoUse(
            order_id=order.id, promo_code_id=code.id, user_id=buyer.id, turn=turn, amount=1_50
        )
        await world.save(checkout, order, use)
    client = api.signed_in(owner)
    for capacity, codes in ((1, ["CAPACITY_BELOW_USED"]), (2, [])):
        input = {"promoCodeId": gid(code), "capacity": capacity}
        assert await client.refusal_codes("updatePromoCode", input) == codes
    (node,) = (await client.ask(LIST))["promoCodes"]["nodes"]
    assert (node["used"], node["userCount"], node["discounted"]) == (2, 1, {"decimal": "3.00"})


async def test_promo_codes_by_vendor_state_and_code(world: World, api: Client) -> None:
    owner = await world.user()
    one, two = await world.vendor(owner), await world.vendor(owner)
    first, second = await world.promo_code(one), await world.promo_code(two, code="SECOND")
    client = api.signed_in(owner)
    await client.do("endPromoCode", {"promoCodeId": gid(first)})
    assert await ids(client) == [gid(second), gid(first)]
    assert await ids(client, vendorId=gid(one)) == [gid(first)]
    assert await ids(client, state="ACTIVE") == [gid(second)]
    assert await ids(client, code=" second") == [gid(second)]
    assert await ids(client, code="%") == []


@pytest.mark.parametrize("who", OUTSIDERS)
async def test_promo_codes_as_someone_who_does_not_manage_them(
    world: World, api: Client, who: str
) -> None:
    vendor = await world.vendor()
    code = await world.promo_code(vendor)
    client = api.signed_in(await outsider(world, vendor, who))
    seen = who in {"STAFF", "an admin"}
    assert await ids(client) == ([gid(code)] if seen else [])
    input = promo_code_input(vendor)
    assert await client.refusal_codes("createPromoCode", input) == ["NOT_FOUND"]
    for name in ("updatePromoCode", "endPromoCode"):
        assert await client.refusal_codes(name, {"promoCodeId": gid(code)}) == ["NOT_FOUND"]


async def test_promo_codes_as_an_anonymous_caller(world: World, api: Client) -> None:
    code = await world.promo_code()
    assert await api.failed(LIST) == ["UNAUTHENTICATED"]
    input = promo_code_input(None)
    assert await api.mutation_failed("createPromoCode", input) == ["UNAUTHENTICATED"]
    for name in ("updatePromoCode", "endPromoCode"):
        given = {"promoCodeId": gid(code)}
        assert await api.mutation_failed(name, given) == ["UNAUTHENTICATED"]


async def test_managers_of_a_vendor_manage_its_codes(world: World, api: Client) -> None:
    vendor = await world.vendor()
    manager = await new_member(world, vendor, MemberRole.MANAGER)
    assert (
        await api.signed_in(manager).refusal_codes("createPromoCode", promo_code_input(vendor))
        == []
    )
