"""One delivery zone with a rate."""

from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    await world.shipping_rate(await world.shipping_zone(till.vendor))
