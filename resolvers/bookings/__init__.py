"""Root fields of bookings."""

import strawberry

from resolvers.bookings.bookings import BookingMutation, BookingQuery
from resolvers.bookings.calendar_feeds import CalendarFeedMutation, CalendarFeedQuery
from resolvers.bookings.visits import VisitMutation


@strawberry.type
class BookingsQuery(
    BookingQuery,
    CalendarFeedQuery,
):
    pass


@strawberry.type
class BookingsMutation(
    BookingMutation,
    CalendarFeedMutation,
    VisitMutation,
):
    pass
