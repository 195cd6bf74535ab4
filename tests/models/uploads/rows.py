"""One upload, and the space that it takes."""

from core.clock import now
from models.uploads import UploadQuota
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    await world.upload(till.customer)
    await world.save(UploadQuota(user_id=till.customer.id, day=now().date(), bytes=1))
