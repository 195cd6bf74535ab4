"""Journal entries of notifications, on the topic of the user they belong to."""

from dataclasses import dataclass
from uuid import UUID

from services.journal.entries import Entry


@dataclass(frozen=True)
class NotificationCreated(Entry, kind="notification.made"):
    """A user has a new notification."""

    notification_id: UUID


@dataclass(frozen=True)
class NotificationsRead(Entry, kind="notification.read"):
    """Notifications of a user were marked as read."""
