"""A user who is a customer, the OWNER of a vendor and an ADMIN at once."""

from typing import Any

import httpx
import pytest

from models.identity.accounts import Role, User
from models.payments.disputes import DisputeEvidence, DisputeState
from models.payments.refunds import RefundPart
from models.vendors import MemberRole, Vendor, VendorStatus
from models.vendors.commissions import MAX_COMMISSION_BPS
from tests.client import Client, gid
from tests.factories.chat import Chat
from tests.factories.emails import email_of
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.bookings.inputs import keyed
from tests.resolvers.chat.test_report_message import REPORT, complaint
from tests.resolvers.disputes.nodes import dispute_of
from tests.resolvers.identity.browser import BrowserPages
from tests.resolvers.orders.handling import SoldOrder
from tests.resolvers.payouts.test_payout_files import made
from tests.resolvers.vendors.test_create_vendor import SHOP

SEEN = """query ($vendor: ID!, $order: ID!, $other: ID!) {
  viewer { role vendors { id } }
  vendor(id: $vendor) { status viewerRole }
  other: vendor(id: $other) { status viewerRole }
  order(id: $order) { id suborders { vendor { id } } } }"""
SET_PACKS = """mutation ($input: SetPacksRequiredInput!) {
  setPacksRequired(input: $input) { errors { code } } }"""
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
    "suspendVendor": {"reason": "Complaints"},
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


async def test_memberships_of_the_own_vendor(world: World, api: Client) -> None:
    """An admin changes neither the members of their vendor nor makes themself one of another."""
    owner = await OwningAdmin.begin(world, api)
    friend = await world.user()
    added = {"vendorId": gid(owner.vendor), "user": {"id": gid(friend)}, "role": "MANAGER"}
    assert await owner.client.refusal_codes("addVendorMember", added) == ["OWN_VENDOR"]
    assert await owner.colleague.refusal_codes("addVendorMember", added) == []
    removed = {"vendorId": gid(owner.vendor), "userId": gid(friend)}
    assert await owner.client.refusal_codes("removeVendorMember", removed) == ["OWN_VENDOR"]
    assert await owner.colleague.refusal_codes("removeVendorMember", removed) == []
    joining = {"vendorId": gid(owner.other), "role": "OWNER"}
    for user in ({"id": gid(owner.user)}, {"email": email_of(owner.user)}):
        codes = await owner.client.refusal_codes("addVendorMember", joining | {"user": user})
        assert codes == ["OWN_ACCOUNT"]
        shop = SHOP | {"categoryId": gid(await world.category()), "owner": user}
        assert await owner.client.refusal_codes("createVendor", shop | keyed()) == ["OWN_ACCOUNT"]
        assert await owner.colleague.refusal_codes("createVendor", shop | keyed()) == []


async def test_a_dispute_of_the_own_vendor_or_order(world: World, api: Client) -> None:
    """An admin who works for the vendor answers for it, by their role, and accepts nothing."""
    owner = await OwningAdmin.begin(world, api)
    scanner = await world.admin()
    await world.member(owner.vendor, scanner, MemberRole.SCANNER)
    buyer = await world.admin()
    placed = await world.placed_order(buyer, [owner.vendor])
    dispute, share = dispute_of(placed, DisputeState.NEEDS_RESPONSE)
    await world.save(dispute, share)
    given: dict[str, Any] = {"disputeId": gid(dispute)}
    answer = given | {"explanation": "It was delivered."}
    for user in (scanner, buyer, owner.user):
        client = api.signed_in(user)
        assert await client.refusal_codes("acceptDispute", given | keyed()) == ["OWN_ORDER"]
        if user is not owner.user:
            assert await client.refusal_codes("answerDispute", answer | keyed()) == ["OWN_ORDER"]
    assert await owner.client.refusal_codes("answerDispute", answer | keyed()) == []
    assert (await world.first(DisputeEvidence)).vendor_id == owner.vendor.id


async def test_a_report_of_the_own_conversation(world: World, api: Client) -> None:
    customer = await world.admin()
    for member, user, code in (
        (await world.admin(), await world.user(), "OWN_VENDOR"),
        (await world.user(), customer, "OWN_ACCOUNT"),
    ):
        vendor = await world.vendor(member)
        chat = await Chat.between(world, api, user, vendor, member)
        sent = await chat.send(chat.customer, "Go away")
        reported = await api.signed_in(member).do("reportMessage", complaint(sent), REPORT)
        given = {"reportId": reported["report"]["id"]}
        own = customer if code == "OWN_ACCOUNT" else member
        assert await api.signed_in(own).refusal_codes("resolveReport", given) == [code]
        other = api.signed_in(await world.admin())
        assert await other.refusal_codes("resolveReport", given) == []


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
        for name in ("approveLedgerAdjustment", "rejectLedgerAdjustment"):
            assert await owner.client.refusal_codes(name, decided) == ["OWN_WALLET"]
        assert await owner.colleague.refusal_codes("approveLedgerAdjustment", decided) == []
    for buyer in (owner.user, await world.user()):
        placed = await world.placed_order(buyer, [owner.vendor])
        goodwill = {"orderId": gid(placed.order), "amountMinor": 1_00, "reason": "Goodwill"}
        refused = await owner.client.refusal_codes("grantOrderRefund", goodwill | keyed())
        assert refused == ["OWN_ORDER"]
    await check_invariants(world.database)


async def test_own_payout_file(world: World, api: Client) -> None:
    """The payout of the own vendor is in the file of another admin, and a third one decides."""
    owner = await OwningAdmin.begin(world, api)
    await world.earned(owner.vendor, 500_00)
    payout = await world.payout(await world.payout_account(owner.vendor), 500_00)
    file = await made(owner.colleague)
    approved = {"payoutFileId": file["id"], **keyed()}
    assert await owner.client.refusal_codes("approvePayoutFile", approved) == ["OWN_PAYOUT"]
    third = api.signed_in(await world.admin())
    assert await third.refusal_codes("approvePayoutFile", approved) == []
    paid = {"payoutId": gid(payout), "reference": "HDFCN1", **keyed()}
    assert await owner.client.refusal_codes("markPayoutPaid", paid) == ["OWN_PAYOUT"]
    assert await third.refusal_codes("markPayoutPaid", paid) == []
    await check_invariants(world.database)


async def test_own_refund(world: World, api: Client) -> None:
    """A buyer who is an admin records no transfer to themself."""
    sale = await SoldOrder.make(world, api)
    async with world.database.session() as session, session.begin():
        (await session.get_one(User, sale.user.id)).role = Role.ADMIN
    cancelled = {"orderId": gid(sale.placed.order), **keyed()}
    buyer = api.signed_in(await world.fresh(sale.user))
    assert await buyer.refusal_codes("cancelOrder", cancelled) == []
    part = await world.first(RefundPart)
    settled = {"refundPartId": gid(part), "reference": "UTR-1", **keyed()}
    assert await buyer.refusal_codes("settleRefund", settled) == ["OWN_ORDER"]
    other = api.signed_in(await world.admin())
    assert await other.refusal_codes("settleRefund", settled) == []


async def test_switched_role_hides_no_membership(
    world: World, api: Client, http: httpx.AsyncClient
) -> None:
    """An admin in a browser session has no rights of a member, and is one all the same."""
    owner, browser = await OwningAdmin.begin(world, api), BrowserPages(http)
    await browser.log_in(owner.user)
    given = {"vendorId": gid(owner.vendor), "required": False}
    await browser.act(vendorId=gid(owner.vendor))
    assert await browser.failed(SET_PACKS, input=given) == ["FORBIDDEN"]
    await browser.act(admin=True)
    shown = await browser.ask(
        "query ($id: ID!) { vendor(id: $id) { viewerRole } }", id=gid(owner.vendor)
    )
    assert shown["vendor"]["viewerRole"] is None
    codes = (await browser.do("setPacksRequired", given))["errors"]
    assert [one["code"] for one in codes] == ["OWN_VENDOR"]
    others = given | {"vendorId": gid(owner.other)}
    assert (await browser.do("setPacksRequired", others))["errors"] == []


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
