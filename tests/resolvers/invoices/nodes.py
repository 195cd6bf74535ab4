"""The invoice of a part of an order of the owner's vendor."""

from sqlmodel import SQLModel

from services.invoices.content.suborders import issue_suborder
from services.transaction import Transactions
from tests.factories.buying import Unheard
from tests.resolvers.scene import ADMIN, CUSTOMER, OWNER, Scene

SEEN_BY = {"Invoice": {CUSTOMER, OWNER, ADMIN}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    placed = await scene.world.placed_order(scene.customer, [scene.vendor])
    async with Transactions(scene.world.database, Unheard()).begin() as session:
        invoice = await issue_suborder(session, scene.world.sealer, placed.suborders[0].id)
    assert invoice
    return {"Invoice": invoice}
