"""Customers without an account, whom the vendor booked for: sealed values of their bookings."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.security.sealed import Sealer
from models.bookings.bookings import Booking
from models.bookings.visits.desk import GUEST_DAYS, GuestDraft
from models.sealed_columns import sealed_name
from services.cleanup_tasks import BATCH_SIZE

GuestColumn = Literal["guest_name", "guest_email", "guest_phone"]
GUEST_COLUMNS: Sequence[GuestColumn] = ("guest_name", "guest_email", "guest_phone")
# Notes are written by or about a guest as well.
FORGET = text(
    """
    UPDATE booking SET guest_name = NULL, guest_email = NULL, guest_phone = NULL, note = NULL
    WHERE id IN (
        SELECT id FROM booking WHERE guest_name IS NOT NULL AND ends_at < :before
        LIMIT :batch FOR UPDATE SKIP LOCKED
    )
    RETURNING id
    """
)


def open_guest(sealer: Sealer, booking: Booking, column: GuestColumn) -> str | None:
    """Return what is known of a guest, None if nothing is."""
    value: bytes | None = getattr(booking, column)
    if value is None:
        return None
    return sealer.open(sealed_name(booking, column), booking.id, value).decode()


def seal_guest(sealer: Sealer, booking_id: UUID, guest: GuestDraft) -> Mapping[str, Any]:
    """Return the sealed columns of a guest's booking."""
    given = {"guest_name": guest.name, "guest_email": guest.email, "guest_phone": guest.phone}
    return {
        column: sealer.seal(sealed_name(Booking, column), booking_id, value.encode())
        for column, value in given.items()
        if value is not None
    }


async def forget_guests(session: AsyncSession, journal_days: int) -> bool:
    """Delete what is known of up to 1,000 guests whose visits were over 90 days ago.

    Returns whether there may be more.
    """
    before = now() - timedelta(days=GUEST_DAYS)
    forgotten = await session.execute(FORGET, {"before": before, "batch": BATCH_SIZE})
    return len(forgotten.all()) == BATCH_SIZE


CLEANUP = [forget_guests]
