"""Changes that the subscription to a vendor's packs sends."""

import strawberry

from engine.types import column
from schema.packs.types import PackBalance


@strawberry.type(description="A change of what a vendor has of packs, or of its subscriptions.")
class PackBalanceChange:
    cursor: str = column("The cursor to resume after this change.")
    balance: PackBalance | None = strawberry.field(
        default=None,
        description="The balance as it is now. Null if nothing has changed, and there is only a"
        " newer cursor to resume from.",
    )
