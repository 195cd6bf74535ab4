"""One row in each table of admins' decisions about users."""

from models.admins.changes import AdminAct, AdminChange
from models.admins.suspensions import UserSuspension
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    admin = await world.admin()
    await world.save(
        UserSuspension(user_id=till.customer.id, number=1, reason="Fraud.", admin_id=admin.id),
        AdminChange(user_id=till.customer.id, act=AdminAct.GRANT, requester_id=admin.id),
    )
