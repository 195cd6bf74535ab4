"""What users are told, how they want it, and where it reaches them."""

import strawberry

from engine.context import Info
from engine.errors import mutation
from engine.types import decode_id
from schema.notifications.devices import (
    Device,
    RegisterDeviceInput,
    RegisterDevicePayload,
    RemoveDeviceInput,
    RemoveDevicePayload,
)
from schema.notifications.inbox import (
    MarkNotificationsReadInput,
    MarkNotificationsReadPayload,
    Notification,
)
from schema.notifications.preferences import (
    NotificationPreferences,
    UpdateNotificationPreferencesInput,
    UpdateNotificationPreferencesPayload,
)
from services.notifications import devices, inbox, preferences


@strawberry.type
class NotificationMutation:
    """Everybody's own."""

    @mutation("Mark a notification and all before it as read.")
    async def mark_notifications_read(
        self, info: Info, input: MarkNotificationsReadInput
    ) -> MarkNotificationsReadPayload:
        async with info.context.transaction() as session:
            unread = await inbox.mark_notifications_read(
                session, info.context.viewer, up_to=decode_id(input.up_to, Notification)
            )
        return MarkNotificationsReadPayload(unread_count=unread)

    @mutation("Choose what to be told, on which channel, and when to be left alone.", personal=True)
    async def update_notification_preferences(
        self, info: Info, input: UpdateNotificationPreferencesInput
    ) -> UpdateNotificationPreferencesPayload:
        viewer = info.context.viewer
        async with info.context.transaction() as session:
            updated = await preferences.update_notification_preferences(
                session,
                viewer,
                choices=input.chosen(),
                quiet_hours=input.quiet_hours_of(viewer.require_user()),
                keep_quiet_hours=input.quiet_hours is strawberry.UNSET,
            )
        return UpdateNotificationPreferencesPayload(preferences=NotificationPreferences.of(updated))

    @mutation(
        "Have push messages sent to this app, for as long as its session lasts.", personal=True
    )
    async def register_device(
        self, info: Info, input: RegisterDeviceInput
    ) -> RegisterDevicePayload:
        async with info.context.transaction() as session:
            device = await devices.register_device(session, info.context.viewer, input.registered())
        return RegisterDevicePayload(device=Device.of(device))

    @mutation("Have no more push messages sent to an app.", personal=True)
    async def remove_device(self, info: Info, input: RemoveDeviceInput) -> RemoveDevicePayload:
        async with info.context.transaction() as session:
            await devices.remove_device(
                session, info.context.viewer, device_id=decode_id(input.device_id, Device)
            )
        return RemoveDevicePayload()
