"""Notifications of users."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.chat import visible_conversation
from dataloaders.identity import visible_api_token
from dataloaders.notifications import unread_notifications, visible_notification
from dataloaders.redemptions import visible_voucher
from engine.connections import Connection
from engine.ids import id_of
from engine.loaders import Loader
from engine.types import Rows, column, related, related_by_kind
from models.notifications import inbox as rows
from schema.notifications.enums import NotificationKind

SUBJECTS: Mapping[NotificationKind, Loader[UUID, Any]] = {
    NotificationKind.VOUCHER_REDEEMED: visible_voucher,
    NotificationKind.MESSAGE_RECEIVED: visible_conversation,
    NotificationKind.API_TOKEN_CREATED: visible_api_token,
}

NewestReadId = Annotated[
    UUID, id_of("Notification", "The id of the newest notification to mark as read.")
]


@strawberry.type(description="A notification. Visible to its user and admins.")
class Notification(Rows[rows.Notification], relay.Node, access=visible_notification):
    id: relay.NodeID[UUID]
    kind: NotificationKind = column("The reason of the notification.")
    count: int = column("The number of messages that it reports. 1 for all other kinds.")
    created_at: datetime = column("The time at which the notification was created.")
    read_at: datetime | None = column("The time at which it was read.")

    subject: relay.Node | None = related_by_kind(
        SUBJECTS,
        kind="kind",
        by="subject_id",
        description="The `Voucher`, `Conversation` or `ApiToken`. Null if the viewer can't see it.",
    )


@strawberry.type(description="A page of notifications.")
class NotificationConnection(Connection[Notification]):
    unread_count: int = related(
        unread_notifications,
        by="parent.id",
        description="The number of the user's unread notifications.",
    )
