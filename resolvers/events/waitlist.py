"""Waitlists: joined and left by users, and listed for members."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.keyset import Listing
from engine.connections import Connection, connection
from engine.context import Info
from engine.ids import id_of
from engine.mutation import mutation
from models.errors import KEYED, InvalidInput, NotFound
from models.events import events
from models.events.selling import holds, waitlist
from schema.events.selling.holds import HoldId
from schema.events.selling.waitlist import (
    JoinWaitlistInput,
    WaitlistEntry,
    WaitlistEntryId,
    waitlist_draft,
)
from services.events.waitlist import access, joining

OfDate = Annotated[UUID, id_of("EventDate", "The date's id.")]


@strawberry.type
class WaitlistQuery:
    @connection(Connection[WaitlistEntry], "The viewer's entries of waitlists, newest first.")
    def waitlist_entries(self, info: Info) -> Listing[Any]:
        return access.list_own_entries(info.context.viewer)

    @connection(
        Connection[WaitlistEntry],
        "The waitlist of a date, the newest entry first. Empty for all but the vendor's members"
        " with the STAFF role or higher, and admins.",
    )
    def waitlist(self, info: Info, event_date_id: OfDate) -> Listing[Any]:
        return access.list_waitlist(info.context.viewer, event_date_id)


@strawberry.type
class WaitlistMutation:
    @mutation(
        waitlist_entry=WaitlistEntry,
        raises=(
            InvalidInput,
            NotFound,
            events.SaleNotOpen,
            events.SaleEnded,
            waitlist.WaitlistClosed,
            waitlist.TicketsLeft,
            waitlist.AlreadyWaiting,
            holds.TicketLimit,
            *KEYED,
        ),
    )
    async def join_waitlist(self, info: Info, input: JoinWaitlistInput) -> waitlist.WaitlistEntry:
        """Wait for tickets of a date that is sold out. Those that become free are held for the
        users who wait, in their order, before the public sale.
        """
        async with info.context.transaction() as session:
            return await joining.join_waitlist(
                session,
                info.context.viewer,
                event_date_id=input.event_date_id,
                draft=waitlist_draft(input),
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        waitlist_entry=WaitlistEntry,
        raises=(NotFound, waitlist.InvalidWaitlistState, holds.HoldExpired),
        repeatable="sets a state",
    )
    async def leave_waitlist(
        self, info: Info, waitlist_entry_id: WaitlistEntryId
    ) -> waitlist.WaitlistEntry:
        """Leave a waitlist, and give back what is held for the entry."""
        async with info.context.transaction() as session:
            return await joining.leave_waitlist(
                session, info.context.viewer, entry_id=waitlist_entry_id
            )

    @mutation(
        waitlist_entry=WaitlistEntry,
        raises=(NotFound, holds.HoldExpired),
        repeatable="sets a state",
    )
    async def decline_waitlist_hold(self, info: Info, hold_id: HoldId) -> waitlist.WaitlistEntry:
        """Give back the tickets of a waitlist hold. The next entry is served at once."""
        async with info.context.transaction() as session:
            return await joining.decline_waitlist_hold(
                session, info.context.viewer, hold_id=hold_id
            )
