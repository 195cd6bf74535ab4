"""The end of bookings that hold a time: it is given back, by whichever way they end."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import DateTime, String, bindparam
from sqlmodel import col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import exists_in, for_change
from core.statements.parameters import current_time
from core.statements.selected import columns_of
from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.bookings.bookings import Booking, BookingState, CancelledBy
from models.bookings.claims import Claim
from services import jobs
from services.bookings.announcing import announce
from services.bookings.holding.claims import Span, free_claims
from services.bookings.holding.meetings import leave_meetings
from services.bookings.waiting.freeing import serve_freed_times
from services.bookings.waiting.states import return_waits
from services.transaction import OpenTransaction, one_by_one

BATCH_SIZE = 100
_TIME = DateTime(timezone=True)
_EXPIRED = (
    col(Booking.state).in_((BookingState.HELD, BookingState.REQUESTED)),
    col(Booking.expires_at) <= current_time(),
)
# Bookings that others lock are being confirmed, released or ordered: they are skipped.
IN_THE_WAY = Statement(
    for_change(
        select(*columns_of(Booking))
        .where(
            *_EXPIRED,
            exists_in(
                Claim,
                or_(
                    col(Claim.booking_id) == col(Booking.id),
                    col(Claim.meeting_id) == col(Booking.meeting_id),
                ),
                any_of(col(Claim.resource_id)),
                col(Claim.blocked_from) < bindparam("blocked_until", type_=_TIME),
                col(Claim.blocked_until) > bindparam("blocked_from", type_=_TIME),
            ),
        )
        .order_by(col(Booking.id))
        .limit(BATCH_SIZE),
        skip_locked=True,
    ),
    Booking,
)
EXPIRED = Statement(
    for_change(
        select(*columns_of(Booking))
        .where(*_EXPIRED, any_of(col(Booking.id)))
        .order_by(col(Booking.id))
    ),
    Booking,
)
OVERDUE = Statement(
    select(col(Booking.id))
    .where(
        col(Booking.state).in_((BookingState.HELD, BookingState.REQUESTED)),
        col(Booking.expires_at) <= bindparam("before", type_=_TIME),
    )
    .order_by(col(Booking.expires_at))
    .limit(BATCH_SIZE)
)
END = Statement(
    update(Booking)
    .where(any_of(col(Booking.id)))
    .values(
        state=bindparam("ended_as"),
        cancelled_by=bindparam("by", type_=String()),
        ended_at=current_time(),
        expires_at=None,
        hard_until=None,
    )
)


async def end_in_the_way(unit: UnitOfWork, span: Span, resource_ids: Iterable[UUID]) -> int:
    """End bookings that have expired and keep one of the resources. Returns how many.

    The second look at a time that seems taken: no caller waits for the job that ends them.
    """
    bookings = await IN_THE_WAY.fetch(
        await connection_of(unit),
        blocked_from=span.blocked_from,
        blocked_until=span.blocked_until,
        **{KEYS: list(resource_ids)},
    )
    await end_bookings(unit, bookings, BookingState.EXPIRED)
    return len(bookings)


async def expire_bookings(unit: UnitOfWork, booking_ids: Sequence[UUID]) -> int:
    """End those of the bookings that have expired by now. Returns how many."""
    bookings = await EXPIRED.fetch(await connection_of(unit), **{KEYS: list(booking_ids)})
    await end_bookings(unit, bookings, BookingState.EXPIRED)
    return len(bookings)


async def expire_booking(session: AsyncSession, booking_id: UUID) -> bool:
    """End a booking if it has expired by now. Returns whether it had."""
    return await expire_bookings(session, [booking_id]) > 0


async def expire_overdue(transaction: OpenTransaction) -> bool:
    """End up to 100 bookings whose own job is late or was lost. Returns whether there may be more.

    Each has a transaction of its own, and one that cannot end does not keep the others.
    """
    async with transaction() as session:
        ids = await find_overdue(session)
    ended = await one_by_one(transaction, ids, expire_booking)
    return len(ids) == BATCH_SIZE and ended


async def find_overdue(unit: UnitOfWork) -> list[UUID]:
    """Return bookings whose own job is late or was lost."""
    before = now() - timedelta(seconds=2)
    rows = await OVERDUE.fetch(await connection_of(unit), before=before)
    return [row["id"] for row in rows]


async def end_bookings(
    unit: UnitOfWork,
    bookings: Sequence[Booking],
    state: BookingState,
    *,
    by: CancelledBy | None = None,
) -> None:
    """End bookings that are locked and occupy a time. Requests without an answer are notified.

    Bookings are locked before the meetings that they have seats of.
    """
    if not bookings:
        return
    await free_times(unit, bookings)
    await return_waits(unit, bookings, state)
    ids = [one.id for one in bookings]
    await END.execute(await connection_of(unit), ended_as=state, by=by, **{KEYS: ids})
    for one in bookings:
        announce(unit, one)
        if one.state is BookingState.REQUESTED and state is BookingState.EXPIRED:
            await jobs.defer(unit, "announce_unanswered_booking", booking_id=one.id)


async def free_times(unit: UnitOfWork, bookings: Sequence[Booking]) -> None:
    """Give back the claims of bookings, and their seats of meetings, to those who wait."""
    await free_claims(unit, [one.id for one in bookings])
    await leave_meetings(unit, bookings)
    await serve_freed_times(unit, bookings)
