"""One application with a document, decided."""

from sqlmodel import update

from models.applications import ApplicationState
from models.uploads import Upload
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    """Leave the document unattached, as the rules of uploads change all of them."""
    vendor = await world.vendor()
    await world.application(till.customer, vendor, state=ApplicationState.REJECTED)
    async with world.database.session() as session, session.begin():
        await session.exec(update(Upload).values(attached_at=None))
