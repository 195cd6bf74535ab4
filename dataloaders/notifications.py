"""Loaders of notifications, devices and deliveries."""

from sqlalchemy import select
from sqlmodel import col

from core.statements.selected import AnySelect, Match
from engine.loaders import by_id, valued, visible
from models.notifications.deliveries import Delivery
from models.notifications.devices import Device
from models.notifications.inbox import Notification, NotificationInbox
from services.notifications.dead_letters import visible_deliveries
from services.notifications.devices import visible_devices
from services.notifications.inbox import visible_notifications


def _unread(matches: Match) -> AnySelect:
    user_id = col(NotificationInbox.user_id)
    return select(user_id, col(NotificationInbox.unread)).where(matches(user_id))


notification_by_id = by_id(Notification)
visible_notification = visible(Notification, visible_notifications)
visible_device = visible(Device, visible_devices)
visible_delivery = visible(Delivery, visible_deliveries)
unread_notifications = valued(_unread, 0)
