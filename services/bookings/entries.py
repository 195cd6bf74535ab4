"""Journal entries of bookings."""

from dataclasses import dataclass
from uuid import UUID

from services.journal.entries import Entry


@dataclass(frozen=True)
class BookingUpdated(Entry, kind="booking.updated"):
    """A booking was made, moved or has another state.

    Its times are minutes since 1970: `starts` is the start, and `former` the one that it had before
    a move, else the same. It may have freed or taken both. Appended to the topics of the user and
    of the vendor's agenda.
    """

    booking_id: UUID
    service_id: UUID
    starts: int
    former: int
