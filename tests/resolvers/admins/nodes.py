"""A request to make the customer an admin, which only admins see."""

from sqlmodel import SQLModel

from models.admins.changes import AdminAct, AdminChange
from tests.resolvers.scene import ADMIN, Scene

SEEN_BY = {"AdminChange": {ADMIN}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    change = AdminChange(user_id=scene.customer.id, act=AdminAct.GRANT, requester_id=scene.admin.id)
    await scene.world.save(change)
    return {"AdminChange": change}
