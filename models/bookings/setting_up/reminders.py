"""Reminders of bookings: how long before the start a vendor sends them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Integer
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from models.base import DEFERRED, Row, foreign_key
from models.errors import InvalidValue, Refusal
from models.personal_data import of_others

MAX_REMINDERS = 4
MIN_REMINDER, MAX_REMINDER = 15, 14 * 24 * 60  # minutes before the start
DEFAULT_REMINDERS = (24 * 60, 2 * 60)


def _latest_last(minutes: list[int]) -> list[int]:
    if len(set(minutes)) < len(minutes):
        raise InvalidValue("Two reminders cannot be sent at the same time. Remove one.")
    return sorted(minutes, reverse=True)


class ReminderRule(Row, table=True):
    """The minutes before the start at which customers are reminded, the most first.

    Without a service it is for all services of the vendor that have no rule of their own. No
    minutes: no reminders.
    """

    __tablename__ = "reminder_rule"
    __table_args__ = (
        ForeignKeyConstraint(
            ["service_id", "vendor_id"], ["service.id", "service.vendor_id"], **DEFERRED
        ),
        CheckConstraint(
            f"cardinality(minutes) <= {MAX_REMINDERS}"
            f" AND {MIN_REMINDER} <= ALL(minutes) AND {MAX_REMINDER} >= ALL(minutes)",
            name="minutes",
        ),
        Index(
            "reminder_rule_of_key",
            "vendor_id",
            "service_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index("reminder_rule_service_id_idx", "service_id"),
    )
    __privacy__ = of_others(none="minutes")

    vendor_id: UUID = foreign_key("vendor", index=False)
    service_id: UUID | None = None
    minutes: list[int] = Field(sa_type=ARRAY(Integer))


class ReminderDraft(BaseModel, frozen=True):
    """Validated minutes before the start. None are those of the vendor, or the default."""

    minutes: (
        Annotated[
            list[Annotated[int, Range(ge=MIN_REMINDER, le=MAX_REMINDER)]],
            Range(max_length=MAX_REMINDERS),
            AfterValidator(_latest_last),
        ]
        | None
    )


def reminders_to_come(
    minutes: Sequence[int], starts_at: datetime, moment: datetime
) -> list[tuple[int, datetime]]:
    """Return the reminders that are still to be sent, with their times.

    One whose time is over when the booking is made is left out: the customer knows.
    """
    times = ((one, starts_at - timedelta(minutes=one)) for one in minutes)
    return [(one, at) for one, at in times if moment < at]


def reminder_number(revision: int, minutes: int) -> int:
    """Return the number of a reminder among those of a booking. Later ones replace earlier ones."""
    return revision * (MAX_REMINDER + 1) + MAX_REMINDER - minutes


def revision_of(number: int) -> int:
    """Return the revision of the booking that a reminder is about."""
    return number // (MAX_REMINDER + 1)


class BookingLinkEnded(Refusal):
    message = "This link is no longer valid. Open the app to see your booking."
    meaning = "The link is not ours, the booking was moved after it was sent, or has begun."
    remedy = "Show the message. A later reminder has a link of its own."
