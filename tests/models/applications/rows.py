"""One application with a document, decided."""

from models.applications import ApplicationState
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    vendor = await world.vendor()
    await world.application(till.customer, vendor, state=ApplicationState.REJECTED)
