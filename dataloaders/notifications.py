"""Loaders of notifications, and of how they reach people."""

from dataloaders.base import by_id, visible
from models.notification_deliveries import Delivery
from models.notification_devices import Device
from models.notifications import Notification
from services.notification_deliveries import visible_deliveries
from services.notification_devices import visible_devices
from services.notifications import visible_notifications

notification_by_id = by_id(Notification)
visible_notification = visible(Notification, visible_notifications)
visible_device = visible(Device, visible_devices)
visible_delivery = visible(Delivery, visible_deliveries)
