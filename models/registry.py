"""Every table, imported once, for whoever needs the whole metadata."""

from models import (
    chat,
    desk,
    idempotency,
    identity,
    journal,
    messages,
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
    "notifications",
    "offers",
    "redemptions",
    "uploads",
    "vendors",
]
