"""Changes of what a user has of tickets."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, ClassVar

import strawberry

from core.ids import global_id
from dataloaders.events import entry_by_id, hold_by_id, ticket_by_id, transfer_by_id
from engine.arguments import Resume
from engine.context import Info
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from schema.events.changes import TicketChange
from schema.events.selling.holds import TicketHold
from schema.events.selling.waitlist import WaitlistEntry
from schema.events.tickets import Ticket
from schema.events.transfers import TicketTransfer
from services.events.entries import (
    HoldChanged,
    TicketChanged,
    TransferChanged,
    WaitlistEntryChanged,
)
from services.journal.queries import JournalRecord
from subscriptions.own_source import OwnSource


@strawberry.type
class TicketSubscription:
    @subscription(
        "Changes of the tickets that the viewer holds, of the viewer's holds, of transfers from the"
        " viewer and to the viewer, and of the viewer's entries of waitlists. Resume with the last"
        " `cursor`.",
        domain="events",
    )
    async def ticket_changes(
        self, info: Info, after: Resume = None
    ) -> AsyncGenerator[TicketChange, None]:
        source = OwnTicketsSource(info.context.viewer.require_user())
        return await subscribe_to_journal(info, source, after)


async def _ticket(
    loaders: Loaders, record: JournalRecord[TicketChanged], cursor: str
) -> TicketChange:
    ticket = await loaders[ticket_by_id].load(record.entry.ticket_id)
    return TicketChange(
        cursor=cursor,
        ticket_id=strawberry.ID(global_id("Ticket", record.entry.ticket_id)),
        ticket=Ticket.wrap_optional(ticket),
    )


async def _hold(loaders: Loaders, record: JournalRecord[HoldChanged], cursor: str) -> TicketChange:
    hold = await loaders[hold_by_id].load(record.entry.hold_id)
    return TicketChange(cursor=cursor, ticket_hold=TicketHold.wrap_optional(hold))


async def _transfer(
    loaders: Loaders, record: JournalRecord[TransferChanged], cursor: str
) -> TicketChange:
    transfer = await loaders[transfer_by_id].load(record.entry.transfer_id)
    return TicketChange(cursor=cursor, ticket_transfer=TicketTransfer.wrap_optional(transfer))


async def _entry(
    loaders: Loaders, record: JournalRecord[WaitlistEntryChanged], cursor: str
) -> TicketChange:
    entry = await loaders[entry_by_id].load(record.entry.entry_id)
    return TicketChange(cursor=cursor, waitlist_entry=WaitlistEntry.wrap_optional(entry))


@dataclass(frozen=True)
class OwnTicketsSource(OwnSource[TicketChange]):
    """The tickets of one user, the same on all devices."""

    changes: ClassVar = {
        TicketChanged: _ticket,
        HoldChanged: _hold,
        TransferChanged: _transfer,
        WaitlistEntryChanged: _entry,
    }

    async def change(
        self, loaders: Loaders, record: JournalRecord[Any], cursor: str
    ) -> TicketChange:
        """Build the change, without the ticket if it has another holder now."""
        change = await super().change(loaders, record, cursor)
        ticket: Any = change.ticket
        if ticket is not None and ticket.holder_id != self.user_id:
            change.ticket = None
        return change

    def checkpoint(self, cursor: str) -> TicketChange:
        return TicketChange(cursor=cursor)
