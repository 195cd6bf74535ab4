"""Fields of Vendor about its events and services."""

import strawberry

from dataloaders.bookings.services import bookable_services_of_vendor
from dataloaders.events import listed_events_of_vendor
from engine.types import related_page
from schema.lazy import LazyEvent, LazyService


@strawberry.type
class SoldVendorFields:
    """A base of Vendor, not a type of the schema."""

    services: list[LazyService] = related_page(
        bookable_services_of_vendor,
        LazyService,
        "Services that can be booked, the newest first. For the vendor's order and more pages use"
        " `services(vendorId)`.",
        public=True,
        domain="bookings",
    )
    events: list[LazyEvent] = related_page(
        listed_events_of_vendor,
        LazyEvent,
        "Public events on sale or to come, the newest first. For more pages use"
        " `events(where: {vendorId})`.",
        public=True,
        domain="events",
    )
