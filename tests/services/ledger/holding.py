"""Money of wallets that orders hold, each call in a transaction of its own."""

from uuid import UUID

from models.identity.accounts import User
from services.ledger.wallets import HeldMoney, hold_wallet, unhold_wallet
from tests.factories.world import World

INR = "INR"


async def hold(world: World, user: User, order_id: UUID, amount: int) -> HeldMoney:
    async with world.database.session() as session, session.begin():
        return await hold_wallet(
            session, user_id=user.id, currency=INR, order_id=order_id, amount=amount
        )


async def unhold(world: World, user: User, order_id: UUID) -> int:
    async with world.database.session() as session, session.begin():
        return await unhold_wallet(session, user_id=user.id, currency=INR, order_id=order_id)
