"""Ticket types, written by members of their vendor."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.errors import KEYED, InvalidInput, NotFound
from models.events import ticket_types as rows
from models.events.events import InvalidEventState
from schema.events.ticket_types import TicketType
from schema.events.type_inputs import (
    CreateTicketTypeInput,
    SetTypeCodesInput,
    TicketTypeId,
    UpdateTicketTypeInput,
    ticket_type_draft,
    ticket_type_patch,
    type_codes,
)
from services.events import ticket_types
from services.events.type_codes import set_type_codes


@strawberry.type
class TicketTypeMutation:
    @mutation(
        ticket_type=TicketType,
        while_impersonating=True,
        raises=(
            InvalidInput,
            NotFound,
            InvalidEventState,
            rows.TicketTypeLimitReached,
            *KEYED,
        ),
    )
    async def create_ticket_type(self, info: Info, input: CreateTicketTypeInput) -> rows.TicketType:
        """Add a ticket type to an event. Requires the vendor's MANAGER or OWNER role."""
        async with info.context.transaction() as session:
            return await ticket_types.create_ticket_type(
                session,
                info.context.viewer,
                event_id=input.event_id,
                draft=ticket_type_draft(input),
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        ticket_type=TicketType,
        while_impersonating=True,
        raises=(InvalidInput, NotFound, InvalidEventState),
        repeatable="sets values",
    )
    async def update_ticket_type(self, info: Info, input: UpdateTicketTypeInput) -> rows.TicketType:
        """Change a ticket type. Holds and tickets keep what they were made with."""
        async with info.context.transaction() as session:
            return await ticket_types.update_ticket_type(
                session,
                info.context.viewer,
                ticket_type_id=input.ticket_type_id,
                patch=ticket_type_patch(input),
            )

    @mutation(
        ticket_type=TicketType,
        while_impersonating=True,
        raises=(NotFound, InvalidEventState),
        repeatable="sets a state",
    )
    async def retire_ticket_type(self, info: Info, ticket_type_id: TicketTypeId) -> rows.TicketType:
        """Stop the sale of a ticket type. Its tickets stay valid."""
        async with info.context.transaction() as session:
            return await ticket_types.retire_ticket_type(
                session, info.context.viewer, ticket_type_id=ticket_type_id
            )

    @mutation(
        ticket_type=TicketType,
        while_impersonating=True,
        raises=(NotFound, InvalidEventState),
        repeatable="sets a state",
    )
    async def restore_ticket_type(
        self, info: Info, ticket_type_id: TicketTypeId
    ) -> rows.TicketType:
        """Sell a ticket type again that was retired."""
        async with info.context.transaction() as session:
            return await ticket_types.restore_ticket_type(
                session, info.context.viewer, ticket_type_id=ticket_type_id
            )

    @mutation(
        ticket_type=TicketType,
        raises=(InvalidInput, NotFound, InvalidEventState),
        repeatable="replaces the codes",
    )
    async def set_type_codes(self, info: Info, input: SetTypeCodesInput) -> rows.TicketType:
        """Replace the promo codes that unlock a ticket type. It is sold with one of them alone
        while it needs a code. Orders count their uses.
        """
        codes = type_codes(input)
        async with info.context.transaction() as session:
            return await set_type_codes(
                session,
                info.context.viewer,
                ticket_type_id=input.ticket_type_id,
                promo_code_ids=codes,
            )
