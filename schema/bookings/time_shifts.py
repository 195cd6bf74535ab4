"""Bookings that shift with the rules of their time zones."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.bookings.booked import visible_booking
from dataloaders.bookings.calendars import visible_shift
from dataloaders.vendors import vendor_by_id
from engine.ids import id_of
from engine.types import Rows, column, related
from models.bookings import time_shifts as rows
from schema.bookings.bookings import Booking
from schema.bookings.enums import ShiftOutcome
from schema.lazy import LazyVendor

BookingShiftId = Annotated[UUID, id_of("BookingShift", "The shift's id.")]


@strawberry.type(
    description="A booking that keeps its wall time, which is another instant by new rules of its"
    " time zone. Visible to the vendor's members with the STAFF role or higher, and admins."
)
class BookingShift(Rows[rows.BookingShift], relay.Node, access=visible_shift):
    id: relay.NodeID[UUID]
    shift_outcome: ShiftOutcome = column("The outcome.", of="outcome")
    from_starts_at: datetime = column("The start by the former rules.")
    starts_at: datetime = column("The start by the new rules.")
    settled_at: datetime | None = column("The time at which a member settled it. Null if none has.")
    booking: Booking | None = related(
        visible_booking, by="booking_id", description="The booking, which keeps its local start."
    )
    vendor: LazyVendor = related(
        vendor_by_id,
        by="vendor_id",
        description="The vendor.",
    )
