"""Decisions and acts of an admin about the customer, which only admins see."""

from datetime import timedelta

from sqlmodel import SQLModel

from core.clock import now
from core.ids import new_id
from models.admins.changes import AdminAct, AdminChange
from models.admins.impersonations import Impersonation
from tests.resolvers.scene import ADMIN, Scene

SEEN_BY = {"AdminChange": {ADMIN}, "Impersonation": {ADMIN}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    change = AdminChange(user_id=scene.customer.id, act=AdminAct.GRANT, requester_id=scene.admin.id)
    began_at = now()
    impersonation = Impersonation(
        user_id=scene.customer.id,
        admin_id=scene.admin.id,
        session_id=new_id(),
        admin_session_id=new_id(),
        reason="Help.",
        created_at=began_at,
        until=began_at + timedelta(minutes=30),
    )
    await scene.world.save(change, impersonation)
    return {"AdminChange": change, "Impersonation": impersonation}
