"""Root fields of bookings."""

import strawberry

from resolvers.bookings.calendar_feeds import CalendarFeedMutation, CalendarFeedQuery


@strawberry.type
class BookingsQuery(CalendarFeedQuery):
    pass


@strawberry.type
class BookingsMutation(CalendarFeedMutation):
    pass
