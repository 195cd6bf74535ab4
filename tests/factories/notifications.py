"""Devices, notifications and quiet hours."""

from datetime import timedelta
from typing import Any

from core.clock import now
from core.ids import new_id
from models.identity.accounts import User
from models.notifications.devices import Device, DeviceRegistration, Platform
from models.notifications.inbox import Notification, NotificationInbox, NotificationKind
from models.notifications.preferences import QuietHours
from tests.factories.base import NUMBERS
from tests.factories.identity import IdentityRows


class NotificationRows(IdentityRows):
    """Creates notifications, and the devices that receive them."""

    async def device(self, user: User, token: str = "", **values: Any) -> Device:
        """Return a phone on which a user is signed in."""
        registered = DeviceRegistration(
            token=token or f"token-{next(NUMBERS)}", platform=Platform.ANDROID
        )
        device = Device(
            user_id=user.id,
            session_id=(await self.session(user)).id,
            token_hash=registered.token_hash,
            **registered.model_dump() | values,
        )
        await self.save(device)
        return device

    async def notification(self, user: User, **values: Any) -> Notification:
        """Return a notification of a redeemed voucher, unread and counted by default."""
        given: dict[str, Any] = {
            "kind": NotificationKind.VOUCHER_REDEEMED,
            "subject_id": new_id(),
        } | values
        notification = Notification(user_id=user.id, **given)
        async with self.database.session() as session, session.begin():
            session.add(notification)
            inbox = await session.get(NotificationInbox, user.id)
            inbox = inbox or NotificationInbox(user_id=user.id, unread=0)
            inbox.unread += notification.read_at is None
            session.add(inbox)
        return notification

    async def quiet_now(self, user: User) -> QuietHours:
        """Return quiet hours that began an hour ago and last for two hours."""
        hour = timedelta(hours=1)
        starts_at, ends_at = ((now() + by).time().replace(microsecond=0) for by in (-hour, hour))
        hours = QuietHours(user_id=user.id, starts_at=starts_at, ends_at=ends_at, time_zone="UTC")
        await self.save(hours)
        return hours
