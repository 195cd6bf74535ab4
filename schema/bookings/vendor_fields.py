"""Fields of Vendor about its services."""

import strawberry

from dataloaders.bookings.services import bookable_services_of_vendor
from engine.types import related_page
from schema.lazy import LazyService


@strawberry.type
class BookingVendorFields:
    """A base of Vendor, not a type of the schema."""

    services: list[LazyService] = related_page(
        bookable_services_of_vendor,
        LazyService,
        "Services that can be booked, the newest first. For the vendor's order and more pages use"
        " `services(vendorId)`.",
        public=True,
    )
