"""Deductions of an order: fixed when it is placed."""

from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.pricing.discounts import PromoKind
from models.vendors import MemberRole
from services.ledger.posting import find_legs
from tests.client import Client, gid
from tests.factories.buying import PRICE, Buyer, Stall
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants import check_invariants

EARNINGS = """query Q($id: ID!) { node(id: $id) { ... on SubOrder { earnings {
    commissionBps commission { amountMinor } vendorNet { amountMinor }
} } } }"""


async def test_an_order_keeps_the_rates_of_its_day(world: World, api: Client) -> None:
    """100.00 with 18 % in them, 10.00 of which the platform pays: 84.75 of goods and 15.26 of tax.

    20 % of that are 16.95, with 3.05 of GST. TCS is twice 0.21, and TDS 0.08.
    """
    stall, other = await Stall.open(world), await Stall.open(world)
    admin = await world.admin()
    await world.tax_rate()
    await world.levies()
    await world.tax_registration(stall.vendor)
    rate = await world.commission(stall.vendor, 2_000, admin=admin)
    code = await world.promo_code(kind=PromoKind.AMOUNT, value=20_00)
    buyer = await Buyer.create(world, api)
    await buyer.fill(stall.variant, other.variant, codes=(code,))
    assert (await buyer.place(2 * PRICE - 20_00))["errors"] == []
    rate.bps = 5_000
    await world.save(rate)
    parts = {part.vendor_id: part for part in await buyer.parts()}
    part = parts[stall.vendor.id]
    assert part.commission_bps == 2_000
    assert (part.commission, part.commission_tax, part.tcs, part.tds) == (16_95, 3_05, 42, 8)
    assert part.vendor_net == 100_00 - 16_95 - 3_05 - 42 - 8
    untaxed = parts[other.vendor.id]
    assert (untaxed.commission, untaxed.tcs, untaxed.tds) == (0, 0, 10)
    await check_invariants(world.database)


async def test_a_confirmation_takes_what_the_platform_keeps(world: World, api: Client) -> None:
    stall = await Stall.open(world)
    await world.levies()
    await world.commission(stall.vendor, 1_000, admin=await world.admin())
    buyer = await (await Buyer.create(world, api)).fill(stall.variant, wallet=PRICE)
    await world.fund(buyer.user, PRICE)
    assert (await buyer.place(provider="WALLET"))["errors"] == []
    order = await buyer.order()
    (part,) = await buyer.parts()
    posting = Posting(PostingKind.CONFIRM, order.id)
    async with world.database.session() as session:
        legs = (await find_legs(session, posting))[posting]
    pending = Account(AccountKind.V_PENDING, "INR", stall.vendor.id)
    kept = {AccountKind.COMMISSION: 10_00, AccountKind.GST_OUT: 1_80, AccountKind.TDS_DUE: 10}
    assert legs == [
        Leg(Account(AccountKind.WALLET_HELD, "INR", buyer.user.id), pending, PRICE, part.id),
        *(Leg(pending, Account(kind, "INR"), amount, part.id) for kind, amount in kept.items()),
    ]
    assert part.vendor_net == PRICE - sum(kept.values())
    await check_invariants(world.database)


async def test_owners_and_admins_alone_see_what_is_kept(world: World, api: Client) -> None:
    stall = await Stall.open(world)
    await world.commission(stall.vendor, 1_000, admin=await world.admin())
    buyer = await (await Buyer.create(world, api)).fill(stall.variant, wallet=PRICE)
    await world.fund(buyer.user, PRICE)
    assert (await buyer.place(provider="WALLET"))["errors"] == []
    (part,) = await buyer.parts()
    seen = {
        "commissionBps": 1_000,
        "commission": {"amountMinor": 10_00},
        "vendorNet": {"amountMinor": part.vendor_net},
    }
    owner = await new_member(world, stall.vendor, MemberRole.OWNER)
    for user in (owner, await world.admin()):
        found = await api.signed_in(user).ask(EARNINGS, id=gid(part))
        assert found["node"] == {"earnings": seen}
    for role in (MemberRole.STAFF, MemberRole.MANAGER):
        member = await new_member(world, stall.vendor, role)
        found = await api.signed_in(member).ask(EARNINGS, id=gid(part))
        assert found["node"] == {"earnings": None}
    assert (await buyer.client.ask(EARNINGS, id=gid(part)))["node"] == {"earnings": None}
    other = await new_member(world, await world.vendor(), MemberRole.OWNER)
    for client in (api, api.signed_in(other), api.signed_in(await world.user())):
        assert (await client.ask(EARNINGS, id=gid(part)))["node"] is None
