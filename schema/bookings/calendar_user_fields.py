"""Fields of User about calendar feeds."""

from typing import Any

import strawberry

from core.keyset import Listing
from engine.connections import Connection, connection
from engine.context import Info
from engine.permissions import visible_to_self_and_admins
from models.identity import accounts as rows
from schema.bookings.calendar_feeds import CalendarFeed
from services.bookings.calendars.feeds import list_calendar_feeds


@strawberry.type
class CalendarUserFields:
    """A base of User, not a type of the schema."""

    @visible_to_self_and_admins
    @connection(
        Connection[CalendarFeed] | None,
        "The user's calendar feeds that are not revoked, newest first. Visible to the user and"
        " admins.",
        needs=("id",),
    )
    def calendar_feeds(root: strawberry.Parent[rows.User], info: Info) -> Listing[Any]:
        return list_calendar_feeds(info.context.viewer, root.id)
