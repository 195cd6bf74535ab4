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
from engine.context import Info
from engine.loaders import Loader
from engine.types import Rows, column, field
from models.notifications import inbox as rows
from schema.notifications.enums import NotificationKind

SUBJECTS: Mapping[NotificationKind, Loader[UUID, Any]] = {
    NotificationKind.VOUCHER_REDEEMED: visible_voucher,
    NotificationKind.MESSAGE_RECEIVED: visible_conversation,
    NotificationKind.API_TOKEN_CREATED: visible_api_token,
}

NewestReadId = Annotated[
    relay.GlobalID,
    strawberry.argument(description="The id of the newest notification to mark as read."),
]


@strawberry.type(description="A notification. Visible to its user and admins.")
class Notification(Rows[rows.Notification], relay.Node, access=visible_notification):
    id: relay.NodeID[UUID]
    kind: NotificationKind = column("The reason of the notification.")
    count: int = column("The number of messages that it reports. 1 for all other kinds.")
    created_at: datetime = column("The time at which the notification was created.")
    read_at: datetime | None = column("The time at which it was read.")

    @field("The `Voucher`, `Conversation` or `ApiToken`. Null if the viewer can't see it.")
    async def subject(root: strawberry.Parent[rows.Notification], info: Info) -> relay.Node | None:
        loader = info.context.loaders[SUBJECTS[root.kind]]
        found: relay.Node | None = await loader.load(root.subject_id)
        return found


@strawberry.type(description="A page of notifications.")
class NotificationConnection(Connection[Notification]):
    @field("The number of the user's unread notifications.")
    async def unread_count(self, info: Info) -> int:
        return await info.context.loaders[unread_notifications].load(self.parent.id)
