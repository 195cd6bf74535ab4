"""What subscriptions send."""

from enum import Enum

import strawberry

from engine.types import column
from schema.redemptions.types import Redemption, Voucher

CHECKPOINT = "Nothing happened; the cursor has moved past what is not for this stream."


@strawberry.enum(description="What happened to a voucher.")
class VoucherChangeKind(Enum):
    """More may come; treat an unknown one as a reason to refetch."""

    PRESENTED = strawberry.enum_value(
        "presented", description="It was presented at its vendor's till; see `redemption`."
    )
    CANCELLED = strawberry.enum_value("cancelled", description="Its owner gave it back.")
    EXPIRED = strawberry.enum_value("expired", description="Its time is over.")
    CHECKPOINT = strawberry.enum_value("checkpoint", description=CHECKPOINT)
    SNAPSHOT = strawberry.enum_value(
        "snapshot", description="Nothing happened; this is how it stood when it was asked for."
    )


@strawberry.enum(description="What happened at a vendor's till.")
class RedemptionChangeKind(Enum):
    """More may come; treat an unknown one as a reason to refetch."""

    PRESENTED = strawberry.enum_value("presented", description="A voucher was presented.")
    CHECKPOINT = strawberry.enum_value("checkpoint", description=CHECKPOINT)


@strawberry.type(description="A change of a voucher.")
class VoucherChange:
    """With the state as it is now."""

    cursor: str = column("Pass it as `after` to go on behind this change.")
    kind: VoucherChangeKind = column("What happened.")
    voucher: Voucher | None = strawberry.field(
        default=None, description="The voucher as it is now; null in a checkpoint."
    )
    redemption: Redemption | None = strawberry.field(
        default=None, description="The attempt, when it was presented."
    )


@strawberry.type(description="An attempt at a vendor's till.")
class RedemptionChange:
    """With the attempt as it is kept."""

    cursor: str = column("Pass it as `after` to go on behind this change.")
    kind: RedemptionChangeKind = column("What happened.")
    redemption: Redemption | None = strawberry.field(
        default=None, description="The attempt; null in a checkpoint."
    )
