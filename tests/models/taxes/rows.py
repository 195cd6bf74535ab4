"""One rate and one registration."""

from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    await world.tax_rate()
    await world.tax_registration(till.vendor)
