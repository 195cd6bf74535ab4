"""The offer of the till, liked."""

from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    await world.like(till.offer, till.customer)
