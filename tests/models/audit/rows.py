"""One row of the audit log."""

from models.audit import AuditAct
from services.audit.entries import build_entry
from services.viewer import ANONYMOUS
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    await world.save(build_entry(ANONYMOUS, AuditAct.LOG_OUT))
