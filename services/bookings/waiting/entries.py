"""Journal entries of the booking waitlist."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from core.statements.units import UnitOfWork
from models.bookings.waits import BookingWait
from services.journal import append as journal
from services.journal.entries import Entry
from services.journal.topics import agenda_topic, user_topic


@dataclass(frozen=True)
class BookingWaitChanged(Entry, kind="booking_wait.changed"):
    """A user joined a waitlist, or the wait has another state.

    Appended to the topics of the user and of the vendor's agenda.
    """

    wait_id: UUID


def announce_waits(unit: UnitOfWork, waits: Iterable[BookingWait]) -> None:
    for wait in waits:
        topics = [agenda_topic(wait.vendor_id), user_topic(wait.user_id)]
        journal.append(unit, BookingWaitChanged(wait.id), to=topics)
