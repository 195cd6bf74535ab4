"""The customer's note to the vendor, which comes with a booking."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.bookings.bookings import Booking
from models.bookings.intake import BookingNoteDraft
from services.bookings.announcing import announce
from services.bookings.intake.access import lock_own_intake
from services.viewer import Viewer


async def set_note(
    session: AsyncSession, viewer: Viewer, draft: BookingNoteDraft, *, booking_id: UUID
) -> Booking:
    """Set or remove the note of a booking. Raises `NotFound` and `BookingIntakeClosed`."""
    booking = await lock_own_intake(session, viewer, booking_id)
    if booking.note != draft.note:
        booking.note = draft.note
        announce(session, booking)
    return booking
