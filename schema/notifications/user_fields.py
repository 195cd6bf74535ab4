"""What a person is told, how they want it, and where it reaches them: fields of User."""

import strawberry

from core.keyset import Window
from dataloaders.notifications import unread_notifications
from engine.arguments import After, Before, First, Last
from engine.context import Info
from engine.permissions import account
from engine.types import field
from models.identity import accounts as rows
from schema.notifications.devices import Device
from schema.notifications.inbox import NotificationConnection
from schema.notifications.preferences import NotificationPreferences
from services.notifications.devices import list_devices
from services.notifications.inbox import list_notifications
from services.notifications.preferences import find_preferences


@strawberry.type
class NotificationUserFields:
    """For the person and for admins; no type of the schema itself."""

    @account
    @field("What the person is told, the latest first.", cost=2)
    async def notifications(
        root: strawberry.Parent[rows.User],
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> NotificationConnection | None:
        window = Window(first, after, last, before)
        page = await NotificationConnection.fetch(info, *list_notifications(root.id), window)
        page.unread_count = await info.context.loaders[unread_notifications].load(root.id)
        return page

    @account
    @field("What the person wants to be told, how, and when not.", cost=2)
    async def notification_preferences(
        root: strawberry.Parent[rows.User], info: Info
    ) -> NotificationPreferences | None:
        async with info.context.read_session() as session:
            return NotificationPreferences.of(await find_preferences(session, root.id))

    @account
    @field("The apps that push messages reach the person in, the latest heard of first.")
    async def devices(root: strawberry.Parent[rows.User], info: Info) -> list[Device] | None:
        async with info.context.read_session() as session:
            return [Device.of(one) for one in await session.exec(list_devices(root.id))]
