"""Every table, imported once, for whoever needs the whole metadata."""

from models import idempotency, identity, journal, notifications, offers, redemptions, vendors

__all__ = [
    "idempotency",
    "identity",
    "journal",
    "notifications",
    "offers",
    "redemptions",
    "vendors",
]
