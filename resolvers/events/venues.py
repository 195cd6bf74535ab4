"""Venues, written by members of their vendor."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.errors import KEYED, InvalidInput, NotFound
from models.events import venues as rows
from schema.events.inputs import (
    CreateVenueInput,
    UpdateVenueInput,
    VenueId,
    venue_draft,
    venue_patch,
)
from schema.events.types import Venue
from services.events import venues


@strawberry.type
class VenueMutation:
    @mutation(
        venue=Venue,
        while_impersonating=True,
        raises=(InvalidInput, NotFound, rows.VenueLimitReached, *KEYED),
    )
    async def create_venue(self, info: Info, input: CreateVenueInput) -> rows.Venue:
        """Create a venue. Requires the vendor's MANAGER or OWNER role."""
        async with info.context.transaction() as session:
            return await venues.create_venue(
                session,
                info.context.viewer,
                vendor_id=input.vendor_id,
                draft=venue_draft(input),
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        venue=Venue,
        while_impersonating=True,
        raises=(InvalidInput, NotFound, rows.VenueArchived),
        repeatable="sets values",
    )
    async def update_venue(self, info: Info, input: UpdateVenueInput) -> rows.Venue:
        """Change a venue. Its country and its time zone do not change."""
        async with info.context.transaction() as session:
            return await venues.update_venue(
                session, info.context.viewer, venue_id=input.venue_id, patch=venue_patch(input)
            )

    @mutation(venue=Venue, raises=(NotFound, rows.VenueInUse), repeatable="sets a state")
    async def archive_venue(self, info: Info, venue_id: VenueId) -> rows.Venue:
        """Archive a venue for good, where no event will take place any more."""
        async with info.context.transaction() as session:
            return await venues.archive_venue(session, info.context.viewer, venue_id=venue_id)
