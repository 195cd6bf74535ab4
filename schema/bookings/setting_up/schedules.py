"""Schedules, other days, closures and blocked times, and their inputs."""

from datetime import date, datetime, time
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay

from core.keyset import Listing
from dataloaders.bookings.services import (
    resource_by_id,
    visible_block,
    visible_closure,
    visible_override,
    visible_schedule,
)
from dataloaders.vendors import vendor_by_id
from engine.connections import Connection, connection
from engine.context import Info
from engine.ids import id_field, id_of
from engine.types import Rows, column, field, related
from models.bookings import claims
from models.bookings.setting_up import schedules
from models.bookings.setting_up.schedule_drafts import (
    MAX_DAYS_AHEAD,
    MAX_SPANS,
    ClosureDraft,
    OverrideDraft,
    ScheduleDraft,
    TimeBlockDraft,
)
from models.validation import parse
from models.vendors.hours import clock_time
from schema.bookings.bookings import Booking
from schema.bookings.enums import BlockSource
from schema.events.inputs import IDEMPOTENCY_KEY
from schema.lazy import LazyResource, LazyVendor
from services.bookings.setting_up.in_the_way import list_in_block, list_in_closure

ScheduleId = Annotated[UUID, id_of("Schedule", "The schedule's id.")]
ClosureId = Annotated[UUID, id_of("Closure", "The closure's id.")]
TimeBlockId = Annotated[UUID, id_of("TimeBlock", "The block's id.")]
CLOSES = "The end, in whole minutes. 00:00 is the end of the day."
MEMBERS = "Visible to the vendor's members with the STAFF role or higher, and admins."


@strawberry.type(description="A time of each week at which a resource works, in its time zone.")
class WorkingSpan:
    weekday: int = column("The day of the week, from 1 for Monday to 7 for Sunday.")
    opens: time = column("The start.")
    closes: time = column("The end. 00:00 is the end of the day.")


@strawberry.type(description="A time of one day at which a resource works, in its time zone.")
class WorkingTime:
    opens: time = column("The start.")
    closes: time = column("The end. 00:00 is the end of the day.")


@strawberry.type(
    description="The weekly times of a resource from a day until another one, both included."
    f" {MEMBERS}"
)
class Schedule(Rows[schedules.Schedule], relay.Node, access=visible_schedule):
    id: relay.NodeID[UUID]
    from_day: date = column("The first day.")
    last_day: date | None = column(
        "The last day, which counts. Null if it has no end.", of="until_day"
    )
    resource: LazyResource = related(
        resource_by_id,
        by="resource_id",
        description="The resource.",
    )

    @field(
        f"The times in the order of the week, at most {schedules.MAX_WEEK_SPANS}. One that ends"
        " past midnight is two.",
        needs=("spans",),
        size=7,
    )
    def weekly_spans(root: strawberry.Parent[schedules.Schedule]) -> list[WorkingSpan]:
        return [
            WorkingSpan(weekday=weekday, opens=clock_time(start), closes=clock_time(end))
            for weekday, start, end in root.spans
        ]


@strawberry.type(
    description=f"The times of a resource on one day, in place of those of its schedule. {MEMBERS}"
)
class DayOverride(Rows[schedules.DayOverride], relay.Node, access=visible_override):
    id: relay.NodeID[UUID]
    day: date = column("The day.")
    resource: LazyResource = related(
        resource_by_id,
        by="resource_id",
        description="The resource.",
    )

    @field(
        f"The times, at most {schedules.MAX_DAY_SPANS}. It does not work if empty.",
        needs=("spans",),
        size=2,
    )
    def spans(root: strawberry.Parent[schedules.DayOverride]) -> list[WorkingTime]:
        return [
            WorkingTime(opens=clock_time(start), closes=clock_time(end))
            for start, end in root.spans
        ]


@strawberry.type(
    description="Days on which a vendor takes no bookings, such as holidays. Public if the vendor"
    " is APPROVED."
)
class Closure(Rows[schedules.Closure], relay.Node, access=visible_closure):
    id: relay.NodeID[UUID]
    from_day: date = column("The first day, in the vendor's time zone.")
    until_day: date = column("The last day.")
    name: str = column("The reason, which customers read.")
    vendor: LazyVendor = related(vendor_by_id, by="vendor_id", description="The vendor.")

    @connection(
        Connection[Booking],
        "Bookings that occupy a time on these days, the earliest first, as far as the viewer can"
        " see them.",
        needs=("vendor_id", "from_day", "until_day"),
    )
    def bookings_in_the_way(root: strawberry.Parent[schedules.Closure], info: Info) -> Listing[Any]:
        return list_in_closure(info.context.viewer, root.vendor_id, root.from_day, root.until_day)


@strawberry.type(
    description="A time at which a resource takes no bookings. Bookings in its way keep their"
    f" times. {MEMBERS}"
)
class TimeBlock(Rows[claims.TimeBlock], relay.Node, access=visible_block):
    id: relay.NodeID[UUID]
    block_source: BlockSource = column("The source.", of="source")
    starts_at: datetime = column("The start.")
    ends_at: datetime = column("The end.")
    reason: str | None = column("The reason, which customers don't see. Null without one.")
    resource: LazyResource = related(
        resource_by_id,
        by="resource_id",
        description="The resource.",
    )

    @connection(
        Connection[Booking],
        "Bookings that have some of the time, the earliest first. Once they are moved or cancelled,"
        " it is blocked as well.",
        needs=("resource_id", "starts_at", "ends_at"),
    )
    def bookings_in_the_way(root: strawberry.Parent[claims.TimeBlock], info: Info) -> Listing[Any]:
        return list_in_block(info.context.viewer, root)


@strawberry.type(
    description="A public holiday where a vendor is. The vendor is open on it unless it closes."
)
class HolidayProposal:
    day: date = column("The day.", of="holiday.day")
    name: str = column("The name, in the caller's language if it is known.", of="holiday.name")
    estimated: bool = column(
        "Whether the day is not certain yet, because it depends on the moon.",
        of="holiday.estimated",
    )
    closure: Closure | None = column("The closure of the day. Null if the vendor is open.")


@strawberry.input(description="A time of each week at which a resource works, in its time zone.")
class WorkingSpanInput:
    weekday: int = column("The day of the week, from 1 for Monday to 7 for Sunday.")
    opens: time = column("The start, in whole minutes.")
    closes: time = column(
        "The end, in whole minutes. If it is not later than the start, it is on the next day."
    )


@strawberry.input(description="A time of one day at which a resource works, in its time zone.")
class WorkingTimeInput:
    opens: time = column("The start, in whole minutes.")
    closes: time = column(CLOSES)


@strawberry.input(description="The weekly times of a resource between two days.")
class SaveScheduleInput:
    resource_id: UUID = id_field("Resource", "The id of the staff, room or equipment.")
    from_day: date = column("The first day.")
    spans: list[WorkingSpanInput] = column(f"The times, at most {MAX_SPANS}.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    until_day: date | None = strawberry.field(
        default=None, description="The last day. Null if it has no end."
    )
    schedule_id: UUID | None = id_field(
        "Schedule", "The id of the schedule to replace. Without one, adds it.", default=None
    )

    def draft(self) -> ScheduleDraft:
        return parse(
            ScheduleDraft,
            from_day=self.from_day,
            until_day=self.until_day,
            spans=[vars(one) for one in self.spans],
        )


@strawberry.input(description="The times of a resource on one day.")
class SetDayOverrideInput:
    resource_id: UUID = id_field("Resource", "The id of the staff, room or equipment.")
    day: date = column(f"The day, not over and at most {MAX_DAYS_AHEAD:,} days ahead.")
    spans: list[WorkingTimeInput] | None = column(
        f"The times, at most {schedules.MAX_DAY_SPANS}. If empty, it does not work on the day. Null"
        " returns to the schedule."
    )

    def draft(self) -> OverrideDraft | None:
        if self.spans is None:
            return None
        return parse(OverrideDraft, day=self.day, spans=[vars(one) for one in self.spans])


@strawberry.input(description="Days on which a vendor takes no bookings.")
class CloseDaysInput:
    vendor_id: UUID = id_field("Vendor", "The vendor's id.")
    from_day: date = column("The first day, in the vendor's time zone.")
    until_day: date = column(
        f"The last day, not over, at most {schedules.MAX_CLOSED_DAYS} days in all."
    )
    name: str = column("The reason that customers read, at most 80 characters.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)

    def draft(self) -> ClosureDraft:
        given = vars(self)
        return parse(ClosureDraft, **{name: given[name] for name in ClosureDraft.model_fields})


@strawberry.input(description="A time at which a resource takes no bookings.")
class BlockTimeInput:
    resource_id: UUID = id_field("Resource", "The id of the staff, room or equipment.")
    starts_at: datetime = column("The start, in whole minutes.")
    ends_at: datetime = column(
        f"The end, in whole minutes, at most {claims.MAX_BLOCK_DAYS} days later."
    )
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    reason: str | None = strawberry.field(
        default=None, description="The reason, which customers don't see, at most 120 characters."
    )

    def draft(self) -> TimeBlockDraft:
        given = vars(self)
        return parse(TimeBlockDraft, **{name: given[name] for name in TimeBlockDraft.model_fields})
