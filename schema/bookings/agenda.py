"""Agendas of vendors, boards of arrivals and figures of utilisation."""

from datetime import date, datetime

import strawberry

from engine.enums import publish
from engine.scalars import TimeZone
from engine.types import column
from models.bookings.visits.arrivals import ArrivalState
from schema.bookings.bookings import Booking, ClassMeeting
from schema.bookings.setting_up.resources import Resource
from schema.bookings.setting_up.schedules import TimeBlock
from services.bookings.agenda import arrivals, reading
from services.bookings.agenda.days import AgendaSpan

CURSOR = "A cursor to pass as `after` to `agendaChanges`, to receive every change since then."
publish(AgendaSpan, "How many days an agenda has.", DAY="One day.", WEEK="Seven days.")


@strawberry.type(description="A time at which a resource works.")
class OpenTime:
    starts_at: datetime = column("The start.")
    ends_at: datetime = column("The end.")


@strawberry.type(description="A staff member, room or piece of equipment in an agenda.")
class AgendaLane:
    resource: Resource = column("The resource.")
    open_times: list[OpenTime] = column("When it works, without closures, the earliest first.")
    bookings: list[Booking] = column(
        "Bookings that use it, the earliest first. Those of a class are its meeting."
    )
    meetings: list[ClassMeeting] = column("Meetings of classes that use it.")
    blocks: list[TimeBlock] = column("Times at which it takes no bookings.")


@strawberry.type(
    description="The agenda of a vendor for some days, with a lane for each resource. Follow it"
    " with `agendaChanges`."
)
class Agenda:
    cursor: str = column(CURSOR)
    starts_at: datetime = column("The start of the first day, in the vendor's time zone.")
    ends_at: datetime = column("The end of the last day.")
    time_zone: TimeZone = column("The vendor's time zone.")
    lanes: list[AgendaLane] = column("The lanes, in the vendor's order.")
    others: list[Booking] = column("Bookings of services that need no resource.")
    is_complete: bool = column(
        f"Whether it has everything. At most {reading.MAX_AGENDA_ROWS:,} bookings, meetings and"
        " blocks each are in it: ask for fewer days or resources otherwise."
    )


@strawberry.type(
    description="The visits of a day: who is expected, late, waiting and seen. Follow it with"
    " `agendaChanges`."
)
class ArrivalBoard:
    cursor: str = column(CURSOR)
    day: date = column("The day, in the vendor's time zone.")
    expected: int = column("The number of customers who are expected, those who are late included.")
    late: int = column("The number of customers who are late.")
    waiting: int = column("The number of customers who wait.")
    seen: int = column("The number of visits that took place.")
    missed: int = column("The number of customers who did not come.")
    bookings: list[Booking] = column(
        f"The bookings by their start, at most {arrivals.MAX_ARRIVALS}. `arrival` has how far each"
        " is."
    )

    @classmethod
    def of(cls, cursor: str, found: arrivals.ArrivalsOf) -> "ArrivalBoard":
        late = found.count(ArrivalState.LATE)
        return cls(
            cursor=cursor,
            day=found.day,
            expected=late + found.count(ArrivalState.EXPECTED),
            late=late,
            waiting=found.count(ArrivalState.WAITING),
            seen=found.count(ArrivalState.SEEN),
            missed=found.count(ArrivalState.MISSED),
            bookings=[Booking.wrap(one) for one in found.bookings],
        )


@strawberry.type(description="How much of the time of a resource is booked, in a range of days.")
class Utilisation:
    resource: Resource = column("The resource.")
    open_minutes: int = column(
        "The minutes at which it works, times the visits that it can have at a time."
    )
    booked_minutes: int = column(
        "The minutes of visits that are confirmed, took place or were missed, and of classes,"
        " without buffers."
    )
    booked_bps: int | None = column(
        "The part of the open minutes that is booked, in basis points. Null without any."
    )
    visits: int = column("The number of bookings that are confirmed or took place.")
    no_shows: int = column("The number of customers who did not come.")
    cancellations: int = column("The number of confirmed bookings that were cancelled.")


@strawberry.type(description="A change in the agenda of a vendor.")
class AgendaChange:
    cursor: str = strawberry.field(description="The cursor to resume after this change.")
    booking: Booking | None = strawberry.field(
        default=None,
        description="The booking that was made, moved or has another state, as it is now.",
    )
    in_lanes: bool = strawberry.field(
        default=False,
        description="Whether the booking uses one of the resources that are followed. If not, it"
        " has left their lanes, or was in none.",
    )
    refetch: bool = strawberry.field(
        default=False,
        description="Whether hours, blocks, closures, services or resources have changed: read the"
        " agenda again.",
    )
