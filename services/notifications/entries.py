"""Journal entries of notifications, on their user's topic."""

from dataclasses import dataclass
from uuid import UUID

from services.journal.entries import Entry


@dataclass(frozen=True)
class NotificationCreated(Entry, kind="notification.made"):
    notification_id: UUID


@dataclass(frozen=True)
class NotificationsRead(Entry, kind="notification.read"):
    """A user's notifications were marked as read."""
