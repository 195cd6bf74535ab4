"""Calendar feeds, for calendars elsewhere, and busy feeds, from them."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.bookings.calendars import visible_busy_feed, visible_calendar_feed
from dataloaders.bookings.services import resource_by_id, visible_resource
from dataloaders.vendors import visible_vendor
from engine.errors.conversion import Payload
from engine.ids import id_field
from engine.types import Rows, column, related
from models.bookings import feeds as rows
from models.validation import parse
from schema.bookings.enums import BusyFeedProblem, FeedScope
from schema.lazy import LazyResource, LazyVendor


@strawberry.type(
    description="An address at which a calendar app reads bookings. Visible to its user and admins,"
    " without the address."
)
class CalendarFeed(Rows[rows.CalendarFeed], relay.Node, access=visible_calendar_feed):
    id: relay.NodeID[UUID]
    feed_scope: FeedScope = column("The bookings in it.", of="scope")
    created_at: datetime = column("The time at which it was created.")
    read_at: datetime | None = column(
        "The time of its last reading, to the hour. Null without one."
    )
    revoked_at: datetime | None = column("The time at which it was revoked. Null if it was not.")
    feed_resource: LazyResource | None = related(
        visible_resource,
        by="resource_id",
        description="The resource whose bookings it has. Null unless its scope is RESOURCE.",
    )
    feed_vendor: LazyVendor | None = related(
        visible_vendor,
        by="vendor_id",
        description="The vendor whose bookings it has. Null if its scope is MINE.",
    )


@strawberry.type(
    description="A calendar elsewhere whose busy times block a resource. It is read every half"
    " hour. Visible to the vendor's members with the STAFF role or higher, and admins."
)
class BusyFeed(Rows[rows.BusyFeed], relay.Node, access=visible_busy_feed):
    id: relay.NodeID[UUID]
    host: str = column("The host of its address, of which the rest is not shown.")
    created_at: datetime = column("The time at which it was added.")
    read_at: datetime | None = column("The time of its last successful reading.")
    next_at: datetime = column("The time from which it is read again.")
    feed_problem: BusyFeedProblem | None = column(
        "Why it could not be read. Null if it could. What it blocks stays blocked meanwhile.",
        of="problem",
    )
    failures: int = column("The number of failed readings since the last successful one.")
    removed_at: datetime | None = column("The time at which it was removed. Null if it was not.")
    resource: LazyResource = related(
        resource_by_id,
        by="resource_id",
        description="The resource that it keeps busy.",
    )


@strawberry.input(description="A new calendar feed.")
class CreateCalendarFeedInput:
    scope: FeedScope = column("The bookings in it.")
    vendor_id: UUID | None = id_field("Vendor", "The vendor, for VENDOR alone.", default=None)
    resource_id: UUID | None = id_field(
        "Resource", "The resource, for RESOURCE alone.", default=None
    )


@strawberry.type(description="The result of `createCalendarFeed`.")
class CreateCalendarFeedPayload(Payload):
    feed: CalendarFeed | None = strawberry.field(
        default=None, description="The feed. Null on error."
    )
    address: str | None = strawberry.field(
        default=None,
        description="The address to give to a calendar app. All who have it read the feed. It is"
        " shown this once. Null on error.",
    )


@strawberry.input(description="A calendar elsewhere whose busy times block a resource.")
class AddBusyFeedInput:
    resource_id: UUID = id_field("Resource", "The resource's id.")
    address: str = column(
        "The address of a calendar in the format iCalendar, with `https` or `webcal`, at most"
        f" {rows.MAX_FEED_ADDRESS:,} characters."
    )
    idempotency_key: str = column(
        "A unique key of at most 100 characters. A retry with the same key and input returns the"
        " first request's result."
    )

    def draft(self) -> rows.BusyFeedDraft:
        return parse(rows.BusyFeedDraft, address=self.address)
