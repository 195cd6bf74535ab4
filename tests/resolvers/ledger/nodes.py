"""An entry of a customer's wallet, and an adjustment of it."""

from sqlmodel import SQLModel, select

from core.clock import now
from models.ledger.entries import LedgerEntry
from models.ledger.promo_money import PromoMoney
from tests.resolvers.scene import ADMIN, CUSTOMER, Scene

SEEN_BY = {
    "WalletEntry": {CUSTOMER, ADMIN},
    "LedgerAdjustment": {ADMIN},
    "PromoMoney": {CUSTOMER, ADMIN},
}


async def make(scene: Scene) -> dict[str, SQLModel]:
    await scene.world.fund(scene.customer, 1_00)
    async with scene.world.database.session() as session:
        entry = (await session.exec(select(LedgerEntry))).one()
    money = PromoMoney(
        owner_id=scene.customer.id, currency="INR", amount=1, remaining=0, ends_at=now()
    )
    await scene.world.save(money)
    return {
        "PromoMoney": money,
        "WalletEntry": entry,
        "LedgerAdjustment": await scene.world.adjustment(scene.customer),
    }
