"""Bookings that collide by new rules of their time zones."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.keyset import Listing
from engine.connections import Connection, connection
from engine.context import Info
from engine.ids import id_of
from engine.mutation import mutation
from models.bookings import time_shifts as rows
from models.errors import NotFound
from schema.bookings.time_shifts import BookingShift, BookingShiftId
from services.bookings.time_shifts import settling

VendorId = Annotated[UUID, id_of("Vendor", "The vendor's id.")]


@strawberry.type
class BookingShiftQuery:
    @connection(
        Connection[BookingShift],
        "The bookings of a vendor that collide, or whose time clocks skip, by new rules of their"
        " time zone, until they are moved, cancelled or settled; the earliest first. For members"
        " with the STAFF role or higher.",
    )
    def booking_shifts(self, info: Info, vendor_id: VendorId) -> Listing[Any]:
        return settling.list_collisions(info.context.viewer, vendor_id)


@strawberry.type
class BookingShiftMutation:
    @mutation(shift=BookingShift, raises=(NotFound,), repeatable="sets a time once")
    async def settle_booking_shift(self, info: Info, shift_id: BookingShiftId) -> rows.BookingShift:
        """Take a booking from `bookingShifts`, because the visits can take place all the same.
        Requires the vendor's STAFF role or higher.
        """
        async with info.context.transaction() as session:
            return await settling.settle_booking_shift(
                session, info.context.viewer, shift_id=shift_id
            )
