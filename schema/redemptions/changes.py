"""Changes that subscriptions to vouchers and redemptions send."""

from enum import Enum

import strawberry

from engine.types import column
from schema.redemptions.types import Redemption, Voucher

CHECKPOINT = "No change for this subscription, but a newer cursor to resume from."
CURSOR = "The cursor to resume after this change."


@strawberry.enum(
    description="A change of a voucher. Values may be added: refetch on an unknown one."
)
class VoucherChangeKind(Enum):
    PRESENTED = strawberry.enum_value(
        "presented", description="The voucher was presented at its vendor: see `redemption`."
    )
    CANCELLED = strawberry.enum_value("cancelled", description="Its owner cancelled it.")
    EXPIRED = strawberry.enum_value("expired", description="It expired.")
    VENDOR_CHANGED = strawberry.enum_value(
        "vendor_changed", description="Its vendor was suspended or restored: see `refusal`."
    )
    REVERSED = strawberry.enum_value(
        "reversed", description="A member took its redemption back: see `redemption`."
    )
    CHECKED = strawberry.enum_value(
        "checked", description="The check of an attempt has ended: see `redemption`."
    )
    REISSUED = strawberry.enum_value("reissued", description="It has new codes.")
    GIVEN = strawberry.enum_value(
        "given", description="Another user gave it to the viewer, and it has new codes."
    )
    CHECKPOINT = strawberry.enum_value("checkpoint", description=CHECKPOINT)
    SNAPSHOT = strawberry.enum_value(
        "snapshot", description="No change: the state at the time of the query."
    )


@strawberry.enum(
    description="A change at a vendor's till. Values may be added: refetch on an unknown one."
)
class RedemptionChangeKind(Enum):
    PRESENTED = strawberry.enum_value("presented", description="A voucher was presented.")
    REVERSED = strawberry.enum_value(
        "reversed", description="A member took the redemption of a voucher back."
    )
    CHECKED = strawberry.enum_value("checked", description="The check of a held attempt has ended.")
    DECIDED = strawberry.enum_value(
        "decided", description="An attempt has another outcome: an earlier scan arrived later."
    )
    CHECKPOINT = strawberry.enum_value("checkpoint", description=CHECKPOINT)


@strawberry.type(description="A change of a voucher.")
class VoucherChange:
    cursor: str = column(CURSOR)
    kind: VoucherChangeKind = column("The kind of change.")
    voucher: Voucher | None = strawberry.field(
        default=None, description="The voucher in its current state. Null in a CHECKPOINT."
    )
    redemption: Redemption | None = strawberry.field(
        default=None,
        description="The attempt, if the voucher was PRESENTED or CHECKED, or its redemption"
        " REVERSED.",
    )


@strawberry.type(description="A redemption attempt at a vendor.")
class RedemptionChange:
    cursor: str = column(CURSOR)
    kind: RedemptionChangeKind = column("The kind of change.")
    redemption: Redemption | None = strawberry.field(
        default=None, description="The attempt. Null in a CHECKPOINT."
    )
