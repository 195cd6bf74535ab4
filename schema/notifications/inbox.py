"""What a user is told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.chat import visible_conversation
from dataloaders.redemptions import visible_voucher
from engine.connections import Connection
from engine.context import Info
from engine.errors import Payload
from engine.loaders import Loader
from engine.types import Rows, column, field
from models.notifications import inbox as rows
from schema.notifications.enums import NotificationKind

SUBJECTS: Mapping[NotificationKind, Loader[UUID, Any]] = {
    NotificationKind.VOUCHER_REDEEMED: visible_voucher,
    NotificationKind.MESSAGE_RECEIVED: visible_conversation,
}


@strawberry.type(description="Something a user is told, once.")
class Notification(Rows[rows.Notification], relay.Node):
    """For that user alone."""

    id: relay.NodeID[UUID]
    kind: NotificationKind = column("What happened.")
    count: int = column("How many messages it tells of; 1 for all other kinds.")
    created_at: datetime = column("When it was made.")
    read_at: datetime | None = column("When it was read; null until then.")

    @field("What it is about: a `Voucher` or a `Conversation`; null if it cannot be seen.")
    async def subject(root: strawberry.Parent[rows.Notification], info: Info) -> relay.Node | None:
        loader = info.context.loaders[SUBJECTS[root.kind]]
        found: relay.Node | None = await loader.load(root.subject_id)
        return found


@strawberry.type(description="A page of notifications, and how many of all are unread.")
class NotificationConnection(Connection[Notification]):
    """The number is kept, and never counted anew."""

    unread_count: int = strawberry.field(
        default=0, description="How many of all are unread; kept as it is, so asking is cheap."
    )


@strawberry.input(description="Up to which notification.")
class MarkNotificationsReadInput:
    """What `markNotificationsRead` takes."""

    up_to: relay.GlobalID = column("The latest one that was shown; it and all before it.")


@strawberry.type(description="What is left unread.")
class MarkNotificationsReadPayload(Payload):
    """What `markNotificationsRead` answers."""

    unread_count: int | None = strawberry.field(
        default=None, description="How many of the viewer's notifications are unread now."
    )
