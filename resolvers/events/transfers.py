"""Transfers of tickets: made and withdrawn by holders, accepted and declined by receivers."""

from functools import partial
from typing import Any

import strawberry

from core.keyset import Listing
from engine.connections import Connection, connection
from engine.context import Info
from engine.mutation import mutation
from models.errors import KEYED, InvalidInput, NotFound
from models.events import tickets as rows
from models.identity.phones import NumberNotServed
from models.quotas import DailyLimitReached
from schema.events.tickets import Ticket
from schema.events.transfers import (
    AcceptTransferInput,
    DeclineTransferInput,
    TicketTransfer,
    TransferId,
    TransferTicketInput,
)
from services.events.transfers import giving, receiving
from services.events.transfers.access import list_transfers

OF_TICKET = (rows.TicketCancelled, rows.TicketUsed, rows.TicketDateOver, rows.InvalidTransferState)


@strawberry.type
class TransferQuery:
    @connection(
        Connection[TicketTransfer], "The transfers from the viewer and to the viewer, newest first."
    )
    def ticket_transfers(self, info: Info) -> Listing[Any]:
        return list_transfers(info.context.viewer)


@strawberry.type
class TransferMutation:
    @mutation(
        transfer=TicketTransfer,
        raises=(
            InvalidInput,
            NotFound,
            rows.TransferRefused,
            rows.TicketListed,
            NumberNotServed,
            DailyLimitReached,
            *OF_TICKET,
            *KEYED,
        ),
    )
    async def transfer_ticket(self, info: Info, input: TransferTicketInput) -> rows.TicketTransfer:
        """Give a ticket to a user, or to who has an email address or a phone number. It stays the
        viewer's until it is accepted, for at most seven days.
        """
        context = info.context
        charge = partial(
            context.app.phone_limits.message,
            address=context.address,
            allowance=context.redis_allowance,
        )
        async with context.transaction() as session:
            return await giving.transfer_ticket(
                session,
                context.viewer,
                context.app.sealer,
                ticket_id=input.ticket_id,
                receiver=input.to.given(),
                charge=charge,
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        transfer=TicketTransfer,
        raises=(NotFound, rows.InvalidTransferState),
        repeatable="sets a state",
    )
    async def withdraw_transfer(self, info: Info, transfer_id: TransferId) -> rows.TicketTransfer:
        """Withdraw a transfer that is not accepted yet."""
        async with info.context.transaction() as session:
            return await giving.withdraw_transfer(
                session, info.context.viewer, transfer_id=transfer_id
            )

    @mutation(ticket=Ticket, raises=(InvalidInput, NotFound, *OF_TICKET, *KEYED))
    async def accept_transfer(self, info: Info, input: AcceptTransferInput) -> rows.Ticket:
        """Accept a ticket, with the id of a transfer to the viewer or the code of a message. It
        gets new codes, and the former ones are refused.
        """
        transfer_id, code = input.transfer.given()
        async with info.context.transaction() as session:
            return await receiving.accept_transfer(
                session,
                info.context.viewer,
                transfer_id=transfer_id,
                code=code,
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        transfer=TicketTransfer,
        raises=(InvalidInput, NotFound, rows.InvalidTransferState),
        repeatable="sets a state",
    )
    async def decline_transfer(
        self, info: Info, input: DeclineTransferInput
    ) -> rows.TicketTransfer:
        """Decline a ticket. Its holder keeps it."""
        transfer_id, code = input.transfer.given()
        async with info.context.transaction() as session:
            return await receiving.decline_transfer(
                session, info.context.viewer, transfer_id=transfer_id, code=code
            )
