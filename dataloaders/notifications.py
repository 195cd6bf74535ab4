"""Loaders of notifications, devices and deliveries."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from engine.loaders import Loader, by_id, in_session, visible
from models.notifications.deliveries import Delivery
from models.notifications.devices import Device
from models.notifications.inbox import Notification, NotificationInbox
from services.notifications.dead_letters import visible_deliveries
from services.notifications.devices import visible_devices
from services.notifications.inbox import visible_notifications
from services.viewer import Viewer


async def _unread(
    session: AsyncSession, viewer: Viewer, user_ids: Sequence[UUID]
) -> Mapping[UUID, int]:
    rows = select(NotificationInbox).where(col(NotificationInbox.user_id).in_(user_ids))
    return {row.user_id: row.unread for row in await session.exec(rows)}


notification_by_id = by_id(Notification)
visible_notification = visible(Notification, visible_notifications)
visible_device = visible(Device, visible_devices)
visible_delivery = visible(Delivery, visible_deliveries)
unread_notifications: Loader[UUID, int] = Loader(in_session(_unread), 0)
