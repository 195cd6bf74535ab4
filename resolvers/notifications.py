"""Notifications, their preferences and devices, and deliveries that failed."""

from typing import Annotated, Any

import strawberry

from core.keyset import Listing, Window
from engine.arguments import FirstOf
from engine.connections import Connection, connection
from engine.context import Info
from engine.mutation import mutation
from engine.types import field
from models.audit import AuditAct
from models.errors import InvalidInput, NotFound
from models.identity.accounts import SessionEnded
from models.notifications import deliveries as delivery_rows
from models.notifications import devices as device_rows
from models.validation import parse
from schema.notifications.deliveries import DeadJob, DeadLetterId, Delivery
from schema.notifications.devices import Device, DeviceId, DeviceToken, OnPlatform
from schema.notifications.inbox import NewestReadId
from schema.notifications.preferences import (
    NotificationPreferences,
    UpdateNotificationPreferencesInput,
)
from services.notifications import dead_letters, devices, inbox, preferences

UnreadCount = Annotated[int, "The number of the viewer's unread notifications."]


@strawberry.type
class NotificationQuery:
    @connection(
        Connection[Delivery],
        "Push and email deliveries that failed for good, newest first. Visible to admins.",
        for_admins=True,
    )
    def dead_letters(self, info: Info) -> Listing[Any]:
        return dead_letters.list_dead_letters(info.context.viewer)

    @field(
        "Background jobs that failed for good, newest first. Visible to admins.", for_admins=True
    )
    async def dead_jobs(self, info: Info, first: FirstOf = 20) -> list[DeadJob]:
        size = Window(first=first).size
        async with info.context.read_session() as session:
            found = await dead_letters.list_dead_jobs(session, info.context.viewer, size)
        return [DeadJob.wrap(job) for job in found]


@strawberry.type
class NotificationMutation:
    @mutation(unread_count=UnreadCount, raises=(NotFound,), repeatable="sets a position")
    async def mark_notifications_read(self, info: Info, up_to: NewestReadId) -> int:
        """Mark a notification and all earlier ones as read."""
        async with info.context.transaction() as session:
            return await inbox.mark_notifications_read(session, info.context.viewer, up_to=up_to)

    @mutation(
        preferences=NotificationPreferences,
        personal=True,
        raises=(InvalidInput,),
        repeatable="sets values",
    )
    async def update_notification_preferences(
        self, info: Info, input: UpdateNotificationPreferencesInput
    ) -> preferences.Preferences:
        """Change which notifications the viewer receives by push and email, and when, and whether
        links to tickets come as text messages.
        """
        viewer, texts = info.context.viewer, input.ticket_texts
        async with info.context.transaction() as session:
            return await preferences.update_notification_preferences(
                session,
                viewer,
                choices=input.chosen(),
                quiet_hours=input.quiet_hours_of(viewer.require_user()),
                keep_quiet_hours=input.quiet_hours is strawberry.UNSET,
                ticket_texts=None if texts is strawberry.UNSET else bool(texts),
            )

    @mutation(
        device=Device,
        personal=True,
        raises=(InvalidInput, SessionEnded),
        repeatable="a device has one token",
    )
    async def register_device(
        self, info: Info, token: DeviceToken, platform: OnPlatform
    ) -> device_rows.Device:
        """Send push notifications to this app until its session ends."""
        registered = parse(device_rows.DeviceRegistration, token=token, platform=platform)
        async with info.context.transaction() as session:
            return await devices.register_device(session, info.context.viewer, registered)

    @mutation(personal=True, raises=(NotFound,), repeatable="refuses a removed device")
    async def remove_device(self, info: Info, device_id: DeviceId) -> None:
        """Stop push notifications to an app."""
        async with info.context.transaction() as session:
            await devices.remove_device(session, info.context.viewer, device_id=device_id)

    @mutation(
        for_admins=True,
        delivery=Delivery,
        audit=AuditAct.RETRY_DEAD_LETTER,
        raises=(NotFound,),
        repeatable="refuses a delivery that is scheduled",
    )
    async def retry_dead_letter(
        self, info: Info, delivery_id: DeadLetterId
    ) -> delivery_rows.Delivery:
        """Retry a failed delivery, with as many attempts as the first time. Only admins can do
        this.
        """
        async with info.context.transaction() as session:
            return await dead_letters.retry_dead_letter(
                session, info.context.viewer, delivery_id=delivery_id
            )

    @mutation(
        for_admins=True,
        delivery=Delivery,
        audit=AuditAct.DROP_DEAD_LETTER,
        raises=(NotFound,),
        repeatable="refuses a dropped delivery",
    )
    async def drop_dead_letter(
        self, info: Info, delivery_id: DeadLetterId
    ) -> delivery_rows.Delivery:
        """Drop a failed delivery. Only admins can do this."""
        async with info.context.transaction() as session:
            return await dead_letters.drop_dead_letter(
                session, info.context.viewer, delivery_id=delivery_id
            )
