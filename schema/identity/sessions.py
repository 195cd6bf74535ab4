"""Sessions of users."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.identity import visible_session
from engine.context import Info
from engine.types import Rows, column, field
from models.identity import accounts as rows


@strawberry.type(
    description="A device on which a user is signed in. Visible to the user. Not visible to API"
    " tokens."
)
class UserSession(Rows[rows.UserSession], relay.Node, access=visible_session):
    id: relay.NodeID[UUID]
    device_name: str | None = column(
        "The program and the system, such as `Chrome, Android`, at the last use. Null if unknown."
    )
    place: str | None = column(
        "The part of the internet of the last use, such as `203.0.113.0/24`. Null if unknown."
    )
    created_at: datetime = column("The time at which the user signed in.")
    last_used_at: datetime | None = column(
        "The time at which the session last got new tokens. A device in use gets some every 15"
        " minutes."
    )
    ends_at: datetime = column("The time at which the session ends, however often it is used.")

    @field("Whether this is the session of the request.", needs=("id",))
    def current(root: strawberry.Parent[rows.UserSession], info: Info) -> bool:
        return root.id == info.context.viewer.session_id
