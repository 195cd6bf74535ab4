"""Fields of Vendor about its events."""

import strawberry

from dataloaders.events import listed_events_of_vendor
from engine.types import related_page
from schema.lazy import LazyEvent


@strawberry.type
class EventVendorFields:
    """A base of Vendor, not a type of the schema."""

    events: list[LazyEvent] = related_page(
        listed_events_of_vendor,
        LazyEvent,
        "Public events on sale or to come, the newest first. For more pages use"
        " `events(where: {vendorId})`.",
        public=True,
    )
