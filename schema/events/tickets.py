"""Tickets, and their inputs."""

import base64
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from core.clock import now
from core.media import qr
from dataloaders.check_in import scans_of_ticket
from dataloaders.events import (
    date_by_id,
    listing_of_ticket,
    transfers_of_ticket,
    type_by_id,
    visible_ticket,
)
from dataloaders.orders import visible_line
from dataloaders.questions import answers_of_ticket, questions_of_ticket
from engine.context import Info
from engine.ids import id_field, id_of, ids_of, optional_ids_of
from engine.permissions import visible_to_holder
from engine.types import Rows, column, field, loaded, related, related_page
from models.events import tickets as rows
from models.events.questions import MAX_KEPT_QUESTIONS, MAX_QUESTIONS
from models.events.selling.resale import ResaleListing as ListingRow
from schema.events.enums import TicketSource, TicketState, TransferPolicy
from schema.events.inputs import IDEMPOTENCY_KEY
from schema.events.questions import AttendeeAnswer, EventQuestion
from schema.events.selling.resale import ResaleListing
from schema.events.ticket_types import TicketType
from schema.events.types import EventDate
from schema.lazy import LazyOrderLine, LazyScan, LazyTicketTransfer
from schema.links import ExpiringLink, expiring
from schema.money import Money, money_of
from services.events.passes.links import APPLE_PATH, GOOGLE_PATH, PassLink
from services.events.tickets.access import MAX_LISTED_DATES
from services.events.tickets.links import MAX_TICKETS

TicketId = Annotated[UUID, id_of("Ticket", "The ticket's id.")]
DateIds = Annotated[
    list[UUID] | None,
    optional_ids_of("EventDate", f"Returns tickets of these dates, at most {MAX_LISTED_DATES}."),
]
PdfIds = Annotated[
    list[UUID],
    ids_of("Ticket", f"Valid tickets that the viewer holds, at most {MAX_TICKETS}."),
]
TicketRoot = strawberry.Parent[rows.Ticket]
SECRET = ("id", "event_date_id", "generation", "state")


@strawberry.type(
    description="The right of its holder to be admitted to a date. Visible to its holder, and"
    " without its codes to the vendor's members with the STAFF role or higher and to admins."
)
class Ticket(Rows[rows.Ticket], relay.Node, access=visible_ticket):
    id: relay.NodeID[UUID]
    state: TicketState = column("The state.")
    ticket_source: TicketSource = column("How it was sold.", of="source")
    generation: int = column(
        "The number of its codes. A transfer and a cancellation raise it: earlier codes are"
        " refused."
    )
    created_at: datetime = column("The time at which it was issued.")
    cancelled_at: datetime | None = column("The time at which it was cancelled.")
    cancel_reason: str | None = column("The reason for the cancellation. Null if none was given.")
    transfer: TransferPolicy = column("Whether its holder can transfer it, by the policy it had.")
    transfer_until: datetime | None = column("The time until which it can be transferred.")
    refund_until: datetime | None = column("The time until which a cancellation is refunded.")
    refund_bps: int = column("The refunded part of the price, in basis points.")
    event_date: EventDate = related(date_by_id, by="event_date_id", description="The date.")
    ticket_type: TicketType = related(
        type_by_id, by="ticket_type_id", description="The ticket type."
    )
    order_line: LazyOrderLine | None = related(
        visible_line,
        by="order_line_id",
        description="The line in which it was ordered. Null unless the viewer sees the order.",
    )
    questions: list[EventQuestion] = related(
        questions_of_ticket,
        by="id",
        description=f"The questions that are asked for each ticket, at most {MAX_QUESTIONS}.",
        size=5,
    )
    answers: list[AttendeeAnswer] = related(
        answers_of_ticket,
        by="id",
        description="The answers for the ticket, also to questions that are not asked any more: at"
        f" most {MAX_KEPT_QUESTIONS}.",
        size=5,
    )
    code: str | None = visible_to_holder(
        column(
            "The code to read out or type, such as `7QX4M-2K9TD`. Visible to the holder.",
            needs=("code", "holder_id"),
        )
    )
    latest_scans: list[LazyScan] = related_page(
        scans_of_ticket,
        LazyScan,
        "The scans of it, the newest first. Empty for all but the vendor's members and admins.",
    )
    transfers: list[LazyTicketTransfer] = related_page(
        transfers_of_ticket,
        LazyTicketTransfer,
        "The transfers of it from the viewer or to the viewer, the newest first. All for admins.",
    )

    @loaded(
        listing_of_ticket,
        by="id",
        description="The resale by its holder. Null unless it is listed, or was sold.",
    )
    def resale_listing(root: TicketRoot, listing: ListingRow | None) -> ResaleListing | None:
        return ResaleListing.wrap_optional(listing)

    @field("The price, before discounts.", needs=("price", "currency"))
    def price(root: TicketRoot) -> Money:
        return money_of(root.price, root.currency)

    @field(
        "Whether its holder can transfer it now, unless it was used.",
        needs=("state", "transfer", "transfer_until"),
    )
    def may_transfer(root: TicketRoot) -> bool:
        return root.may_transfer(now())

    @field(
        "The amount that the policy gives back if its holder cancels it now, before discounts.",
        needs=("state", "price", "currency", "refund_until", "refund_bps"),
    )
    def refund_now(root: TicketRoot) -> Money:
        return money_of(root.refund_now(now()), root.currency)

    @field("The name of the attendee. Null if none is set.", needs=("id", "attendee"))
    def attendee(root: TicketRoot, info: Info) -> str | None:
        return root.open_attendee(info.context.app.sealer)

    @visible_to_holder
    @field(
        "The signed content of the QR code, without personal data. Null once it is cancelled."
        " Visible to the holder.",
        needs=SECRET,
        cost=1,
    )
    def token(root: TicketRoot, info: Info) -> str | None:
        return token_of(root, info)

    @visible_to_holder
    @field(
        "The QR code as an `<svg>` element. Null once it is cancelled. Visible to the holder.",
        needs=SECRET,
        cost=5,
    )
    def qr_svg(root: TicketRoot, info: Info) -> str | None:
        token = token_of(root, info)
        return token and qr.svg(token)

    @visible_to_holder
    @field(
        "The QR code as a PNG in Base64. Null once it is cancelled. Visible to the holder.",
        needs=SECRET,
        cost=10,
    )
    def qr_png(root: TicketRoot, info: Info) -> str | None:
        token = token_of(root, info)
        return token and base64.b64encode(qr.png(token)).decode()

    @visible_to_holder
    @field(
        "A link to the ticket as a pass for Apple Wallet, for ten minutes. The pass does not follow"
        " later changes. Null once it is cancelled, and if this wallet is not set up. Visible to"
        " the holder.",
        needs=SECRET,
        cost=1,
    )
    def apple_pass_link(root: TicketRoot, info: Info) -> ExpiringLink | None:
        return pass_link(root, info, APPLE_PATH, info.context.app.wallets.apple)

    @visible_to_holder
    @field(
        "A link that leads to Google Wallet with the ticket as a pass, for ten minutes. The pass"
        " does not follow later changes. Null once it is cancelled, and if this wallet is not set"
        " up. Visible to the holder.",
        needs=SECRET,
        cost=1,
    )
    def google_pass_link(root: TicketRoot, info: Info) -> ExpiringLink | None:
        return pass_link(root, info, GOOGLE_PATH, info.context.app.wallets.google)


def pass_link(ticket: rows.Ticket, info: Info, path: str, wallet: object) -> ExpiringLink | None:
    """Return a link to the pass of a valid ticket, whose holder the viewer is."""
    if wallet is None or ticket.state is not TicketState.VALID:
        return None
    link = PassLink(info.context.viewer.require_user(), ticket.id, ticket.generation)
    return expiring(info, path, link.sign(info.context.app.keys))


def token_of(ticket: rows.Ticket, info: Info) -> str | None:
    if ticket.state is not TicketState.VALID:
        return None
    return info.context.app.keys.sign_ticket(ticket.id, ticket.event_date_id, ticket.generation)


@strawberry.input(description="The attendee of a ticket.")
class NameAttendeeInput:
    ticket_id: UUID = id_field("Ticket", "The ticket's id.")
    name: str | None = column("The name, 1 to 80 characters. Null for none.")


@strawberry.input(description="The cancellation of a ticket.")
class CancelTicketInput:
    ticket_id: UUID = id_field("Ticket", "The ticket's id.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    reason: str | None = strawberry.field(
        default=None,
        description="The reason, for the holder and the vendor: at most"
        f" {rows.MAX_REASON_LENGTH} characters.",
    )
