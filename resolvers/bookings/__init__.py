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
from resolvers.bookings.series import SeriesMutation
from resolvers.bookings.services import ServiceMutation, ServiceQuery
from resolvers.bookings.slots import SlotQuery
from resolvers.bookings.time_shifts import BookingShiftMutation, BookingShiftQuery
from resolvers.bookings.together import TogetherMutation
from resolvers.bookings.visits import VisitMutation
from resolvers.bookings.waits import BookingWaitMutation, BookingWaitQuery


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
    BookingShiftQuery,
    AgendaQuery,
    BookingDeskQuery,
    BookingWaitQuery,
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
    BookingShiftMutation,
    VisitMutation,
    SeriesMutation,
    TogetherMutation,
    IntakeMutation,
    AgendaMutation,
    BookingDeskMutation,
    BookingWaitMutation,
):
    pass
