"""A user who is a customer, the OWNER of a vendor and an ADMIN at once."""

from typing import Any

import pytest

from models.identity.accounts import User
from models.vendors import MemberRole, Vendor, VendorStatus
from models.vendors.commissions import MAX_COMMISSION_BPS
from tests.client import Client, gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.bookings.inputs import keyed

SEEN = """query ($vendor: ID!, $order: ID!, $other: ID!) {
  viewer { role vendors { id } }
  vendor(id: $vendor) { status viewerRole }
  other: vendor(id: $other) { status viewerRole }
  order(id: $order) { id suborders { vendor { id } } } }"""
DECIDED = ("approveVendor", "rejectVendor", "requestVendorChanges")


class OwningAdmin:
    """`user` owns `vendor` and has ordered from it; `other` is a vendor of others."""

    user: User
    vendor: Vendor
    other: Vendor
    client: Client
    colleague: Client

    @classmethod
    async def begin(cls, world: World, api: Client, **values: Any) -> "OwningAdmin":
        self = cls()
        self.user = await world.admin()
        self.vendor = await world.vendor(self.user, **values)
        self.other = await world.vendor(await world.user(), **values)
        self.client = api.signed_in(self.user)
        self.colleague = api.signed_in(await world.admin())
        return self


@pytest.mark.parametrize("name", DECIDED)
async def test_own_application(world: World, api: Client, name: str) -> None:
    owner = await OwningAdmin.begin(world, api, status=VendorStatus.PENDING)
    await world.member(owner.vendor, await world.user(), MemberRole.OWNER)
    application = await world.application(owner.user, owner.vendor)
    given: dict[str, Any] = {"applicationId": gid(application), "revision": 1}
    if name != "approveVendor":
        given["reason"] = "The licence has expired."
    assert await owner.client.refusal_codes(name, given) == ["OWN_VENDOR"]
    assert await owner.colleague.refusal_codes(name, given) == []


DECISIONS: dict[str, dict[str, Any]] = {
    "setCommission": {"bps": MAX_COMMISSION_BPS},
    "setPacksRequired": {"required": False},
    "setReserve": {"bps": 0, "days": 0},
    "restoreVendor": {},
}


@pytest.mark.parametrize("name", DECISIONS)
async def test_decisions_on_the_own_vendor(world: World, api: Client, name: str) -> None:
    """They are of another admin, also if the own membership is the lowest."""
    owner = await OwningAdmin.begin(world, api)
    if name == "restoreVendor":
        for vendor in (owner.vendor, owner.other):
            suspended = {"vendorId": gid(vendor), "reason": "Complaints"}
            assert await owner.colleague.refusal_codes("suspendVendor", suspended) == []
    expected = "OWN_PAYOUT" if name == "setReserve" else "OWN_VENDOR"
    given = DECISIONS[name] | {"vendorId": gid(owner.vendor)}
    assert await owner.client.refusal_codes(name, given) == [expected]
    scanner = await world.admin()
    await world.member(owner.vendor, scanner, MemberRole.SCANNER)
    assert await api.signed_in(scanner).refusal_codes(name, given) == [expected]
    others = given | {"vendorId": gid(owner.other)}
    assert await owner.client.refusal_codes(name, others) == []
    assert await owner.colleague.refusal_codes(name, given) == []
    await check_invariants(world.database)


async def test_own_money(world: World, api: Client) -> None:
    """An adjustment, a goodwill and a promotional gift to the own wallets are refused."""
    owner = await OwningAdmin.begin(world, api)
    for who in ({"userId": gid(owner.user)}, {"vendorId": gid(owner.vendor)}):
        given: dict[str, Any] = {
            "owner": who,
            "debit": "BANK",
            "credit": "WALLET",
            "reason": "Cash",
        }
        given |= {"amountMinor": 100_00, "currency": "INR"}
        assert await owner.client.refusal_codes("adjustLedger", given | keyed()) == ["OWN_WALLET"]
    for adjustment in (await world.adjustment(owner.user), await world.adjustment(owner.vendor)):
        decided = {"adjustmentId": gid(adjustment)}
        refused = await owner.client.refusal_codes("approveLedgerAdjustment", decided)
        assert refused == ["OWN_WALLET"]
        assert await owner.colleague.refusal_codes("approveLedgerAdjustment", decided) == []
    for buyer in (owner.user, await world.user()):
        placed = await world.placed_order(buyer, [owner.vendor])
        goodwill = {"orderId": gid(placed.order), "amountMinor": 1_00, "reason": "Goodwill"}
        refused = await owner.client.refusal_codes("grantOrderRefund", goodwill | keyed())
        assert refused == ["OWN_ORDER"]
    await check_invariants(world.database)


async def test_fields_of_each_role_in_one_query(world: World, api: Client) -> None:
    """An admin who sees a vendor is no member of it, and sees each order as its own buyer's."""
    owner = await OwningAdmin.begin(world, api)
    placed = await world.placed_order(owner.user, [owner.other])
    given = {
        "vendor": gid(owner.vendor),
        "other": gid(owner.other),
        "order": gid(placed.order),
    }
    seen = await owner.client.ask(SEEN, **given)
    assert seen["viewer"] == {"role": "ADMIN", "vendors": [{"id": gid(owner.vendor)}]}
    assert seen["vendor"] == {"status": "APPROVED", "viewerRole": "OWNER"}
    assert seen["other"] == {"status": "APPROVED", "viewerRole": None}
    assert seen["order"]["suborders"] == [{"vendor": {"id": gid(owner.other)}}]
    member = await new_member(world, owner.other, MemberRole.STAFF)
    assert (await api.signed_in(member).ask(SEEN, **given))["order"] is None
