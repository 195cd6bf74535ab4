"""Events, their dates, and the venues where they take place."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

import strawberry
from strawberry import relay

from core.keyset import Listing
from dataloaders.categories import category_by_id
from dataloaders.check_in import lists_of_date
from dataloaders.events import (
    chart_by_id,
    closing_of_date,
    event_by_id,
    latest_change_of_date,
    quotas_of_date,
    slug_of_event,
    sold_types_of_date,
    types_of_event,
    venue_by_id,
    visible_date,
    visible_event,
    visible_venue,
)
from dataloaders.pictures import pictures_of_event
from dataloaders.questions import questions_of_event
from dataloaders.vendors import vendor_by_id
from engine.connections import Connection, Edge, connection
from engine.context import Info
from engine.scalars import CountryCode, LocalDateTime, TimeZone
from engine.types import Rows, column, field, loaded, localized_text, related
from models.events import dates, venues
from models.events import events as rows
from models.events.check_in.lists import MAX_LISTS
from models.events.questions import MAX_KEPT_QUESTIONS, MAX_QUESTIONS
from models.events.ticket_types import MAX_QUOTAS, MAX_TICKET_TYPES
from models.pictures import MAX_EVENT_PICTURES, ShownPicture
from schema.events.date_changes import DateChange
from schema.events.enums import (
    EventDateState,
    EventState,
    EventVisibility,
    OrphanRule,
    ResalePolicy,
    TransferPolicy,
    WaitlistRule,
)
from schema.events.questions import EventQuestion
from schema.events.seats.charts import Chart
from schema.events.ticket_types import SoldTicketType, TicketQuota, TicketType
from schema.lazy import LazyCategory, LazyCheckInList, LazyVendor
from schema.money import Money, money_of, optional_money
from schema.pictures.types import Picture
from schema.texts import LocalizedText
from services.events.closing.quotes import DateClosing
from services.events.dates import list_dates
from services.events.search import EventListing
from services.near import Near

EventRoot = strawberry.Parent[rows.Event]
DateRoot = strawberry.Parent[dates.EventDate]
StartsFrom = Annotated[
    datetime | None,
    strawberry.argument(description="Returns dates that start at this time or later."),
]
StartsBefore = Annotated[
    datetime | None, strawberry.argument(description="Returns dates that start before this time.")
]


@strawberry.type(
    description="A place where events of a vendor take place. Public if the vendor is APPROVED."
)
class Venue(Rows[venues.Venue], relay.Node, access=visible_venue):
    id: relay.NodeID[UUID]
    name: str = column("The name.")
    country: CountryCode = column("The country.")
    city: str = column("The city.")
    postal_code: str = column("The postal code.", of="pin_code")
    street_lines: list[str] = column("The street and number, at most 3 lines.")
    subdivision: str | None = column("The state, province or the like. Null if there is none.")
    formatted: list[str] = column(
        "The lines of the address in its country's order.",
        needs=("country", "city", "pin_code", "street_lines", "subdivision"),
    )
    latitude: float = column("The latitude in degrees.")
    longitude: float = column("The longitude in degrees.")
    time_zone: TimeZone = column("The time zone, which does not change.")
    archived_at: datetime | None = column("The time at which it was archived. Null if it was not.")
    vendor: LazyVendor = related(
        vendor_by_id, by="vendor_id", description="The vendor.", public=True
    )


@strawberry.type(
    description="One time at which an event takes place. Visible to everyone who can see the event."
)
class EventDate(Rows[dates.EventDate], relay.Node, access=visible_date):
    id: relay.NodeID[UUID]
    state: EventDateState = column("The state.")
    starts_at: datetime = column("The start.")
    ends_at: datetime = column("The end.")
    doors_at: datetime | None = column("The time at which the doors open. Null if unknown.")
    local_start: LocalDateTime = column("The start as clocks at its place show it.")
    time_zone: TimeZone = column("The time zone of its place.")
    sale_starts_at: datetime | None = column(
        "The time from which tickets are sold. Null if they are sold at once."
    )
    sale_ends_at: datetime | None = column(
        "The end of the sale. Null if that is the end of the date."
    )
    revision: int = column("The number of times that it was moved, postponed or cancelled.")
    seated: bool = column("Whether it has a chart of seats.", needs=("chart_id",))
    event: "Event" = related(event_by_id, by="event_id", description="The event.", public=True)
    chart: Chart | None = related(
        chart_by_id,
        by="chart_id",
        description="The chart of its seats. Null if it has none.",
        public=True,
    )
    venue: Venue | None = related(
        venue_by_id,
        by="venue_id",
        description="The venue. Null if it has none, such as online.",
        public=True,
    )
    sold_types: list[SoldTicketType] = related(
        sold_types_of_date,
        by="id",
        description="The ticket types that are sold on the date, in their order. Those that need a"
        f" code are returned to the vendor's members and admins alone. At most {MAX_TICKET_TYPES}.",
        size=10,
    )
    latest_change: DateChange | None = related(
        latest_change_of_date,
        by="id",
        description="The newest cancellation, postponement or move. Null without one, and for all"
        " but the vendor's members with the STAFF role or higher, and admins.",
    )
    quotas: list[TicketQuota] = related(
        quotas_of_date,
        by="id",
        description="The quotas by name. Empty for all but the vendor's members with the STAFF role"
        f" or higher, and admins. At most {MAX_QUOTAS}.",
        size=10,
    )
    check_in_lists: list[LazyCheckInList] = related(
        lists_of_date,
        by="id",
        description="The check-in lists by name, also archived ones. Empty for all but the vendor's"
        f" members, and admins. At most {MAX_LISTS}.",
        size=5,
    )

    @loaded(
        closing_of_date,
        by="id",
        description="The valid tickets, which a cancellation ends. Null for a date that is over or"
        " cancelled, and for all but the vendor's members with the STAFF role or higher and"
        " admins.",
    )
    def tickets_if_cancelled(root: DateRoot, found: DateClosing | None) -> int | None:
        return None if found is None else found.tickets

    @loaded(
        closing_of_date,
        by="id",
        description="The amount that a cancellation with `refund: ALL` gives back: of tickets that"
        " were bought in orders, before any goodwill. Null like `ticketsIfCancelled`.",
    )
    def refund_if_cancelled(root: DateRoot, found: DateClosing | None) -> Money | None:
        return None if found is None else money_of(found.refund, found.currency)

    @loaded(
        event_by_id,
        by="event_id",
        description="The time until which holders of tickets change their answers to questions."
        " Null while it is postponed.",
        needs=("state", "starts_at", "event_id"),
        public=True,
    )
    def answers_until(root: DateRoot, event: rows.Event) -> datetime | None:
        return root.answers_until(event.answer_until_hours)


@strawberry.type(
    description="An occasion that a vendor sells tickets for. Public once it was"
    " published, while its vendor is APPROVED; lists show it while it is PUBLISHED, PUBLIC and has"
    " a date to come. Otherwise visible to the vendor's members with the STAFF role or higher, and"
    " admins."
)
class Event(Rows[rows.Event], relay.Node, access=visible_event):
    id: relay.NodeID[UUID]
    state: EventState = column("The state.")
    visibility: EventVisibility = column("Whether lists show it.")
    title: str = localized_text("title", "The title.")
    description: str = localized_text("description", "The description. May be empty.")
    max_per_user: int = column("The most tickets of one date that a user can get.")
    transfer: TransferPolicy = column("Whether holders can transfer tickets.")
    transfer_hours: int | None = column(
        "The hours before the start until which they can. Null unless the policy is UNTIL."
    )
    resale: ResalePolicy = column("Whether holders can sell tickets back.")
    refund_hours: int | None = column(
        "The hours before the start until which tickets are refunded. Null if they are not."
    )
    refund_bps: int = column("The refunded part of the price, in basis points.")
    answer_until_hours: int = column(
        "The hours before the start until which holders change answers to questions."
    )
    orphan_rule: OrphanRule = column("Whether buyers can leave single seats.")
    waitlist: WaitlistRule = column("How the waitlist is served.")
    next_date_at: datetime | None = column(
        "The start of the next date, or of the one that takes place. Null if there is none."
    )
    country: CountryCode = column("The country of the next date, or of the vendor.")
    city: str = column("The city of the next date, or of the vendor.")
    latitude: float = column("The latitude in degrees.")
    longitude: float = column("The longitude in degrees.")
    created_at: datetime = column("The time at which the draft was created.")
    published_at: datetime | None = column("The time of the first publication.")
    cancelled_at: datetime | None = column("The time at which it was cancelled.")
    canonical_slug: str | None = related(
        slug_of_event,
        by="id",
        description="The event's name in the addresses of pages. Another one than asked for is the"
        " current one: redirect to it.",
        public=True,
    )
    vendor: LazyVendor = related(
        vendor_by_id, by="vendor_id", description="The vendor.", public=True
    )
    category: LazyCategory = related(
        category_by_id, by="category_id", description="The category.", public=True
    )
    pictures: list[Picture] = related(
        pictures_of_event,
        by="id",
        description=f"The pictures in their order, at most {MAX_EVENT_PICTURES}. The first one is"
        " the cover.",
        size=3,
        public=True,
    )
    ticket_types: list[TicketType] = related(
        types_of_event,
        by="id",
        description="The ticket types in their order. Those that are RETIRED or need a code are"
        f" returned to the vendor's members and admins alone. At most {MAX_TICKET_TYPES}.",
        size=10,
    )

    questions: list[EventQuestion] = related(
        questions_of_event,
        by="id",
        description=f"The questions to attendees in their order, at most {MAX_QUESTIONS} that are"
        " asked. Those of ticket types that need a code are returned by holds, and to the vendor's"
        f" members and admins, as are retired ones: at most {MAX_KEPT_QUESTIONS} together.",
        size=5,
    )

    @loaded(
        pictures_of_event,
        by="id",
        description="The first one of the pictures. Null without any.",
        public=True,
    )
    def cover(root: EventRoot, pictures: Sequence[ShownPicture]) -> Picture | None:
        return cast("Picture | None", next(iter(pictures), None))

    @field("The title in all its languages.", needs=("title",), size=2, public=True)
    def titles(root: EventRoot) -> list[LocalizedText]:
        return [LocalizedText(locale=tag, text=text) for tag, text in sorted(root.title.items())]

    @field("The description in all its languages.", needs=("description",), size=2, public=True)
    def descriptions(root: EventRoot) -> list[LocalizedText]:
        texts = sorted(root.description.items())
        return [LocalizedText(locale=tag, text=text) for tag, text in texts]

    @field(
        "The lowest price of tickets that everybody can buy alone, without a code. Null without"
        " any.",
        needs=("min_price", "currency"),
        public=True,
    )
    def price_from(root: EventRoot) -> Money | None:
        return optional_money(root.min_price, root.currency)

    @connection(Connection[EventDate], "The dates, the earliest first.", needs=("id",))
    def dates(
        root: EventRoot,
        info: Info,
        starts_from: StartsFrom = None,
        starts_before: StartsBefore = None,
    ) -> Listing[Any]:
        return list_dates(info.context.viewer, root.id, starts_from, starts_before)


@strawberry.type(description="An event in a list, with its cursor.")
class EventEdge(Edge[Event]):
    distance_meters: float | None = strawberry.field(
        default=None,
        description="The straight-line distance in meters from `near`. Null without `near`.",
    )


@strawberry.type(description="A page of events.")
class EventConnection(Connection[Event]):
    @field("The events with their cursors.", needs=("latitude", "longitude"), public=True)
    def edges(self) -> list[EventEdge]:
        near = self.listing.near if isinstance(self.listing, EventListing) else None
        return [self._edge(place, near) for place in range(len(self.page.rows))]

    def _edge(self, place: int, near: Near | None) -> EventEdge:
        edge = EventEdge.at(self.page, place)
        if near is not None:
            edge.distance_meters = round(near.distance(self.page.rows[place]), 1)
        return edge
