"""What a person is told, how they want it, and where it reaches them: fields of User."""

import strawberry

from core.keyset import Window
from dataloaders.notifications import unread_notifications
from models import identity as rows
from schema.arguments import After, Before, First, Last
from schema.base import computed
from schema.context import Info
from schema.notification_devices import Device
from schema.notification_preferences import NotificationPreferences
from schema.notifications import NotificationConnection
from schema.private import account
from services.notification_devices import list_devices
from services.notification_preferences import find_preferences
from services.notifications import list_notifications


@strawberry.type
class Told:
    """For the person and for admins; no type of the schema itself."""

    @account
    @computed("What the person is told, the latest first.", cost=2)
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
    @computed("What the person wants to be told, how, and when not.", cost=2)
    async def notification_preferences(
        root: strawberry.Parent[rows.User], info: Info
    ) -> NotificationPreferences | None:
        async with info.context.reading() as session:
            return NotificationPreferences.of(await find_preferences(session, root.id))

    @account
    @computed("The apps that push messages reach the person in, the latest heard of first.")
    async def devices(root: strawberry.Parent[rows.User], info: Info) -> list[Device] | None:
        async with info.context.reading() as session:
            return [Device.of(one) for one in await session.exec(list_devices(root.id))]
