"""A member of the owner's vendor, and an open invitation to it."""

from sqlmodel import SQLModel

from models.vendors import MemberRole
from tests.factories.members import invitation
from tests.resolvers.scene import ADMIN, OWNER, Scene

SEEN_BY = {"Member": {OWNER, ADMIN}, "MemberInvitation": {OWNER, ADMIN}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    colleague = await scene.world.user()
    member = await scene.world.member(scene.vendor, colleague, MemberRole.STAFF)
    role = MemberRole.STAFF
    invited = await invitation(scene.world, scene.vendor, scene.owner, "new@haat.example", role)
    return {"Member": member, "MemberInvitation": invited.row}
