"""Fields of User about notifications."""

from typing import Any

import strawberry

from core.keyset import Listing
from engine.connections import connection
from engine.context import Info
from engine.permissions import visible_to_self_and_admins
from engine.types import field
from models.identity import accounts as rows
from schema.notifications.devices import Device
from schema.notifications.inbox import NotificationConnection
from schema.notifications.preferences import NotificationPreferences
from services.notifications.devices import list_devices
from services.notifications.inbox import list_notifications
from services.notifications.preferences import read_preferences


@strawberry.type
class NotificationUserFields:
    """A base of User, not a type of the schema."""

    @visible_to_self_and_admins
    @connection(
        NotificationConnection | None,
        "The user's notifications, newest first. Visible to the user and admins.",
        needs=("id",),
        cost=2,
    )
    def notifications(root: strawberry.Parent[rows.User]) -> Listing[Any]:
        return list_notifications(root.id)

    @visible_to_self_and_admins
    @field(
        "The user's notification preferences. Visible to the user and admins.",
        needs=("id",),
        cost=2,
    )
    async def notification_preferences(
        root: strawberry.Parent[rows.User], info: Info
    ) -> NotificationPreferences | None:
        async with info.context.read_session() as session:
            return NotificationPreferences.wrap(await read_preferences(session, root.id))

    @visible_to_self_and_admins
    @field(
        "The user's devices for push notifications, the last registered first. Visible to the user"
        " and admins.",
        needs=("id",),
    )
    async def devices(root: strawberry.Parent[rows.User], info: Info) -> list[Device] | None:
        async with info.context.read_session() as session:
            return [Device.wrap(one) for one in await session.exec(list_devices(root.id))]
