"""Every table, imported once, for whoever needs the whole metadata."""

from models import (
    chat,
    desk,
    idempotency,
    identity,
    journal,
    messages,
    notification_deliveries,
    notification_devices,
    notification_preferences,
    notifications,
    offers,
    redemptions,
    uploads,
    vendors,
)

__all__ = [
    "chat",
    "desk",
    "idempotency",
    "identity",
    "journal",
    "messages",
    "notification_deliveries",
    "notification_devices",
    "notification_preferences",
    "notifications",
    "offers",
    "redemptions",
    "uploads",
    "vendors",
]
