"""Suspending and restoring a vendor."""

from typing import Any

import pytest

from models.identity.accounts import UserState
from models.privacy import AccountDeletion
from models.redemptions import RedemptionReason
from models.vendors import MemberRole, VendorStatus
from tests.client import Client, gid, unknown
from tests.factories.redemptions import Till
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.audit.test_audit_log import read_log

REASON = "Customers did not get what they had paid for."
EVERYWHERE = """query ($offer: ID!, $vendor: ID!, $search: String!) {
  one: node(id: $offer) { id } shop: node(id: $vendor) { id }
  offer(id: $offer) { id } vendor(id: $vendor) { id }
  offers { nodes { id } } found: offers(search: $search) { nodes { id } }
  near: offers(near: {latitude: 12.9716, longitude: 77.5946, withinKm: 5}) { nodes { id } }
  here: offers(where: {vendorId: $vendor}) { nodes { id } }
  at: offers(where: {pinCode: "560001"}) { nodes { id } }
  vendors { nodes { id } } sellers: vendors(search: "Vendor") { nodes { id } }
}"""
VOUCHER = "query ($id: ID!) { voucher(id: $id) { state refusal vendor { name status } } }"
SUSPENSION = "query ($id: ID!) { vendor(id: $id) { status suspension { reason since } } }"
NOTICES = "{ viewer { notifications { nodes { kind subject { id } } } } }"


async def suspend(client: Client, till: Till) -> dict[str, Any]:
    given = {"vendorId": gid(till.vendor), "reason": REASON}
    return await client.do("suspendVendor", given, "vendor { id status }")


async def restore(client: Client, till: Till) -> dict[str, Any]:
    return await client.do("restoreVendor", {"vendorId": gid(till.vendor)}, "vendor { status }")


def shown(found: dict[str, Any]) -> set[str]:
    """Return the names of the fields that show something."""
    return {name for name, value in found.items() if value and value.get("nodes", True)}


@pytest.fixture
async def admin(world: World, api: Client) -> Client:
    return api.signed_in(await world.admin())


async def test_a_suspended_vendor_leaves_every_list(
    world: World, api: Client, admin: Client
) -> None:
    till = await Till.open(world, title={"en": "Filter coffee"}, pin_codes=["560001"])
    ids = {"offer": gid(till.offer), "vendor": gid(till.vendor), "search": "coffee"}
    names = {"one", "shop", "offer", "vendor", "offers", "found", "near", "here", "at", "vendors"}
    names.add("sellers")
    assert shown(await api.ask(EVERYWHERE, **ids)) == names
    assert (await suspend(admin, till))["vendor"]["status"] == "SUSPENDED"
    for client in (api, api.signed_in(till.customer)):
        assert shown(await client.ask(EVERYWHERE, **ids)) == set()
    assert shown(await api.signed_in(till.scanner).ask(EVERYWHERE, **ids)) >= {"vendor"}
    owner = api.signed_in(await new_member(world, till.vendor, MemberRole.OWNER))
    assert shown(await owner.ask(EVERYWHERE, **ids)) >= {"vendor", "one"}
    assert (await restore(admin, till))["vendor"] == {"status": "APPROVED"}
    assert shown(await api.ask(EVERYWHERE, **ids)) == names


async def test_vouchers_of_a_suspended_vendor_are_refused_with_that_reason(
    world: World, api: Client, admin: Client
) -> None:
    till = await Till.open(world)
    voucher, customer = await till.voucher(), api.signed_in(till.customer)
    await suspend(admin, till)
    assert (await customer.ask(VOUCHER, id=gid(voucher)))["voucher"] == {
        "state": "CLAIMED",
        "refusal": "VENDOR_SUSPENDED",
        "vendor": {"name": till.vendor.name, "status": "SUSPENDED"},
    }
    refused = await till.redeem(api, token=voucher.token)
    assert (refused["outcome"], refused["reason"]) == ("REFUSED", "VENDOR_SUSPENDED")
    (attempt,) = await till.attempts()
    assert attempt.reason is RedemptionReason.VENDOR_SUSPENDED
    claim = {"offerId": gid(till.offer), "idempotencyKey": "k"}
    assert await customer.refusal_codes("claimOffer", claim) == ["VENDOR_SUSPENDED"]
    await restore(admin, till)
    assert (await customer.ask(VOUCHER, id=gid(voucher)))["voucher"]["refusal"] is None
    assert (await till.redeem(api, token=voucher.token))["outcome"] == "APPROVED"


async def test_a_suspended_vendor_starts_no_conversation(
    world: World, api: Client, admin: Client
) -> None:
    """Those that have begun go on: customers have questions about their vouchers."""
    till = await Till.open(world)
    voucher, customer = await till.voucher(), api.signed_in(till.customer)
    begun = {"vendorId": gid(till.vendor)}
    started = await customer.do("startConversation", begun, "conversation { id }")
    await suspend(admin, till)
    about = begun | {"subjectId": gid(voucher)}
    member = api.signed_in(till.scanner)
    assert await member.refusal_codes("startConversation", about) == ["VENDOR_SUSPENDED"]
    assert await customer.refusal_codes("startConversation", about) == ["NOT_FOUND"]
    message = {
        "conversationId": started["conversation"]["id"],
        "clientMessageId": "m",
        "text": "Is my voucher still valid?",
    }
    assert await customer.refusal_codes("sendMessage", message) == []


async def test_owners_are_notified_with_the_reason(
    world: World, api: Client, admin: Client
) -> None:
    till = await Till.open(world)
    owner = api.signed_in(await new_member(world, till.vendor, MemberRole.OWNER))
    for _ in range(2):
        assert (await suspend(admin, till))["errors"] == []
        seen = (await owner.ask(SUSPENSION, id=gid(till.vendor)))["vendor"]
        assert seen["suspension"]["reason"] == REASON
        assert (await restore(admin, till))["errors"] == []
    seen = (await owner.ask(SUSPENSION, id=gid(till.vendor)))["vendor"]
    assert seen == {"status": "APPROVED", "suspension": None}
    nodes = (await owner.ask(NOTICES))["viewer"]["notifications"]["nodes"]
    assert [one["kind"] for one in nodes] == ["VENDOR_RESTORED", "VENDOR_SUSPENDED"] * 2
    assert {one["subject"]["id"] for one in nodes} == {gid(till.vendor)}
    for act in ("SUSPEND_VENDOR", "RESTORE_VENDOR"):
        entries = await read_log(admin, act=act, outcome="DONE", count=2)
        assert [one["subjectId"] for one in entries] == [gid(till.vendor)] * 2
    assert await api.failed(SUSPENSION, id=gid(till.vendor)) == ["UNAUTHENTICATED"]
    customer = api.signed_in(till.customer)
    assert await customer.failed(SUSPENSION, id=gid(till.vendor)) == ["FORBIDDEN"]


@pytest.mark.parametrize("status", VendorStatus)
async def test_suspend_and_restore_only_in_the_right_status(
    world: World, admin: Client, status: VendorStatus
) -> None:
    till = await Till.open(world)
    till.vendor.status = status
    await world.save(till.vendor)
    wrong = ["INVALID_VENDOR_STATUS"]
    restored = await restore(admin, till)
    codes = [error["code"] for error in restored["errors"]]
    assert codes == ([] if status is VendorStatus.SUSPENDED else wrong)
    suspended = await suspend(admin, till)
    codes = [error["code"] for error in suspended["errors"]]
    can = {VendorStatus.APPROVED, VendorStatus.SUSPENDED}
    assert codes == ([] if status in can else wrong)


async def test_suspend_and_restore_as_others(world: World, api: Client, admin: Client) -> None:
    till = await Till.open(world)
    owner = await new_member(world, till.vendor, MemberRole.OWNER)
    given = {"vendorId": gid(till.vendor), "reason": REASON}
    for name in ("suspendVendor", "restoreVendor"):
        if name == "restoreVendor":
            del given["reason"]
        assert await api.mutation_failed(name, given) == ["UNAUTHENTICATED"]
        for user in (owner, till.customer):
            assert await api.signed_in(user).mutation_failed(name, given) == ["FORBIDDEN"]
        nowhere = given | {"vendorId": unknown("Vendor")}
        assert await admin.refusal_codes(name, nowhere) == ["NOT_FOUND"]
    blank = {"vendorId": gid(till.vendor), "reason": " "}
    assert await admin.refusal_codes("suspendVendor", blank) == ["INVALID_INPUT"]


@pytest.mark.parametrize("leaves", [False, True])
async def test_a_vendor_sells_only_with_an_owner_who_stays(
    world: World, admin: Client, leaves: bool
) -> None:
    """The advice to suspend the vendor first must not lead to one without anyone to run it."""
    till = await Till.open(world)
    owner = await new_member(world, till.vendor, MemberRole.OWNER)
    await suspend(admin, till)
    if leaves:
        await world.save(AccountDeletion(user_id=owner.id))
    else:
        owner.state = UserState.SUSPENDED
        await world.save(owner)
    assert [one["code"] for one in (await restore(admin, till))["errors"]] == ["LAST_OWNER"]
    await new_member(world, till.vendor, MemberRole.OWNER)
    assert (await restore(admin, till))["errors"] == []
