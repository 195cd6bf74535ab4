"""What a user wants to be told, how, and when not."""

from datetime import time
from typing import Self, cast
from uuid import UUID

import strawberry
from strawberry import UNSET

from engine.errors import Payload
from engine.scalars import TimeZone
from engine.types import column
from models.errors import InvalidInput
from models.notifications import preferences as rows
from schema.notifications.enums import Channel, NotificationKind
from services.notifications.preferences import Choice, Preferences

MOST_CHOICES = 100


@strawberry.type(description="Whether one kind is wanted on one channel.")
class NotificationChoice:
    """It is until it is refused."""

    kind: NotificationKind = column("What happened.")
    channel: Channel = column("How it would be told.")
    allowed: bool = column("Whether it is wanted.")


@strawberry.type(description="When a user is left alone, by the clock on their wall.")
class QuietHours:
    """Push and mail wait until they are over."""

    starts_at: time = column("When they begin.")
    ends_at: time = column("When they are over; on the next day if that is not after the start.")
    time_zone: TimeZone = column("Where the clock hangs.")


@strawberry.type(description="What a user wants to be told, how, and when not.")
class NotificationPreferences:
    """Who has chosen nothing is told everything, at any hour."""

    choices: list[NotificationChoice] = column("One for each kind on each channel.")
    quiet_hours: QuietHours | None = column("When to be left alone; null for never.")

    @classmethod
    def of(cls, preferences: Preferences) -> Self:
        """The preferences themselves, under the name of their GraphQL type."""
        return cast("Self", preferences)


@strawberry.input(description="Whether one kind is wanted on one channel.")
class NotificationChoiceInput:
    """Of one entry for each pair to change."""

    kind: NotificationKind = column("What happened.")
    channel: Channel = column("How it would be told.")
    allowed: bool = column("Whether it is wanted.")


@strawberry.input(description="When to be left alone.")
class QuietHoursInput:
    """By the clock on the user's wall."""

    starts_at: time = column("When they begin.")
    ends_at: time = column("When they are over; another time, on the next day if it is earlier.")
    time_zone: TimeZone = column("Where the clock hangs.")


@strawberry.input(description="What to change. What is absent stays as it is.")
class UpdateNotificationPreferencesInput:
    """What `updateNotificationPreferences` takes."""

    choices: list[NotificationChoiceInput] | None = strawberry.field(
        default=None, description="Those to change, at most 100; the last of two alike counts."
    )
    quiet_hours: QuietHoursInput | None = strawberry.field(
        default=UNSET, description="When to be left alone; null for never."
    )

    def chosen(self) -> list[Choice]:
        if len(self.choices or []) > MOST_CHOICES:
            raise InvalidInput("Must have at most {max_length} entries.", max_length=MOST_CHOICES)
        return [Choice(**vars(choice)) for choice in self.choices or []]

    def quiet_hours_of(self, user_id: UUID) -> rows.QuietHours | None:
        return (
            rows.QuietHours(user_id=user_id, **vars(self.quiet_hours)) if self.quiet_hours else None
        )


@strawberry.type(description="The preferences as they are now.")
class UpdateNotificationPreferencesPayload(Payload):
    """What `updateNotificationPreferences` answers."""

    preferences: NotificationPreferences | None = strawberry.field(
        default=None, description="As they are now."
    )
