"""Changes that the subscriptions to wallets send."""

import strawberry

from engine.types import column
from schema.ledger.types import Wallet


@strawberry.type(description="A change of a wallet.")
class WalletChange:
    cursor: str = column("The cursor to resume after this change.")
    wallet: Wallet | None = strawberry.field(
        default=None,
        description="The wallet as it is now. Null if nothing has changed, and there is only a"
        " newer cursor to resume from.",
    )
