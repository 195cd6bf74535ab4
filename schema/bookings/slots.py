"""Times at which a service can be booked, and explanations of others."""

from datetime import date, datetime

import strawberry

from dataloaders.bookings.services import resource_by_id, staff_of_slot
from engine.enums import publish
from engine.scalars import TimeZone
from engine.types import column, field, related
from schema.bookings.setting_up.resources import Resource
from schema.money import Money, money_of
from services.bookings.slots import listing
from services.bookings.slots.explaining import ClaimOwner, SlotVerdict

publish(
    SlotVerdict,
    "Whether a start is offered, with the first rule that closes it.",
    OFFERED="It can be booked.",
    NOT_BOOKABLE="The service is not ACTIVE.",
    NOTICE="It is too soon, or over.",
    HORIZON="It is too far ahead.",
    STAFF="The staff or the other resources that are needed do not do the service.",
    CLOSED="Those who are needed do not work for the whole visit.",
    OFF_GRID="No start of the service's steps is at this minute.",
    LIMIT="The service has as many bookings on that day as it takes.",
    TAKEN="Another booking, class or block has the time.",
    MEETING_FULL="All seats of the class are taken.",
)
publish(
    ClaimOwner,
    "The owner of a claim.",
    BOOKING="A booking, or the hold of one.",
    CLASS="A meeting of a class.",
    BLOCK="A blocked time.",
)


@strawberry.type(
    description="A start of a service that can be booked: with free staff, or in a meeting of a"
    " class that has seats left."
)
class Slot:
    starts_at: datetime = column("The start.")
    ends_at: datetime = column("The end, with the slowest of the staff who are free.")
    local_start: str = column(
        "The start as clocks at the vendor's place show it, with their offset, such as"
        " 2026-10-25T01:30:00+01:00."
    )
    time_zone: TimeZone = column("The time zone of the vendor's place.")
    left: int = column("The number of visits that can still start then, or of seats in a class.")
    has_meeting: bool = column("Whether it is a class that takes place already.")
    staff: list[Resource] = related(
        staff_of_slot,
        by="shown_staff",
        description="Staff who are free, in the vendor's order, at most"
        f" {listing.SHOWN_STAFF}. Empty if customers do not learn their names.",
        size=2,
        public=True,
    )

    @field(
        "The price of a visit, or of a seat, with the cheapest of the staff who are free.",
        public=True,
    )
    def price(root: strawberry.Parent[listing.Slot]) -> Money:
        return money_of(root.price, root.service.currency)

    @field("The part of the price that is paid online to book it.", public=True)
    def due_online(root: strawberry.Parent[listing.Slot]) -> Money:
        return money_of(root.due_online, root.service.currency)


CURSOR = (
    "A cursor to pass as `after` to `availabilityChanges`, to receive every change since then. Null"
    " for anonymous callers."
)


@strawberry.type(description="The slots of a service.")
class SlotList:
    cursor: str | None = column(CURSOR)
    slots: list[Slot] = column("The slots, the earliest first.")


@strawberry.type(description="The slots of a service on one local day.")
class DayAvailability:
    day: date = column("The day.")
    is_open: bool = column("Whether there were slots without any booking.")
    slots: int = column("The number of slots.", of="count")
    first_starts_at: datetime | None = column("The start of the first slot. Null without one.")


@strawberry.type(description="The days on which a service can be booked.")
class Availability:
    cursor: str | None = column(CURSOR)
    time_zone: TimeZone = column("The time zone of the days.")
    days: list[DayAvailability] = column("The days, without those that clocks skip.")


@strawberry.type(description="A slot of each of several services, one after another.")
class ConsecutiveSlots:
    starts_at: datetime = column("The start of the first visit.")
    ends_at: datetime = column("The end of the last visit.")
    slots: list[Slot] = column("The slots, in the order of the services. Hold each of them.")


@strawberry.type(description="A time of a resource that is taken, with the buffers of its visit.")
class ClaimInTheWay:
    owner: ClaimOwner = column("The kind of its owner.")
    lane: int = column("The number of the visit that the resource takes at a time, from 0.")
    blocked_from: datetime = column("The start.")
    blocked_until: datetime = column("The end.")


@strawberry.type(description="A resource, and whether it has room for a visit.")
class ExplainedResource:
    resource: Resource = related(resource_by_id, by="resource_id", description="The resource.")
    ends_at: datetime = column("The end of the visit with it.")
    works: bool = column("Whether it works for the whole visit.")
    starts_here: bool | None = column(
        "Whether the start is one of the service's steps in its hours. Null for resources whose"
        " hours do not count for that."
    )
    free_lanes: int = column("The number of visits that it has room for, with their buffers.")
    claims: list[ClaimInTheWay] = column("The claims in the way, the earliest first.")


@strawberry.type(
    description="Why a start of a service can be booked or not. For the vendor's members with the"
    " STAFF role or higher, and admins."
)
class SlotExplanation:
    verdict: SlotVerdict = column("Whether it is offered, or what closes it first.")
    earliest: datetime = column("The earliest start that the notice allows.")
    last_day: date = column("The last local day that can be booked.")
    booked_that_day: int | None = column(
        "The bookings of the service on that day. Null without a daily limit."
    )
    resources: list[ExplainedResource] = column(
        "The resources that the service can take, or the chosen one with the others that are"
        " needed."
    )


@strawberry.type(description="Times between which a slot starts that may have changed.")
class ChangedTimes:
    starts_from: datetime = strawberry.field(description="The earliest start.")
    starts_before: datetime = strawberry.field(description="The latest start.")


@strawberry.type(
    description="Slots of a service may have changed. Read `availability` or `slots` again, if they"
    " show these times."
)
class AvailabilityChange:
    cursor: str = strawberry.field(description="The position of the change.")
    any_time: bool = strawberry.field(
        description="Whether slots of any time may have changed, as after a change of a schedule."
    )
    times: list[ChangedTimes] = strawberry.field(
        description="The times of slots that may have changed: after a move those of both times."
    )
