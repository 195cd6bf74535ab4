"""Each role calls real operations of each permission, and only those of `GRANTS` succeed."""

from typing import Any
from uuid import uuid4

import pytest

from models.members import GRANTS, Permission, may
from models.vendors import MemberRole, VendorStatus
from services.invoices.content.suborders import issue_suborder
from services.transaction import Transactions
from tests.client import Client, gid, unknown
from tests.domains import of_domains
from tests.factories.buying import Unheard
from tests.factories.catalog import product_input
from tests.factories.chat import Chat, canned_input, hours_input
from tests.factories.emails import email_of
from tests.factories.members import invitation
from tests.factories.offers import offer_input
from tests.factories.packs import PRICE, buying
from tests.factories.payouts import IFSC
from tests.factories.promos import promo_code_input
from tests.factories.shipping import zones_input
from tests.factories.taxes import GSTIN
from tests.factories.vendors import new_member, outsider
from tests.factories.world import World
from tests.resolvers.members.workplace import Probe, Workplace, does, finds

OUTSIDERS = ["a stranger", "a customer", "another vendor's owner"]


async def see_vendor(place: Workplace, client: Client) -> list[bool]:
    place.vendor.status = VendorStatus.PENDING
    await place.world.save(place.vendor)
    return [await finds(client, "query ($id: ID!) { vendor(id: $id) { id } }", place.vendor)]


async def redeem(place: Workplace, client: Client) -> list[bool]:
    voucher = await place.voucher()
    given = {"vendorId": gid(place.vendor), "idempotencyKey": str(voucher.id)}
    return [
        await does(client, "redeemVoucher", given | {"code": voucher.code}),
        await place.shows(client, "redemptions { nodes { id } }"),
    ]


async def see_offers(place: Workplace, client: Client) -> list[bool]:
    draft = await place.world.offer(place.vendor, state="DRAFT")
    return [await finds(client, "query ($id: ID!) { offer(id: $id) { id } }", draft)]


async def see_statistics(place: Workplace, client: Client) -> list[bool]:
    days = 'redemptionDays(fromDay: "2026-05-01", untilDay: "2026-05-02") { day }'
    return [
        await place.shows(client, days),
        await place.shows(client, "firstAnswer { medianSeconds }"),
    ]


async def see_members(place: Workplace, client: Client) -> list[bool]:
    return [await place.shows(client, "members { nodes { id } }")]


async def chat(place: Workplace, client: Client) -> list[bool]:
    return [
        await place.shows(client, "conversations { nodes { id } }"),
        await place.shows(client, "cannedReplies { id }"),
        await does(client, "sendMessage", place.chat.draft()),
        await does(client, "saveCannedReply", canned_input(place.vendor, title=str(id(client)))),
    ]


async def assign_chats(place: Workplace, client: Client) -> list[bool]:
    conversation = await place.chat.row()
    conversation.assignee_id = None
    await place.world.save(conversation)
    given = {"conversationId": place.chat.id, "memberId": gid(place.chat.member)}
    return [await does(client, "assignConversation", given)]


async def edit_chat_hours(place: Workplace, client: Client) -> list[bool]:
    return [await does(client, "saveChatHours", hours_input(place.vendor))]


async def edit_offers(place: Workplace, client: Client) -> list[bool]:
    return [await does(client, "createOffer", offer_input(place.vendor))]


async def see_products(place: Workplace, client: Client) -> list[bool]:
    draft = await place.world.product(place.vendor, state="DRAFT")
    return [await finds(client, "query ($id: ID!) { product(id: $id) { id } }", draft)]


async def edit_products(place: Workplace, client: Client) -> list[bool]:
    given = product_input(place.vendor, str(id(client)))
    return [await does(client, "createProduct", given)]


async def see_stock(place: Workplace, client: Client) -> list[bool]:
    return [await place.shows(client, "stockLevels { nodes { id } }")]


async def edit_stock(place: Workplace, client: Client) -> list[bool]:
    product = await place.world.product(place.vendor)
    (variant,) = await place.world.variants(product)
    lines = [{"variantId": gid(variant), "quantity": 1}]
    given = {"vendorId": gid(place.vendor), "lines": lines, "idempotencyKey": str(id(client))}
    return [await does(client, "receiveStock", given)]


async def see_promo_codes(place: Workplace, client: Client) -> list[bool]:
    code = await place.world.promo_code(place.vendor)
    return [await finds(client, "query ($id: ID!) { node(id: $id) { id } }", code)]


async def edit_promo_codes(place: Workplace, client: Client) -> list[bool]:
    code = await place.world.promo_code(place.vendor)
    return [
        await does(client, "createPromoCode", promo_code_input(place.vendor)),
        await does(client, "updatePromoCode", {"promoCodeId": gid(code), "perUser": 2}),
        await does(client, "endPromoCode", {"promoCodeId": gid(code)}),
    ]


async def see_orders(place: Workplace, client: Client) -> list[bool]:
    placed = await place.sale()
    listed = "query ($id: ID!) { vendorOrders(vendorId: $id) { nodes { id } } }"
    answer = (await client.send(listed, id=gid(place.vendor)))["data"]
    return [
        await finds(client, "query ($id: ID!) { node(id: $id) { id } }", placed.suborders[0]),
        bool(answer and answer["vendorOrders"]["nodes"]),
    ]


async def edit_orders(place: Workplace, client: Client) -> list[bool]:
    accepted, shipped = await place.sale(), await place.sale()
    lines = [{"lineId": gid(shipped.lines[0]), "quantity": 1}]
    given = {"suborderId": gid(shipped.suborders[0]), "idempotencyKey": str(id(client))}
    return [
        await does(client, "acceptSuborder", {"suborderId": gid(accepted.suborders[0])}),
        await does(client, "createShipment", given | {"lines": lines}),
    ]


async def see_wallet(place: Workplace, client: Client) -> list[bool]:
    return [await place.shows(client, "wallet { currency }")]


async def see_invoices(place: Workplace, client: Client) -> list[bool]:
    placed = await place.sale()
    async with Transactions(place.world.database, Unheard()).begin() as session:
        invoice = await issue_suborder(session, place.world.sealer, placed.suborders[0].id)
    listed = "query ($id: ID!) { invoices(where: {vendorId: $id}) { nodes { id } } }"
    answer = (await client.send(listed, id=gid(place.vendor)))["data"]
    return [
        await finds(client, "query ($id: ID!) { node(id: $id) { id } }", invoice),
        bool(answer and answer["invoices"]["nodes"]),
        await place.shows(
            client, 'invoicesCsv(fromDay: "2026-05-01", untilDay: "2026-05-02") { url }'
        ),
    ]


async def see_payouts(place: Workplace, client: Client) -> list[bool]:
    vendor, world = place.vendor, place.world
    account = await world.payout_account(vendor)
    payout = await world.payout(account)
    balance = "query ($id: ID!) { vendorBalance(vendorId: $id) { payoutSchedule } }"
    own = "query ($id: ID!) { payoutAccount(vendorId: $id) { id } }"
    listed = "query ($id: ID!) { payouts(vendorId: $id) { nodes { id } } }"
    balances, accounts, payouts = [
        (await client.send(query, id=gid(vendor)))["data"] for query in (balance, own, listed)
    ]
    done = [
        bool(balances and balances["vendorBalance"]),
        bool(accounts and accounts["payoutAccount"]),
        bool(payouts and payouts["payouts"]["nodes"]),
        await finds(client, "query ($id: ID!) { node(id: $id) { id } }", payout),
    ]
    await world.delete(payout)  # a vendor has one that is open, and one open account
    await world.delete(account)
    return done


async def manage_payouts(place: Workplace, client: Client) -> list[bool]:
    vendor, world = place.vendor, place.world
    account = await world.payout_account(vendor)
    await world.earned(vendor, 500_00)
    given, key = {"vendorId": gid(vendor)}, {"idempotencyKey": str(id(client))}
    bank = {
        "rail": "BANK_FILE",
        "holder": "Corner Cafe",
        "bankCode": IFSC,
        "accountNumber": "998877665544",
    }
    done = [
        await does(client, "requestPayout", given | key),
        await does(client, "setPayoutSchedule", given | {"schedule": "DAILY"}),
        await does(client, "setPayoutAccount", given | key | bank),
        await does(client, "closePayoutAccount", given),
    ]
    account.close()  # a vendor has one that is open
    await world.save(account)
    return done


async def manage_packs(place: Workplace, client: Client) -> list[bool]:
    vendor, world = place.vendor, place.world
    pack = await world.pack()
    await world.fund(vendor, PRICE)
    topped_up = {
        "vendorId": gid(vendor),
        "amountMinor": 500_00,
        "currency": "INR",
        "provider": "MANUAL",
        "idempotencyKey": str(id(client)),
    }
    grant = await world.bought(vendor, place.owner, pack)
    query = "query ($id: ID!) { packBalance(vendorId: $id) { required } }"
    answer = await client.send(query, id=gid(vendor))
    return [
        bool(answer["data"] and answer["data"]["packBalance"]),
        await finds(client, "query ($id: ID!) { node(id: $id) { id } }", grant),
        await does(client, "buyPack", buying(vendor, pack)),
        await does(client, "topUpWallet", topped_up),
    ]


async def edit_shipping(place: Workplace, client: Client) -> list[bool]:
    return [await does(client, "setShippingZones", zones_input(place.vendor))]


async def manage_taxes(place: Workplace, client: Client) -> list[bool]:
    row = await place.world.tax_registration(place.vendor, country="DE", region=uuid4().hex)
    given = {"vendorId": gid(place.vendor), "country": "IN", "kind": "REGULAR", "number": GSTIN}
    return [
        await place.shows(client, "taxRegistrations { taxNumber }"),
        await does(client, "setTaxRegistration", given),
        await does(client, "removeTaxRegistration", {"taxRegistrationId": gid(row)}),
    ]


async def edit_vendor(place: Workplace, client: Client) -> list[bool]:
    given = {"vendorId": gid(place.vendor), "website": "https://tea.example"}
    return [await does(client, "updateVendor", given)]


async def manage_members(place: Workplace, client: Client) -> list[bool]:
    world, vendor = place.world, place.vendor
    person, other, lost = [await world.user() for _ in range(3)]
    role = MemberRole.SCANNER
    sent = gid((await invitation(world, vendor, place.owner, email_of(person), role)).row)
    given = gid((await invitation(world, vendor, place.owner, email_of(other), role)).row)
    member = gid(await world.member(vendor, lost, role), "Member")
    invited = {"vendorId": gid(vendor), "email": email_of(await world.user()), "role": role}
    return [
        await place.shows(client, "invitations { nodes { email } }"),
        await does(client, "inviteMember", invited),
        await does(client, "resendInvitation", {"invitationId": sent}),
        await does(client, "revokeInvitation", {"invitationId": given}),
        await does(client, "changeMemberRole", {"memberId": member, "role": role}),
        await does(client, "removeMember", {"memberId": member}),
    ]


async def see_commission(place: Workplace, client: Client) -> list[bool]:
    return [await place.shows(client, "commissions { bps }")]


PROBES: dict[Permission, Probe] = {
    Permission.SEE_VENDOR: see_vendor,
    Permission.SEE_COMMISSION: see_commission,
    Permission.REDEEM: redeem,
    Permission.SEE_OFFERS: see_offers,
    Permission.SEE_STATISTICS: see_statistics,
    Permission.SEE_MEMBERS: see_members,
    Permission.CHAT: chat,
    Permission.ASSIGN_CHATS: assign_chats,
    Permission.EDIT_CHAT_HOURS: edit_chat_hours,
    Permission.EDIT_OFFERS: edit_offers,
    Permission.SEE_PRODUCTS: see_products,
    Permission.EDIT_PRODUCTS: edit_products,
    Permission.SEE_STOCK: see_stock,
    Permission.EDIT_STOCK: edit_stock,
    Permission.SEE_PROMO_CODES: see_promo_codes,
    Permission.EDIT_PROMO_CODES: edit_promo_codes,
    Permission.SEE_ORDERS: see_orders,
    Permission.EDIT_ORDERS: edit_orders,
    Permission.EDIT_SHIPPING: edit_shipping,
    Permission.MANAGE_TAXES: manage_taxes,
    Permission.SEE_WALLET: see_wallet,
    Permission.SEE_INVOICES: see_invoices,
    Permission.SEE_PAYOUTS: see_payouts,
    Permission.MANAGE_PAYOUTS: manage_payouts,
    Permission.MANAGE_PACKS: manage_packs,
    Permission.EDIT_VENDOR: edit_vendor,
    Permission.MANAGE_MEMBERS: manage_members,
}
# Domains can have their own, in tests/resolvers/<domain>/probes.py.
for _domain in of_domains("resolvers", "probes"):
    PROBES |= _domain.PROBES


@pytest.mark.parametrize("permission", PROBES)
async def test_each_role_may_do_what_the_table_grants(
    world: World, api: Client, permission: Permission
) -> None:
    place = Workplace(world, await Chat.open(world, api), await world.user())
    await world.member(place.vendor, place.owner, MemberRole.OWNER)
    clients = {
        role: api.signed_in(await new_member(world, place.vendor, role)) for role in MemberRole
    }
    for role, client in clients.items():
        done = await PROBES[permission](place, client)
        assert done == [may(role, permission)] * len(done), role
    strangers = [await outsider(world, place.vendor, kind) for kind in OUTSIDERS]
    for client in [api, *map(api.signed_in, strangers)]:
        done = await PROBES[permission](place, client)
        assert done == [False] * len(done)


def test_scanners_only_redeem_and_check_in() -> None:
    allowed = {Permission.SEE_VENDOR, Permission.REDEEM, Permission.CHECK_IN}
    assert GRANTS[MemberRole.SCANNER] == allowed


def test_every_permission_has_a_probe() -> None:
    assert PROBES.keys() == set(Permission), (
        "call what the permission allows, in PROBES here or of tests/resolvers/<domain>/probes.py"
    )


def test_a_higher_role_may_do_what_a_lower_one_may() -> None:
    for higher, lower in zip(list(MemberRole), list(MemberRole)[1:], strict=False):
        assert GRANTS[higher] >= GRANTS[lower]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("inviteMember", {"vendorId": unknown("Vendor"), "email": "a@b.example", "role": "STAFF"}),
        ("resendInvitation", {"invitationId": unknown("MemberInvitation")}),
        ("revokeInvitation", {"invitationId": unknown("MemberInvitation")}),
        ("acceptInvitation", {"token": "unknown"}),
        ("declineInvitation", {"token": "unknown"}),
        ("changeMemberRole", {"memberId": unknown("Member"), "role": "STAFF"}),
        ("removeMember", {"memberId": unknown("Member")}),
        ("leaveVendor", {"vendorId": unknown("Vendor")}),
    ],
)
async def test_no_api_token_changes_members(
    world: World, api: Client, name: str, given: dict[str, Any]
) -> None:
    """A token of an owner neither, whatever its scopes. What is unknown ends alike for a user."""
    owner = await world.user()
    await world.vendor(owner)
    _, secret = await world.api_token(owner)
    assert await api.bearing(secret).mutation_failed(name, dict(given)) == ["FORBIDDEN"]
    gone = "INVITATION_ENDED" if "token" in given else "NOT_FOUND"
    assert await api.signed_in(owner).refusal_codes(name, dict(given)) == [gone]
