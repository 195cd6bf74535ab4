"""Root fields of bookings."""

import strawberry

from resolvers.bookings.bookings import BookingMutation, BookingQuery
from resolvers.bookings.visits import VisitMutation


@strawberry.type
class BookingsQuery(BookingQuery):
    pass


@strawberry.type
class BookingsMutation(
    BookingMutation,
    VisitMutation,
):
    pass
