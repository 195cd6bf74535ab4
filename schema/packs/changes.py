"""Changes that the subscription to a vendor's packs sends."""

import strawberry

from engine.types import column
from models.packs.packs import QuotaUnit
from schema.packs.types import QuotaBalance


@strawberry.type(description="A change of what a vendor has of packs, or of its subscriptions.")
class PackBalanceChange:
    cursor: str = column("The cursor to resume after this change.")
    quotas: list[QuotaBalance] | None = strawberry.field(
        default=None,
        description="The units that are left now, one entry for each kind. Null if nothing has"
        " changed, and there is only a newer cursor to resume from.",
        metadata={"size": len(QuotaUnit)},
    )
