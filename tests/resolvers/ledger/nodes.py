"""An entry of a customer's wallet, its account, an adjustment of it, and a sweep."""

from sqlmodel import SQLModel, select

from models.ledger.accounts import LedgerAccount
from models.ledger.entries import LedgerEntry
from models.ledger.sweeps import LedgerSweep
from tests.resolvers.scene import ADMIN, CUSTOMER, Scene

SEEN_BY = {
    "WalletEntry": {CUSTOMER, ADMIN},
    "LedgerAccount": {ADMIN},
    "LedgerAdjustment": {ADMIN},
    "LedgerSweep": {ADMIN},
}


async def make(scene: Scene) -> dict[str, SQLModel]:
    await scene.world.fund(scene.customer, 1_00)
    async with scene.world.database.session() as session:
        entry = (await session.exec(select(LedgerEntry))).one()
        account = await session.get_one(LedgerAccount, entry.credit_id)
    sweep = LedgerSweep.of(1, 1, [])
    await scene.world.save(sweep)
    return {
        "WalletEntry": entry,
        "LedgerAccount": account,
        "LedgerSweep": sweep,
        "LedgerAdjustment": await scene.world.adjustment(scene.customer),
    }
