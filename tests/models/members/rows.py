"""An invitation."""

from models.vendors import MemberRole
from tests.factories.members import invitation
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    await invitation(world, till.vendor, till.scanner, "new@haat.example", MemberRole.STAFF)
