"""Events and dates, cancelled by members of the vendor."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.errors import InvalidInput, NotFound
from models.events import dates
from models.events import events as rows
from models.events.events import InvalidEventState
from schema.events.date_changes import CancelEventDateInput, CancelEventInput, cancel_draft
from schema.events.inputs import EventDateId
from schema.events.types import Event, EventDate
from services.events.closing import cancelling, progress


@strawberry.type
class ClosingMutation:
    @mutation(
        event=Event,
        raises=(InvalidInput, NotFound, InvalidEventState),
        repeatable="sets a state",
    )
    async def cancel_event(self, info: Info, input: CancelEventInput) -> rows.Event:
        """Cancel an event with all its dates that are not over. Nothing is sold any more at once;
        tickets are cancelled and refunded soon after.
        """
        draft = cancel_draft(input)
        async with info.context.transaction() as session:
            return await cancelling.cancel_event(
                session, info.context.viewer, draft, event_id=input.event_id
            )

    @mutation(
        event_date=EventDate,
        raises=(InvalidInput, NotFound, InvalidEventState),
        repeatable="sets a state",
    )
    async def cancel_event_date(self, info: Info, input: CancelEventDateInput) -> dates.EventDate:
        """Cancel a date, as `cancelEvent` cancels all of an event. The last one ends its event."""
        draft = cancel_draft(input)
        async with info.context.transaction() as session:
            return await cancelling.cancel_event_date(
                session, info.context.viewer, draft, event_date_id=input.event_date_id
            )

    @mutation(
        event_date=EventDate, raises=(NotFound,), repeatable="a granted refund is not tried again"
    )
    async def retry_ticket_refunds(self, info: Info, event_date_id: EventDateId) -> dates.EventDate:
        """Try refunds of a cancelled date again that orders have refused."""
        async with info.context.transaction() as session:
            return await progress.retry_ticket_refunds(
                session, info.context.viewer, event_date_id=event_date_id
            )
