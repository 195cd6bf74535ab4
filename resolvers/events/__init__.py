"""Root fields of events and tickets."""

import strawberry

from resolvers.events.closing import ClosingMutation
from resolvers.events.dates import EventDateMutation
from resolvers.events.desk import DeskMutation
from resolvers.events.events import EventMutation
from resolvers.events.holds import HoldMutation, HoldQuery
from resolvers.events.queries import EventQuery as SearchQuery
from resolvers.events.sales import SalesMutation, SalesQuery
from resolvers.events.ticket_types import TicketTypeMutation
from resolvers.events.venues import VenueMutation


@strawberry.type
class EventsQuery(SearchQuery, HoldQuery, SalesQuery):
    pass


@strawberry.type
class EventsMutation(
    VenueMutation,
    EventMutation,
    EventDateMutation,
    ClosingMutation,
    TicketTypeMutation,
    HoldMutation,
    DeskMutation,
    SalesMutation,
):
    pass
