"""A category and its child."""

from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    await world.category(parent=await world.category())
