"""One suspension, which has not ended, and a follower."""

from models.vendors import VendorFollow
from tests.factories.applications import suspended
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    await suspended(world, await world.vendor())
    await world.save(VendorFollow(user_id=till.customer.id, vendor_id=till.vendor.id))
