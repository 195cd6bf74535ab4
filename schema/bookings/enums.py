"""Enums of the domain `bookings` in the GraphQL schema."""

from engine.enums import publish
from models.bookings.claims import BlockSource
from models.bookings.feeds import BusyFeedProblem, FeedScope
from models.bookings.setting_up.resources import ResourceKind, ResourceState
from models.bookings.setting_up.services import ServiceState, SlotAnchor, StaffChoice
from models.bookings.time_shifts import ShiftOutcome
from models.bookings.waits import BookingWaitState

__all__ = [
    "BlockSource",
    "BookingWaitState",
    "BusyFeedProblem",
    "FeedScope",
    "ResourceKind",
    "ResourceState",
    "ServiceState",
    "ShiftOutcome",
    "SlotAnchor",
    "StaffChoice",
]

publish(
    ServiceState,
    "The state of a service.",
    DRAFT="It is being prepared. Only members of the vendor see it.",
    ACTIVE="It is listed, and can be booked.",
    PAUSED="It can be seen, but is not listed and cannot be booked for now.",
    ARCHIVED="It is not offered any more. Bookings to come stay.",
)
publish(
    SlotAnchor,
    "The origin from which the starts of a service are counted.",
    OPENING="The start of each span in which the staff works: 9:10, 9:40 … if it opens at 9:10.",
    CLOCK="The full hour: 9:30, 10:00 … of a step of 30 minutes, if it opens at 9:10.",
)
publish(
    StaffChoice,
    "Whether customers choose who does a service.",
    ANY="They can choose. Without a choice, the vendor's staff share the bookings.",
    ASK="They are asked to choose.",
    HIDDEN="They cannot choose, and do not learn the names of the staff.",
)
publish(
    ResourceKind,
    "The kind of a resource.",
    STAFF="A person.",
    ROOM="A room.",
    EQUIPMENT="A machine or the like.",
)
publish(
    ResourceState,
    "The state of a resource.",
    ACTIVE="It takes bookings.",
    RETIRED="It takes no new bookings. Those to come stay.",
)
publish(
    BlockSource,
    "The source of a blocked time.",
    TIME_OFF="A member entered it.",
    BUSY_FEED="It comes from a calendar elsewhere.",
)
publish(
    FeedScope,
    "The bookings in a calendar feed.",
    MINE="The user's own bookings.",
    RESOURCE="The bookings of one resource.",
    VENDOR="All bookings of a vendor.",
)
publish(
    BusyFeedProblem,
    "Why a busy feed could not be read.",
    UNREACHABLE="Its server does not answer as expected, or leads to an address without HTTPS.",
    PRIVATE_ADDRESS="Its host is not on the internet.",
    NOT_FOUND="Its server does not have the calendar, or does not show it.",
    TOO_LARGE="The calendar has more than 4 MB.",
    TOO_COMPLEX="The calendar has too many busy times, or rules that take too long to follow.",
    NO_CALENDAR="The file is not a calendar in the format iCalendar.",
)
publish(
    ShiftOutcome,
    "The outcome for a booking whose wall time is another instant by new rules of its time zone.",
    MOVED="It has its time.",
    COLLIDED="Another booking, class or block has a resource at its time.",
    SKIPPED="Clocks skip the wall time that was promised. It begins when they have gone forward.",
)
publish(
    BookingWaitState,
    "The state of a user who waits for a time of a service.",
    WAITING="No time that the user wants has become free.",
    HOLDING="A time is held for the user, to be confirmed or ordered.",
    BOOKED="The user has booked the time that was held.",
    LEFT="The user left the waitlist.",
    LAPSED="The user did not book two times that were held, or the last day is over.",
)
