"""Events, written by members of their vendor."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.errors import KEYED, InvalidInput, NotFound
from models.events import events as rows
from models.quotas import DailyLimitReached
from models.vendors import VendorNotApproved, VendorSuspended
from schema.events.inputs import (
    CloneEventInput,
    CreateEventInput,
    EventId,
    UpdateEventInput,
    event_draft,
    event_patch,
    event_pictures,
)
from schema.events.types import Event
from services.events import cloning, events


@strawberry.type
class EventMutation:
    @mutation(
        event=Event,
        while_impersonating=True,
        raises=(InvalidInput, NotFound, rows.EventLimitReached, DailyLimitReached, *KEYED),
    )
    async def create_event(self, info: Info, input: CreateEventInput) -> rows.Event:
        """Create a draft of an event. Requires the vendor's MANAGER or OWNER role."""
        async with info.context.transaction() as session:
            return await events.create_event(
                session,
                info.context.viewer,
                vendor_id=input.vendor_id,
                draft=event_draft(input),
                category_id=input.category_id,
                pictures=event_pictures(input) or [],
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        event=Event,
        while_impersonating=True,
        raises=(InvalidInput, NotFound, rows.EventLimitReached, DailyLimitReached, *KEYED),
    )
    async def clone_event(self, info: Info, input: CloneEventInput) -> rows.Event:
        """Copy an event as a draft, with its ticket types, questions and pictures, and without its
        dates, quotas, codes and sale times that are over. Requires the vendor's MANAGER or OWNER
        role.
        """
        async with info.context.transaction() as session:
            return await cloning.clone_event(
                session,
                info.context.viewer,
                event_id=input.event_id,
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        event=Event,
        while_impersonating=True,
        raises=(
            InvalidInput,
            NotFound,
            rows.InvalidEventState,
            rows.EventSlugTaken,
            rows.EventSlugLimitReached,
        ),
        repeatable="sets values",
    )
    async def update_event(self, info: Info, input: UpdateEventInput) -> rows.Event:
        """Change an event. Tickets keep the policies that they were sold with."""
        async with info.context.transaction() as session:
            return await events.update_event(
                session,
                info.context.viewer,
                event_id=input.event_id,
                patch=event_patch(input),
                pictures=event_pictures(input),
            )

    @mutation(
        event=Event,
        raises=(
            NotFound,
            VendorNotApproved,
            VendorSuspended,
            rows.InvalidEventState,
            rows.EventIncomplete,
        ),
        repeatable="sets a state",
    )
    async def publish_event(self, info: Info, event_id: EventId) -> rows.Event:
        """Publish an event, so that users see it and can buy tickets."""
        async with info.context.transaction() as session:
            return await events.publish_event(session, info.context.viewer, event_id=event_id)

    @mutation(
        event=Event,
        while_impersonating=True,
        raises=(NotFound, rows.InvalidEventState),
        repeatable="sets a state",
    )
    async def pause_event(self, info: Info, event_id: EventId) -> rows.Event:
        """Stop the sale until the event is published again. Tickets stay valid."""
        async with info.context.transaction() as session:
            return await events.pause_event(session, info.context.viewer, event_id=event_id)

    @mutation(event=Event, raises=(NotFound, rows.InvalidEventState), repeatable="sets a state")
    async def archive_event(self, info: Info, event_id: EventId) -> rows.Event:
        """Archive a draft, or an event that has ended or is cancelled, for good."""
        async with info.context.transaction() as session:
            return await events.archive_event(session, info.context.viewer, event_id=event_id)
