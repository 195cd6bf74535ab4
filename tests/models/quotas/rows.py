"""One use of a day."""

from core.clock import now
from models.quotas import DailyAct, DailyUse
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    await world.save(DailyUse(user_id=till.customer.id, act=DailyAct.REPORT, day=now().date()))
