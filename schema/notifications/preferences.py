"""Preferences of users for push and email notifications."""

from datetime import time
from typing import Self, cast
from uuid import UUID

import strawberry
from strawberry import UNSET

from engine.scalars import TimeZone
from engine.types import column
from models.errors import NULL_REFUSED, InvalidInput
from models.notifications import preferences as rows
from schema.notifications.enums import Channel, NotificationKind
from services.notifications.preferences import Choice, Preferences

MAX_CHOICES = 100


@strawberry.type(description="Whether the user allows one kind on one channel. Allowed by default.")
class NotificationChoice:
    kind: NotificationKind = column("The kind of notification.")
    channel: Channel = column("The channel.")
    allowed: bool = column("Whether it is allowed.")


@strawberry.type(
    description="The hours of each day in which push and email notifications wait until the end."
)
class QuietHours:
    starts_at: time = column("The start.")
    ends_at: time = column("The end. On the next day if it is not after the start.")
    time_zone: TimeZone = column("The time zone of both.")


@strawberry.type(description="A user's preferences for notifications.")
class NotificationPreferences:
    choices: list[NotificationChoice] = column("One choice for each kind and channel.")
    quiet_hours: QuietHours | None = column("The quiet hours. Null without any.")
    ticket_texts: bool = column(
        "Whether a link to the tickets of each order is sent to the user's phone number."
    )

    @classmethod
    def wrap(cls, preferences: Preferences) -> Self:
        """Return the preferences themselves, typed as their GraphQL type."""
        return cast("Self", preferences)


@strawberry.input(description="Whether to allow one kind on one channel.")
class NotificationChoiceInput:
    kind: NotificationKind = column("The kind of notification.")
    channel: Channel = column("The channel.")
    allowed: bool = column("Whether to allow it.")


@strawberry.input(
    description="The hours of each day in which push and email notifications wait until the end."
)
class QuietHoursInput:
    starts_at: time = column("The start.")
    ends_at: time = column(
        "The end, which differs from the start. On the next day if it is earlier than the start."
    )
    time_zone: TimeZone = column("The time zone of both.")


@strawberry.input(
    description="Changes to preferences. Omitted fields stay unchanged. Null resets a field to its"
    " default, unless its description states otherwise."
)
class UpdateNotificationPreferencesInput:
    choices: list[NotificationChoiceInput] | None = strawberry.field(
        default=UNSET,
        description="The choices to change, at most 100. The last one wins for the same kind and"
        " channel. Can't be null.",
    )
    quiet_hours: QuietHoursInput | None = strawberry.field(
        default=UNSET, description="The quiet hours. Null removes them."
    )
    ticket_texts: bool | None = strawberry.field(
        default=UNSET,
        description="Whether to send a link to the tickets of each order to the user's phone"
        " number, as a text message. False by default, and again for a new number.",
    )

    def chosen(self) -> list[Choice]:
        if self.choices is None:
            raise InvalidInput(NULL_REFUSED, field=["choices"])
        if len(self.choices or []) > MAX_CHOICES:
            raise InvalidInput("Must have at most {max_length} entries.", max_length=MAX_CHOICES)
        return [Choice(**vars(choice)) for choice in self.choices or []]

    def quiet_hours_of(self, user_id: UUID) -> rows.QuietHours | None:
        return (
            rows.QuietHours(user_id=user_id, **vars(self.quiet_hours)) if self.quiet_hours else None
        )
