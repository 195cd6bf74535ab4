"""Root fields of wallets."""

import strawberry

from engine.context import Info
from engine.types import field
from schema.ledger.inputs import Currency
from schema.ledger.types import Wallet
from services.ledger import access


@strawberry.type
class WalletQuery:
    @field("The viewer's wallet in a currency, empty at first. Subscription: `walletChanges`.")
    async def wallet(self, info: Info, currency: Currency) -> Wallet:
        viewer = info.context.viewer
        async with info.context.read_session() as session:
            return Wallet.wrap(await access.read_wallet(session, viewer, currency))
