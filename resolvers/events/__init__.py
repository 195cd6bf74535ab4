"""Root fields of events and tickets."""

import strawberry

from resolvers.events.charts import ChartMutation, ChartQuery
from resolvers.events.check_in import CheckInMutation, CheckInQuery
from resolvers.events.closing import ClosingMutation
from resolvers.events.dates import EventDateMutation
from resolvers.events.desk import DeskMutation
from resolvers.events.events import EventMutation
from resolvers.events.holds import HoldMutation, HoldQuery
from resolvers.events.queries import EventQuery as SearchQuery
from resolvers.events.questions import QuestionMutation
from resolvers.events.resale import ResaleMutation
from resolvers.events.sale_queue import SaleQueueMutation, SaleQueueQuery
from resolvers.events.sales import SalesMutation, SalesQuery
from resolvers.events.seats import SeatMutation, SeatQuery
from resolvers.events.ticket_types import TicketTypeMutation
from resolvers.events.tickets import TicketMutation, TicketQuery
from resolvers.events.transfers import TransferMutation, TransferQuery
from resolvers.events.venues import VenueMutation
from resolvers.events.waitlist import WaitlistMutation, WaitlistQuery


@strawberry.type
class EventsQuery(
    SearchQuery,
    HoldQuery,
    TicketQuery,
    TransferQuery,
    ChartQuery,
    SeatQuery,
    CheckInQuery,
    WaitlistQuery,
    SaleQueueQuery,
    SalesQuery,
):
    pass


@strawberry.type
class EventsMutation(
    VenueMutation,
    EventMutation,
    EventDateMutation,
    TicketTypeMutation,
    HoldMutation,
    TicketMutation,
    TransferMutation,
    ChartMutation,
    SeatMutation,
    CheckInMutation,
    WaitlistMutation,
    SaleQueueMutation,
    ClosingMutation,
    DeskMutation,
    SalesMutation,
    QuestionMutation,
    ResaleMutation,
):
    pass
