"""An entry of a customer's wallet, and an adjustment of it."""

from sqlmodel import SQLModel, select

from models.ledger.entries import LedgerEntry
from tests.resolvers.scene import ADMIN, CUSTOMER, Scene

SEEN_BY = {"WalletEntry": {CUSTOMER, ADMIN}, "LedgerAdjustment": {ADMIN}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    await scene.world.fund(scene.customer, 1_00)
    async with scene.world.database.session() as session:
        entry = (await session.exec(select(LedgerEntry))).one()
    return {
        "WalletEntry": entry,
        "LedgerAdjustment": await scene.world.adjustment(scene.customer),
    }
