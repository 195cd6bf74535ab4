"""Root fields of bookings."""

import strawberry

from resolvers.bookings.policies import PolicyMutation, PolicyQuery
from resolvers.bookings.resources import ResourceMutation, ResourceQuery
from resolvers.bookings.schedules import ScheduleMutation, ScheduleQuery
from resolvers.bookings.services import ServiceMutation, ServiceQuery


@strawberry.type
class BookingsQuery(ServiceQuery, ResourceQuery, ScheduleQuery, PolicyQuery):
    pass


@strawberry.type
class BookingsMutation(ServiceMutation, ResourceMutation, ScheduleMutation, PolicyMutation):
    pass
