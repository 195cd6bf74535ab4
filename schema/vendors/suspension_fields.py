"""Fields of Vendor about a suspension that an admin could begin."""

import strawberry

from dataloaders.vendors import quote_of_suspension
from engine.limits.cost import COUNT_COST
from engine.types import loaded
from models import vendors as rows
from services.vendors.suspension_quotes import SuspensionQuote as Quote


@strawberry.type(description="Counts of what a suspension of a vendor concerns.")
class SuspensionQuote:
    offers: int = strawberry.field(description="The live offers, which are not listed any more.")
    vouchers: int = strawberry.field(
        description="The claimed vouchers that have not expired. They are refused until the vendor"
        " is restored."
    )
    suborders: int = strawberry.field(
        description="The vendor's parts of paid orders that were not delivered. They stay."
    )
    bookings: int = strawberry.field(description="The bookings to come. They stay.")
    event_dates: int = strawberry.field(
        description="The dates to come for which it sells tickets. They and the tickets stay."
    )


@strawberry.type
class SuspensionVendorFields:
    """A base of Vendor, not a type of the schema."""

    @loaded(
        quote_of_suspension,
        by="id",
        description="The consequences of `suspendVendor`. Null unless the vendor is APPROVED, and"
        " for all but admins.",
        cost=4 * COUNT_COST,
    )
    def suspension_quote(
        root: strawberry.Parent[rows.Vendor], found: Quote | None
    ) -> SuspensionQuote | None:
        return None if found is None else SuspensionQuote(**vars(found))
