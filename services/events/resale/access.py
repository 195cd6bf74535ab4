"""Listings of tickets, which those see who see the ticket."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from models.events.selling.resale import ResaleListing, ResaleState
from services.viewer import Viewer


async def find_open_listing(session: AsyncSession, ticket_id: UUID) -> ResaleListing | None:
    """Return the listing of a ticket that is LISTED, locked. The ticket is locked before."""
    rows = select(ResaleListing).where(
        ResaleListing.ticket_id == ticket_id, ResaleListing.state == ResaleState.LISTED
    )
    options = {"populate_existing": True}
    return (await session.exec(for_change(rows), execution_options=options)).first()


async def find_listings(
    session: AsyncSession, viewer: Viewer, ticket_ids: Sequence[UUID]
) -> Mapping[UUID, ResaleListing]:
    """Return the listing of each ticket that is listed, or was sold."""
    rows = select(ResaleListing).where(
        col(ResaleListing.ticket_id).in_(ticket_ids),
        ResaleListing.state != ResaleState.WITHDRAWN,
    )
    return {one.ticket_id: one for one in await session.exec(rows)}
