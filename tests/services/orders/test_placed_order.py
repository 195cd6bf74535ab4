"""Orders of the factory, which other tests start from, keep all rules."""

from core.database import Database
from tests.factories.world import World
from tests.invariants import check_invariants


async def test_a_placed_order_keeps_the_rules_of_all_tables(
    world: World, database: Database
) -> None:
    vendors = [await world.vendor(), await world.vendor()]
    placed = await world.placed_order(await world.user(), vendors, lines=3, wallet=12_345)
    assert placed.order.total == sum(line.total for line in placed.lines) == 121_000
    assert [len(placed.lines_of(one)) for one in placed.suborders] == [3, 3]
    await check_invariants(database)
