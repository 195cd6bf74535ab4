"""Every table, imported once, for whoever needs the whole metadata."""

from models import (
    api_tokens,
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
    "api_tokens",
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
