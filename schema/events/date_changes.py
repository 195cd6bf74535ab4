"""Cancellations of dates, and how far they are carried out."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from dataloaders.events import refund_counts_of_change
from engine.ids import id_field
from engine.types import Rows, column, related
from models.events import date_changes as rows
from models.events.date_changes import DateCancelDraft
from models.validation import parse
from schema.events.enums import DateChangeKind, RefundChoice

REASON = "The reason, which holders of tickets read, at most 200 characters."


@strawberry.type(description="Refunds that a cancelled date owes, in lines of orders.")
class TicketRefundCounts:
    due: int = column("Those that are still to be granted.")
    granted: int = column("Those that were granted.")
    refused: int = column(
        "Those that orders have refused, such as while a bank disputes the payment."
    )


@strawberry.type(
    description="A cancellation, a postponement or a move of a date, as it is carried out for its"
    " tickets. Visible to the vendor's members with the STAFF role or higher, and admins."
)
class DateChange(Rows[rows.DateChange]):
    kind: DateChangeKind = column("The kind.")
    refund: RefundChoice = column("Whether tickets are refunded with a cancellation.")
    reason: str | None = column("The reason. Null if none was given.")
    tickets: int = column("The tickets that were cancelled, or whose holders were notified.")
    created_at: datetime = column("The time of the change.")
    done_at: datetime | None = column(
        "The time at which all tickets were done. Null while some are left."
    )
    refunds: TicketRefundCounts = related(
        refund_counts_of_change, by="id", description="The refunds that it owes."
    )


@strawberry.input(description="A cancellation of an event with all its dates.")
class CancelEventInput:
    event_id: UUID = id_field("Event", "The event's id.")
    refund: RefundChoice = column("Whether its tickets are refunded.")
    reason: str | None = strawberry.field(default=None, description=REASON)


@strawberry.input(description="A cancellation of a date.")
class CancelEventDateInput:
    event_date_id: UUID = id_field("EventDate", "The date's id.")
    refund: RefundChoice = column("Whether its tickets are refunded.")
    reason: str | None = strawberry.field(default=None, description=REASON)


def cancel_draft(input: Any) -> DateCancelDraft:
    return parse(DateCancelDraft, refund=input.refund, reason=input.reason)
