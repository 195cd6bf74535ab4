"""Changes of sale queues and of a user's tickets, for subscriptions."""

import strawberry

from schema.events.selling.holds import TicketHold
from schema.events.selling.sale_queue import SaleQueue
from schema.events.selling.waitlist import WaitlistEntry
from schema.events.tickets import Ticket
from schema.events.transfers import TicketTransfer


@strawberry.type(description="A change of a sale queue.")
class SaleQueueChange:
    cursor: str = strawberry.field(description="The position in the stream, to resume from.")
    sale_queue: SaleQueue | None = strawberry.field(
        default=None,
        description="The queue as it is now. Null if this only carries a cursor.",
    )


@strawberry.type(
    description="A change of what a user has of tickets: of a ticket, a hold, a transfer, or an"
    " entry of a waitlist. All but one of them are null, and all if there is only a newer cursor to"
    " resume from."
)
class TicketChange:
    cursor: str = strawberry.field(description="The cursor to resume after this change.")
    ticket_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of the ticket, also if it is not the viewer's any more."
    )
    ticket: Ticket | None = strawberry.field(
        default=None,
        description="The ticket as it is now. Null if it has another holder: remove it.",
    )
    ticket_hold: TicketHold | None = strawberry.field(
        default=None, description="The hold as it is now."
    )
    ticket_transfer: TicketTransfer | None = strawberry.field(
        default=None,
        description="The transfer from the viewer or to the viewer as it is now.",
    )
    waitlist_entry: WaitlistEntry | None = strawberry.field(
        default=None, description="The viewer's entry of a waitlist as it is now."
    )
