"""Changes that the subscription to a vendor's status sends."""

import strawberry

from engine.types import column
from schema.vendors.types import Vendor


@strawberry.type(description="A change of a vendor's status, or only a newer cursor.")
class VendorStatusChange:
    cursor: str = column("The cursor to resume after this change.")
    vendor: Vendor | None = strawberry.field(
        default=None,
        description="The vendor in its current state. Null if only the cursor has changed.",
    )
