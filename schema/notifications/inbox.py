"""Notifications of users."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.notifications import unread_notifications, visible_notification
from engine.connections import Connection
from engine.ids import id_of
from engine.loaders import Loader
from engine.types import Rows, column, related, related_by_kind
from models.notifications import inbox as rows
from schema.notifications.enums import NotificationKind
from services.notifications.kinds import declared_kinds

NewestReadId = Annotated[
    UUID, id_of("Notification", "The id of the newest notification to mark as read.")
]


def _subject_types() -> str:
    *others, last = [f"`{one.subject}`" for one in declared_kinds().values()]
    return f"{', '.join(others)} or {last}"


def _subject_loaders() -> dict[NotificationKind, Loader[UUID, Any]]:
    return {kind: Rows.nodes[one.subject].access for kind, one in declared_kinds().items()}


@strawberry.type(description="A notification. Visible to its user and admins.")
class Notification(Rows[rows.Notification], relay.Node, access=visible_notification):
    id: relay.NodeID[UUID]
    kind: NotificationKind = column("The reason of the notification.")
    count: int = column(
        "The number of messages that it reports, without deleted ones. 1 for all other kinds."
    )
    created_at: datetime = column("The time at which the notification was created.")
    read_at: datetime | None = column("The time at which it was read.")

    subject: relay.Node | None = related_by_kind(
        _subject_loaders,
        kind="kind",
        by="subject_id",
        description=f"The {_subject_types()}. Null if the viewer can't see it.",
    )


@strawberry.type(description="A page of notifications.")
class NotificationConnection(Connection[Notification]):
    unread_count: int = related(
        unread_notifications,
        by="parent.id",
        description="The number of the user's unread notifications.",
    )
