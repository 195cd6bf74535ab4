"""Errors of bookings that carry data."""

import strawberry

from engine.errors.conversion import UserError, error_type
from engine.scalars import LocalDateTime
from models.bookings import bookings, drafts, series, slots
from schema.bookings.booking_enums import SlotReason


@error_type(slots.SlotNotOffered)
@strawberry.type(description="The time is not one that is offered.")
class SlotNotOffered(UserError):
    reason: SlotReason = strawberry.field(description="The first rule that closes the time.")


@error_type(bookings.BookingChanged)
@strawberry.type(description="The booking was moved in the meantime.")
class BookingChanged(UserError):
    revision: int = strawberry.field(description="The current revision.")


@error_type(drafts.CancelTooLate)
@strawberry.type(description="Less is refunded now than the user was shown.")
class CancelTooLate(UserError):
    refund_bps: int = strawberry.field(
        description="The part that is refunded now, in basis points."
    )


@error_type(series.SeriesConflicts)
@strawberry.type(description="Some times of a series cannot be booked.")
class SeriesConflicts(UserError):
    starts: list[LocalDateTime] = strawberry.field(description="Those times at the place.")


ERRORS = (SlotNotOffered, BookingChanged, CancelTooLate, SeriesConflicts)
