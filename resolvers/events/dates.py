"""Dates of events and their quotas, written by members of the vendor."""

from collections.abc import Sequence

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.errors import KEYED, InvalidInput, NotFound
from models.events import dates, ticket_types, venues
from models.events.events import InvalidEventState
from models.events.seats import charts
from schema.events.date_inputs import (
    AddEventDatesInput,
    CreateQuotaInput,
    MoveEventDateInput,
    UpdateQuotaInput,
    date_length,
    dates_draft,
    quota_draft,
    quota_patch,
)
from schema.events.inputs import EventDateId
from schema.events.ticket_types import TicketQuota
from schema.events.types import EventDate
from services.events import dates as services
from services.events import quotas


@strawberry.type
class EventDateMutation:
    @mutation(
        event_dates=list[EventDate],
        while_impersonating=True,
        raises=(
            InvalidInput,
            NotFound,
            InvalidEventState,
            dates.EventDateTaken,
            dates.EventDateLimitReached,
            dates.SeatLimitReached,
            venues.VenueArchived,
            charts.ChartNotPublished,
            *KEYED,
        ),
    )
    async def add_event_dates(
        self, info: Info, input: AddEventDatesInput
    ) -> Sequence[dates.EventDate]:
        """Add dates to an event, all or none. Requires the vendor's MANAGER or OWNER role."""
        async with info.context.transaction() as session:
            return await services.add_event_dates(
                session,
                info.context.viewer,
                event_id=input.event_id,
                draft=dates_draft(input),
                venue_id=input.venue_id,
                chart_id=input.chart_id,
                time_zone=input.time_zone,
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        event_date=EventDate,
        raises=(
            InvalidInput,
            NotFound,
            InvalidEventState,
            dates.EventDateChanged,
            dates.EventDateTaken,
        ),
        repeatable="names the revision that it changes",
    )
    async def move_event_date(self, info: Info, input: MoveEventDateInput) -> dates.EventDate:
        """Move a date to another time at its place, also one that was postponed. The times of its
        doors, its check-in lists and the end of its sale move with it. Holders of tickets are
        notified, and can have their money back for 14 days.
        """
        async with info.context.transaction() as session:
            return await services.move_event_date(
                session,
                info.context.viewer,
                event_date_id=input.event_date_id,
                revision=input.revision,
                local_start=input.local_start,
                length=date_length(input),
            )

    @mutation(event_date=EventDate, raises=(NotFound, InvalidEventState), repeatable="sets a state")
    async def postpone_event_date(self, info: Info, event_date_id: EventDateId) -> dates.EventDate:
        """Postpone a date without a new time yet. Tickets stay valid, and none are sold. Holders
        are notified, and can have their money back.
        """
        async with info.context.transaction() as session:
            return await services.postpone_event_date(
                session, info.context.viewer, event_date_id=event_date_id
            )

    @mutation(
        quota=TicketQuota,
        while_impersonating=True,
        raises=(
            InvalidInput,
            NotFound,
            InvalidEventState,
            ticket_types.QuotaLimitReached,
            ticket_types.QuotaNameTaken,
            *KEYED,
        ),
    )
    async def create_quota(self, info: Info, input: CreateQuotaInput) -> ticket_types.TicketQuota:
        """Add a quota to a date. Requires the vendor's MANAGER or OWNER role."""
        async with info.context.transaction() as session:
            return await quotas.create_quota(
                session,
                info.context.viewer,
                event_date_id=input.event_date_id,
                draft=quota_draft(input),
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        quota=TicketQuota,
        while_impersonating=True,
        raises=(
            InvalidInput,
            NotFound,
            InvalidEventState,
            ticket_types.QuotaBelowTaken,
            ticket_types.QuotaNameTaken,
        ),
        repeatable="sets values",
    )
    async def update_quota(self, info: Info, input: UpdateQuotaInput) -> ticket_types.TicketQuota:
        """Change a quota. Tickets that are held or sold count where they counted."""
        async with info.context.transaction() as session:
            return await quotas.update_quota(
                session, info.context.viewer, quota_id=input.quota_id, patch=quota_patch(input)
            )
