"""An entry of a customer's wallet, its account, an adjustment of it, and a sweep."""

from sqlmodel import SQLModel, select

from core.clock import now
from models.ledger.accounts import LedgerAccount
from models.ledger.entries import LedgerEntry
from models.ledger.promo_money import PromoMoney
from models.ledger.sweeps import LedgerSweep
from tests.resolvers.scene import ADMIN, CUSTOMER, Scene

SEEN_BY = {
    "WalletEntry": {CUSTOMER, ADMIN},
    "LedgerAccount": {ADMIN},
    "LedgerAdjustment": {ADMIN},
    "LedgerSweep": {ADMIN},
    "PromoMoney": {CUSTOMER, ADMIN},
}


async def make(scene: Scene) -> dict[str, SQLModel]:
    await scene.world.fund(scene.customer, 1_00)
    wallets = select(LedgerAccount).where(LedgerAccount.owner_id == scene.customer.id)
    async with scene.world.database.session() as session:
        account = (await session.exec(wallets)).one()
        entries = select(LedgerEntry).where(LedgerEntry.credit_id == account.id)
        entry = (await session.exec(entries)).one()
    sweep = LedgerSweep.of(1, 1, [])
    await scene.world.save(sweep)
    money = PromoMoney(
        owner_id=scene.customer.id, currency="INR", amount=1, remaining=0, ends_at=now()
    )
    await scene.world.save(money)
    return {
        "PromoMoney": money,
        "WalletEntry": entry,
        "LedgerAccount": account,
        "LedgerSweep": sweep,
        "LedgerAdjustment": await scene.world.adjustment(scene.customer),
    }
