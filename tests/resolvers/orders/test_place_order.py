"""Orders are placed from checkouts: their units are reserved, and nothing else changes."""

from tests.client import Client
from tests.factories.buying import PRICE, Buyer, Shop
from tests.factories.world import World
from tests.invariants import check_invariants


async def test_place_an_order_reserves_units_and_empties_the_cart(
    world: World, api: Client
) -> None:
    shop = await Shop.open(world, variants=2)
    buyer = await (await Buyer.create(world, api)).fill(*shop.variants, quantity=2)
    placed = await buyer.place(4 * PRICE)
    assert placed["errors"] == []
    assert placed["order"]["state"] == "PENDING"
    assert placed["order"]["amounts"]["total"]["amountMinor"] == 4 * PRICE
    assert placed["payment"] == {
        "provider": "MANUAL",
        "status": "OPEN",
        "amount": {"amountMinor": 4 * PRICE},
    }
    for variant in shop.variants:
        stock = await world.stock(variant)
        assert (stock.on_hand, stock.reserved) == (10, 2)
    await check_invariants(world.database)
