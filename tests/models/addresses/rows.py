"""One saved address."""

from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    await world.address(till.customer, is_default=True)
