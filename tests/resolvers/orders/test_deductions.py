"""What the platform keeps of an order: fixed when it is placed."""

from models.pricing.discounts import PromoKind
from tests.client import Client
from tests.factories.buying import PRICE, Buyer, Stall
from tests.factories.world import World
from tests.invariants import check_invariants


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
