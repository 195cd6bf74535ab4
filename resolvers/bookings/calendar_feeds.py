"""Calendar feeds of users, and busy feeds of resources."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.keyset import Listing
from engine.connections import Connection, connection
from engine.context import Info
from engine.ids import id_of
from engine.mutation import mutation
from models.audit import AuditAct
from models.bookings import feeds as rows
from models.errors import KEYED, InvalidInput, NotFound
from schema.bookings.calendar_feeds import (
    AddBusyFeedInput,
    BusyFeed,
    CalendarFeed,
    CreateCalendarFeedInput,
    CreateCalendarFeedPayload,
)
from services.bookings.busy_feeds import managing
from services.bookings.calendars import feeds

CalendarFeedId = Annotated[UUID, id_of("CalendarFeed", "The feed's id.")]
BusyFeedId = Annotated[UUID, id_of("BusyFeed", "The feed's id.")]
ResourceId = Annotated[UUID, id_of("Resource", "The resource's id.")]


@strawberry.type
class CalendarFeedQuery:
    @connection(
        Connection[BusyFeed],
        "The calendars elsewhere that block a resource, newest first. For members of the vendor"
        " with the STAFF role or higher.",
    )
    def busy_feeds(self, info: Info, resource_id: ResourceId) -> Listing[Any]:
        return managing.list_busy_feeds(info.context.viewer, resource_id)


@strawberry.type
class CalendarFeedMutation:
    @mutation(
        personal=True,
        fresh=True,
        audit=AuditAct.CREATE_CALENDAR_FEED,
        raises=(InvalidInput, NotFound, rows.CalendarFeedLimitReached),
        repeatable="its address is not stored, so a repetition could not return it",
    )
    async def create_calendar_feed(
        self, info: Info, input: CreateCalendarFeedInput
    ) -> CreateCalendarFeedPayload:
        """Create an address at which a calendar app reads bookings: the viewer's own, or those of a
        vendor or a resource, which take its STAFF role or higher for as long as it is read. At most
        10.
        """
        async with info.context.transaction() as session:
            feed, secret = await feeds.create_calendar_feed(
                session,
                info.context.viewer,
                scope=input.scope,
                vendor_id=input.vendor_id,
                resource_id=input.resource_id,
            )
        address = f"{info.context.app.settings.address}{feeds.PATH}/{secret}.ics"
        return CreateCalendarFeedPayload(feed=CalendarFeed.wrap(feed), address=address)

    @mutation(
        feed=CalendarFeed,
        personal=True,
        audit=AuditAct.REVOKE_CALENDAR_FEED,
        raises=(NotFound,),
        repeatable="sets a state",
    )
    async def revoke_calendar_feed(self, info: Info, feed_id: CalendarFeedId) -> rows.CalendarFeed:
        """End a calendar feed. Calendar apps keep what they have read for a while."""
        async with info.context.transaction() as session:
            return await feeds.revoke_calendar_feed(session, info.context.viewer, feed_id=feed_id)

    @mutation(
        feed=BusyFeed,
        audit=AuditAct.ADD_BUSY_FEED,
        raises=(InvalidInput, NotFound, rows.BusyFeedLimitReached, *KEYED),
    )
    async def add_busy_feed(self, info: Info, input: AddBusyFeedInput) -> rows.BusyFeed:
        """Let the busy times of a calendar elsewhere block a resource: those of the next year.
        Bookings in the way keep their times. At most 3 for a resource. Requires the vendor's STAFF
        role or higher.
        """
        async with info.context.transaction() as session:
            return await managing.add_busy_feed(
                session,
                info.context.viewer,
                info.context.app.sealer,
                input.draft(),
                resource_id=input.resource_id,
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        feed=BusyFeed,
        audit=AuditAct.REMOVE_BUSY_FEED,
        raises=(NotFound,),
        repeatable="sets a state",
    )
    async def remove_busy_feed(self, info: Info, feed_id: BusyFeedId) -> rows.BusyFeed:
        """Remove a busy feed, and free the times that it blocks."""
        async with info.context.transaction() as session:
            return await managing.remove_busy_feed(session, info.context.viewer, feed_id=feed_id)
