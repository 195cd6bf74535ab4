"""Transfers of tickets, and their inputs."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import UNSET, relay

from dataloaders.events import date_of_ticket, visible_ticket, visible_transfer
from dataloaders.identity import visible_user
from engine.ids import id_field, id_of
from engine.types import Rows, column, related
from models.events import tickets as rows
from models.validation import parse, within
from schema.events.enums import TransferState, TransferTo
from schema.events.inputs import IDEMPOTENCY_KEY
from schema.events.tickets import Ticket
from schema.events.types import EventDate
from schema.lazy import LazyUser
from services.events.transfers.giving import Receiver

TransferId = Annotated[UUID, id_of("TicketTransfer", "The transfer's id.")]
CODE = "The code of the mail or the text message, in any case."


@strawberry.type(
    description="A ticket that its holder gives to another. Visible to these two users, and to"
    " admins."
)
class TicketTransfer(Rows[rows.TicketTransfer], relay.Node, access=visible_transfer):
    id: relay.NodeID[UUID]
    transfer_state: TransferState = column("The state.", of="state")
    to_kind: TransferTo = column("How the receiver was named.")
    created_at: datetime = column("The time at which it was made.")
    expires_at: datetime = column("The time until which it can be accepted.")
    ended_at: datetime | None = column("The time of its end. Null while it is PENDING.")
    ticket: Ticket | None = related(
        visible_ticket,
        by="ticket_id",
        description="The ticket. Null for all but its holder, the vendor's members and admins.",
    )
    event_date: EventDate = related(
        date_of_ticket, by="ticket_id", description="The date of the ticket."
    )
    giver: LazyUser | None = related(
        visible_user,
        by="from_user_id",
        description="The user who gives it. Null unless the viewer sees this user.",
    )
    receiver: LazyUser | None = related(
        visible_user,
        by="to_user_id",
        description="The user who can have it. Null unless the viewer sees this user.",
    )


@strawberry.input(one_of=True, description="The receiver of a ticket, in exactly one of the ways.")
class TransferReceiverInput:
    user_id: UUID | None = id_field("User", "A user's id.", default=UNSET)
    email: str | None = strawberry.field(
        default=UNSET, description="An email address, to which a code is sent."
    )
    phone: str | None = strawberry.field(
        default=UNSET,
        description="A mobile number with its country code, to which a code is sent. Limited per"
        " number and per network.",
    )

    def given(self) -> Receiver:
        """Return the receiver. Raises `InvalidInput`."""
        if isinstance(self.user_id, UUID):
            return self.user_id
        with within("to"):
            if isinstance(self.phone, str):
                number = parse(rows.TransferPhoneDraft, phone=self.phone).phone
                return rows.AddressedReceiver(TransferTo.PHONE, number)
            email = parse(rows.TransferEmailDraft, email=self.email).email
            return rows.AddressedReceiver(TransferTo.EMAIL, email)


@strawberry.input(description="A ticket that its holder gives to another.")
class TransferTicketInput:
    ticket_id: UUID = id_field("Ticket", "The ticket's id.")
    to: TransferReceiverInput = column("The receiver.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)


@strawberry.input(one_of=True, description="A transfer to the viewer, in exactly one of the ways.")
class ReceivedTransferInput:
    transfer_id: UUID | None = id_field(
        "TicketTransfer", "The id of a transfer to the viewer as a user.", default=UNSET
    )
    code: str | None = strawberry.field(default=UNSET, description=CODE)

    def given(self) -> tuple[UUID | None, str | None]:
        """Return the id or the code. Raises `InvalidInput`."""
        if isinstance(self.transfer_id, UUID):
            return self.transfer_id, None
        with within("transfer"):
            return None, parse(rows.TransferCodeDraft, code=self.code).code


@strawberry.input(description="The acceptance of a ticket.")
class AcceptTransferInput:
    transfer: ReceivedTransferInput = column("The transfer.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)


@strawberry.input(description="The refusal of a ticket.")
class DeclineTransferInput:
    transfer: ReceivedTransferInput = column("The transfer.")
