"""One row in each table of admins' decisions about users."""

from datetime import timedelta

from core.clock import now
from core.ids import new_id
from models.admins.changes import AdminAct, AdminChange
from models.admins.impersonations import Impersonation
from models.admins.suspensions import UserSuspension
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    admin = await world.admin()
    began_at = now()
    await world.save(
        Impersonation(
            user_id=till.customer.id,
            admin_id=admin.id,
            session_id=new_id(),
            admin_session_id=new_id(),
            reason="Help.",
            created_at=began_at,
            until=began_at + timedelta(minutes=30),
        ),
        UserSuspension(user_id=till.customer.id, number=1, reason="Fraud.", admin_id=admin.id),
        AdminChange(user_id=till.customer.id, act=AdminAct.GRANT, requester_id=admin.id),
    )
