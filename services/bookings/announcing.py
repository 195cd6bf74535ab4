"""Changes of bookings, announced to their users and to the agenda of the vendor."""

from datetime import datetime

from core.statements.units import UnitOfWork
from models.bookings.bookings import Booking
from services.bookings.entries import BookingUpdated
from services.journal import append as journal
from services.journal.topics import agenda_topic, user_topic


def announce(unit: UnitOfWork, booking: Booking, *, former: datetime | None = None) -> None:
    """Append a change of a booking to the vendor's agenda, and to the topic of its user.

    `former` is the start that it had before a move.
    """
    entry = BookingUpdated(
        booking.id,
        booking.service_id,
        starts=_minutes(booking.starts_at),
        former=_minutes(former or booking.starts_at),
    )
    topics = [agenda_topic(booking.vendor_id)]
    if booking.user_id is not None:
        topics.append(user_topic(booking.user_id))
    journal.append(unit, entry, to=topics)


def _minutes(moment: datetime) -> int:
    return int(moment.timestamp()) // 60
