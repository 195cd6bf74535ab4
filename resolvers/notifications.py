"""What users are told, how they want it, and where it reaches them."""

import strawberry

from schema.base import key
from schema.context import Info
from schema.errors import mutation
from schema.notification_devices import (
    Device,
    RegisterDeviceInput,
    RegisterDevicePayload,
    RemoveDeviceInput,
    RemoveDevicePayload,
)
from schema.notification_preferences import (
    NotificationPreferences,
    UpdateNotificationPreferencesInput,
    UpdateNotificationPreferencesPayload,
)
from schema.notifications import (
    MarkNotificationsReadInput,
    MarkNotificationsReadPayload,
    Notification,
)
from services import notification_devices, notification_preferences, notifications


@strawberry.type
class NotificationMutation:
    """Everybody's own."""

    @mutation("Mark a notification and all before it as read.")
    async def mark_notifications_read(
        self, info: Info, input: MarkNotificationsReadInput
    ) -> MarkNotificationsReadPayload:
        async with info.context.transaction() as session:
            unread = await notifications.mark_notifications_read(
                session, info.context.viewer, up_to=key(input.up_to, Notification)
            )
        return MarkNotificationsReadPayload(unread_count=unread)

    @mutation("Choose what to be told, on which channel, and when to be left alone.", personal=True)
    async def update_notification_preferences(
        self, info: Info, input: UpdateNotificationPreferencesInput
    ) -> UpdateNotificationPreferencesPayload:
        viewer = info.context.viewer
        async with info.context.transaction() as session:
            preferences = await notification_preferences.update_notification_preferences(
                session,
                viewer,
                choices=input.chosen(),
                quiet_hours=input.quiet_hours_of(viewer.signed_in),
                keep_quiet_hours=input.quiet_hours is strawberry.UNSET,
            )
        return UpdateNotificationPreferencesPayload(
            preferences=NotificationPreferences.of(preferences)
        )

    @mutation(
        "Have push messages sent to this app, for as long as its session lasts.", personal=True
    )
    async def register_device(
        self, info: Info, input: RegisterDeviceInput
    ) -> RegisterDevicePayload:
        async with info.context.transaction() as session:
            device = await notification_devices.register_device(
                session, info.context.viewer, input.registered()
            )
        return RegisterDevicePayload(device=Device.of(device))

    @mutation("Have no more push messages sent to an app.", personal=True)
    async def remove_device(self, info: Info, input: RemoveDeviceInput) -> RemoveDevicePayload:
        async with info.context.transaction() as session:
            await notification_devices.remove_device(
                session, info.context.viewer, device_id=key(input.device_id, Device)
            )
        return RemoveDevicePayload()
