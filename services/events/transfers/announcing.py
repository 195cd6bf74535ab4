"""Announcements of transfers to their two users."""

from uuid import UUID

from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from models.events.tickets import Ticket, TicketTransfer
from services.events.entries import TicketChanged, TransferChanged
from services.journal import append as journal
from services.journal.topics import user_topic


def announce(session: AsyncSession, transfer: TicketTransfer) -> None:
    journal.append(session, TransferChanged(transfer.id), to=_topics(transfer))


async def tell_scanners(session: AsyncSession, ticket_id: UUID) -> None:
    """Put a locked ticket into the next bundles of scanners: they refuse it during a transfer.

    A trigger notes the transaction of any change of the row.
    """
    own = update(Ticket).where(col(Ticket.id) == ticket_id)
    await session.exec(own.values(generation=Ticket.generation))


def announce_new_holder(session: AsyncSession, transfer: TicketTransfer, ticket_id: UUID) -> None:
    """Announce that a ticket has another holder, to the former one too."""
    journal.append(session, TicketChanged(ticket_id), to=_topics(transfer))


def _topics(transfer: TicketTransfer) -> list[str]:
    users = (transfer.from_user_id, transfer.to_user_id)
    return [user_topic(id) for id in users if id is not None]
