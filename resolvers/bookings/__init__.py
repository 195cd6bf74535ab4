"""Root fields of bookings."""

import strawberry

from resolvers.bookings.agenda import AgendaMutation, AgendaQuery
from resolvers.bookings.bookings import BookingMutation, BookingQuery
from resolvers.bookings.calendar_feeds import CalendarFeedMutation, CalendarFeedQuery
from resolvers.bookings.desk import BookingDeskMutation, BookingDeskQuery
from resolvers.bookings.intake import IntakeMutation
from resolvers.bookings.policies import PolicyMutation, PolicyQuery
from resolvers.bookings.reminders import ReminderMutation, ReminderQuery
from resolvers.bookings.resources import ResourceMutation, ResourceQuery
from resolvers.bookings.schedules import ScheduleMutation, ScheduleQuery
from resolvers.bookings.services import ServiceMutation, ServiceQuery
from resolvers.bookings.slots import SlotQuery
from resolvers.bookings.visits import VisitMutation


@strawberry.type
class BookingsQuery(
    ServiceQuery,
    ResourceQuery,
    ScheduleQuery,
    PolicyQuery,
    BookingQuery,
    SlotQuery,
    CalendarFeedQuery,
    ReminderQuery,
    AgendaQuery,
    BookingDeskQuery,
):
    pass


@strawberry.type
class BookingsMutation(
    ServiceMutation,
    ResourceMutation,
    ScheduleMutation,
    PolicyMutation,
    BookingMutation,
    CalendarFeedMutation,
    ReminderMutation,
    VisitMutation,
    IntakeMutation,
    AgendaMutation,
    BookingDeskMutation,
):
    pass
