"""The states of waits, as their holds end or are booked."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Integer, bindparam, case, literal, null
from sqlmodel import col, update

from core.statements.parameters import current_time
from core.statements.selected import columns_of
from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.bookings.bookings import Booking, BookingState
from models.bookings.waits import MAX_LAPSES, BookingWait, BookingWaitState
from services import jobs
from services.bookings.waiting.entries import announce_waits
from services.bookings.waiting.freeing import defer_serving

_LAPSES = col(BookingWait.lapses) + bindparam("unanswered", type_=Integer())
_LAPSED = _LAPSES >= MAX_LAPSES
RETURN = Statement(
    update(BookingWait)
    .where(any_of(col(BookingWait.id)), col(BookingWait.state) == BookingWaitState.HOLDING)
    .values(
        state=case(
            (_LAPSED, literal(BookingWaitState.LAPSED.value)),
            else_=literal(BookingWaitState.WAITING.value),
        ),
        lapses=_LAPSES,
        ended_at=case((_LAPSED, current_time()), else_=null()),
    )
    .returning(*columns_of(BookingWait)),
    BookingWait,
)
BOOK = Statement(
    update(BookingWait)
    .where(any_of(col(BookingWait.id)), col(BookingWait.ended_at).is_(None))
    .values(state=BookingWaitState.BOOKED, ended_at=current_time())
    .returning(*columns_of(BookingWait)),
    BookingWait,
)


async def return_waits(
    unit: UnitOfWork, bookings: Collection[Booking], state: BookingState
) -> None:
    """Let the waits of bookings that end in a state wait again, for another time.

    A hold that expires was not answered: at the second one, its wait lapses. One that was booked
    stays BOOKED. Called with the bookings locked, as they were before.
    """
    of_waits = [one for one in bookings if one.wait_id is not None]
    expired = [one for one in of_waits if state is BookingState.EXPIRED and _unanswered(one)]
    await _return(unit, expired, unanswered=1)
    await _return(unit, [one for one in of_waits if one not in expired], unanswered=0)


def _unanswered(booking: Booking) -> bool:
    """Return whether it was for the user to answer, and not for the vendor."""
    return booking.state is BookingState.HELD


async def _return(unit: UnitOfWork, bookings: Collection[Booking], *, unanswered: int) -> None:
    ids = sorted({one.wait_id for one in bookings if one.wait_id is not None})
    if not ids:
        return
    waits = await RETURN.fetch(await connection_of(unit), unanswered=unanswered, **{KEYS: ids})
    announce_waits(unit, waits)
    for wait in waits:
        if wait.state is BookingWaitState.LAPSED:
            await jobs.defer(unit, "tell_booking_wait_lapsed", wait_id=wait.id)
        else:  # another time of its window may be free
            await defer_serving(unit, wait.vendor_id)


async def mark_booked(unit: UnitOfWork, wait_id: UUID | None) -> None:
    """End the wait of a booking that was confirmed or ordered. It stays BOOKED whatever follows."""
    if wait_id is not None:
        waits = await BOOK.fetch(await connection_of(unit), **{KEYS: [wait_id]})
        announce_waits(unit, waits)
