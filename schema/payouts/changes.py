"""Changes that the subscription to payouts sends."""

import strawberry

from engine.types import column
from schema.payouts.types import Payout, VendorBalance


@strawberry.type(description="A change of the payouts of a vendor, or of its balance.")
class PayoutChange:
    cursor: str = column("The cursor to resume after this change.")
    payout: Payout | None = strawberry.field(
        default=None,
        description="The payout that has changed, as it is now. Null if it is the balance, the"
        " payout account or the terms.",
    )
    vendor_balance: VendorBalance | None = strawberry.field(
        default=None,
        description="The balance as it is now. Null if nothing has changed, and there is only a"
        " newer cursor to resume from.",
    )
