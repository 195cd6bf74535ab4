"""An entry of the audit log."""

from sqlmodel import SQLModel

from models.audit import AuditAct
from services.audit.entries import build_entry
from services.viewer import ANONYMOUS
from tests.resolvers.scene import ADMIN, Scene

SEEN_BY = {"AuditEntry": {ADMIN}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    entry = build_entry(ANONYMOUS, AuditAct.LOG_OUT)
    await scene.world.save(entry)
    return {"AuditEntry": entry}
