"""How far the visits of a day are, and the codes by which waiting rooms call customers."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models.bookings.bookings import Booking, BookingState

CODE_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without those that look like others
CODE_LENGTH = 4


class ArrivalState(StrEnum):
    """`EXPECTED → LATE → WAITING → SEEN`, or MISSED. LATE is left out for most."""

    EXPECTED = "EXPECTED"
    LATE = "LATE"
    WAITING = "WAITING"
    SEEN = "SEEN"
    MISSED = "MISSED"


ENDED = {
    BookingState.COMPLETED: ArrivalState.SEEN,
    BookingState.NO_SHOW: ArrivalState.MISSED,
}
# The states of bookings that are on the board of arrivals.
EXPECTED_STATES = (BookingState.CONFIRMED, *ENDED)


def arrival_of(booking: Booking, moment: datetime) -> ArrivalState | None:
    """Return how far a visit is at a moment. None for a booking that is not confirmed."""
    if booking.state is not BookingState.CONFIRMED:
        return ENDED.get(booking.state)
    if booking.arrived_at is not None:
        return ArrivalState.WAITING
    return ArrivalState.EXPECTED if moment < booking.starts_at else ArrivalState.LATE


def visit_code(booking_id: UUID) -> str:
    """Return the code of a booking, made of the random end of its id."""
    number = booking_id.int
    return "".join(CODE_SIGNS[number >> 5 * place & 31] for place in range(CODE_LENGTH))
