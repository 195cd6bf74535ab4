"""The figures of a date, and exports of them."""

from datetime import date, datetime
from uuid import UUID

import strawberry

from engine.ids import id_field
from engine.types import column, field
from schema.events.enums import SalesExport, TicketSource
from schema.events.ticket_types import TicketType
from schema.money import Money, money_of
from services.events.sales import figures


@strawberry.type(description="The valid tickets of a ticket type from one source.")
class TicketTypeSales:
    ticket_type: TicketType = column("The ticket type.", of="row")
    ticket_source: TicketSource = column("The way in which they were sold.", of="source")
    tickets: int = column("The number of tickets.")

    @field("Their prices, before discounts of orders.")
    def revenue(root: strawberry.Parent[figures.TypeSales]) -> Money:
        return money_of(root.amount, root.currency)


@strawberry.type(description="The valid tickets that were sold on a day.")
class DaySales:
    day: date = column("The day in the time zone of the date.")
    tickets: int = column("The number of tickets.")

    @field("Their prices, before discounts of orders.")
    def revenue(root: strawberry.Parent[figures.DaySales]) -> Money:
        return money_of(root.amount, root.currency)


@strawberry.type(description="The valid tickets that were sold in a minute.")
class MinuteSales:
    minute: datetime = column("The start of the minute.")
    tickets: int = column("The number of tickets.")

    @field("Their prices, before discounts of orders.")
    def revenue(root: strawberry.Parent[figures.MinuteSales]) -> Money:
        return money_of(root.amount, root.currency)


@strawberry.type(
    description="The seats of a date by their state, without those that were removed from it."
)
class SeatFigures:
    free: int = column("The seats that can be sold.")
    held: int = column("The seats in holds and in orders that are not paid.")
    sold: int = column("The seats of valid tickets.")
    blocked: int = column("The seats that members have blocked.")


@strawberry.type(
    description="How many users of a sale queue come to buy. A user who joins again counts once,"
    " since then."
)
class QueueFigures:
    joined: int = column("The users in the queue, with those who have left it behind.")
    called: int = column("Those of them whose turn has come.")
    entered: int = column("Those who entered the sale, without those whose turn has lapsed.")
    lapsed: int = column("Those who let their turn pass.")
    held: int = column("Those who have held tickets since they joined.")
    bought: int = column("Those who have bought tickets since they joined.")


@strawberry.type(description="The entries in a minute.")
class MinuteEntries:
    minute: datetime = column("The start of the minute.")
    entries: int = column("The scans that admitted a ticket.")


@strawberry.type(
    description="The figures of a date at this moment. Visible to the vendor's members with the"
    " STAFF role or higher, and admins. The quotas and seats of the date show what is left."
)
class EventSales:
    cursor: str = column(
        "A cursor to pass as `after` to `salesChanges`, to receive every change since then."
    )
    held: int = column("The tickets in holds and in orders that are not paid.")
    sold: int = column("The valid tickets.")
    cancelled: int = column("The cancelled tickets.")
    checked_in: int = column("The tickets that have entered.")
    by_type: list[TicketTypeSales] = column("The valid tickets by type and source.")
    by_day: list[DaySales] = column(
        f"The valid tickets by the day of their sale: the last {figures.MAX_DAYS} days with sales."
    )
    by_minute: list[MinuteSales] = column(
        f"The valid tickets by the minute of their sale: the last {figures.MAX_MINUTES} minutes"
        " with sales."
    )
    entries: list[MinuteEntries] = column(
        f"The entries by minute: the last {figures.MAX_MINUTES} minutes with entries."
    )
    seat_counts: SeatFigures | None = column("The seats. Null for a date without seats.")
    queue_figures: QueueFigures | None = column(
        "How far users of the event's sale queue have come. Null without one."
    )

    @field("The prices of the valid tickets, before discounts of orders.")
    def revenue(root: strawberry.Parent[figures.DateFigures]) -> Money:
        return money_of(root.amount, root.currency)


@strawberry.input(description="An export of a date.")
class ExportEventDateInput:
    event_date_id: UUID = id_field("EventDate", "The date's id.")
    export: SalesExport = column("The rows of the export.")
