"""The confirmation of bookings: at once if nothing is due, or after an answer of the vendor."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Uuid, bindparam
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_reliance
from core.statements.parameters import current_time
from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from models.bookings.bookings import (
    REQUEST_HOURS,
    Booking,
    BookingHoldExpired,
    BookingSource,
    BookingState,
)
from models.bookings.drafts import BookingUnpaid
from models.bookings.setting_up.services import Service
from models.errors import NotFound
from models.notifications.inbox import NotificationKind
from models.vendors import Vendor
from services import jobs
from services.bookings.announcing import announce
from services.bookings.holding.access import access_own_booking
from services.bookings.holding.claims import keep_claims
from services.bookings.intake.answering import ensure_answered
from services.bookings.notices import notify_members_of, notify_parties
from services.bookings.waiting.states import mark_booked
from services.viewer import Viewer

# Also for bookings that no session has, such as those of an order that its wallet pays.
CONFIRM = Statement(
    update(Booking)
    .where(col(Booking.id) == bindparam("booking_id", type_=Uuid()))
    .values(
        state=BookingState.CONFIRMED,
        confirmed_at=current_time(),
        expires_at=None,
        hard_until=None,
        ended_at=None,
    )
)


async def confirm_booking(session: AsyncSession, viewer: Viewer, *, booking_id: UUID) -> Booking:
    """Confirm a held booking, or ask the vendor for an answer if the service needs one.

    One that is confirmed or to be answered already stays as it is. Raises `BookingHoldExpired`,
    `BookingAnswersMissing`, `VendorSuspended`, and `BookingUnpaid` if a part is paid online.
    """
    vendor = await _rely_on_vendor(session, viewer, booking_id)
    booking = await access_own_booking(session, viewer, booking_id)
    if booking.state in {BookingState.CONFIRMED, BookingState.REQUESTED}:
        return booking
    if not booking.is_held(now()):
        raise BookingHoldExpired
    vendor.ensure_not_suspended()
    await ensure_answered(session, booking)
    if await needs_answer(session, booking):
        await _request(session, booking)
    elif booking.due_online:
        raise BookingUnpaid
    else:
        await confirm_row(session, booking)
        await notify_parties(
            session,
            booking,
            customer=NotificationKind.BOOKING_CONFIRMED,
            members=NotificationKind.BOOKING_MADE,
        )
    return booking


async def _rely_on_vendor(session: AsyncSession, viewer: Viewer, booking_id: UUID) -> Vendor:
    """Return the vendor of the viewer's booking, which is not suspended before the commit."""
    rows = (
        select(Vendor)
        .join(Booking, col(Booking.vendor_id) == col(Vendor.id))
        .where(Booking.id == booking_id, Booking.user_id == viewer.require_user())
    )
    vendor = (await session.exec(for_reliance(rows, of=Vendor))).first()
    if vendor is None:
        raise NotFound
    return vendor


async def needs_answer(session: AsyncSession, booking: Booking) -> bool:
    """Return whether the vendor has to approve a booking before it is confirmed or ordered."""
    if booking.approved_at is not None or booking.source is BookingSource.DESK:
        return False
    service = await session.get_one(Service, booking.service_id)
    return service.needs_approval


async def confirm_row(session: AsyncSession, booking: Booking) -> None:
    """Confirm a booking of the session that is locked and has its time."""
    await session.flush()
    await become_confirmed(session, booking)
    await session.refresh(booking)


async def become_confirmed(unit: UnitOfWork, booking: Booking) -> None:
    """Confirm a booking that is locked and has its time. Nothing takes that away by itself.

    Whatever follows a confirmation begins here, however it came about.
    """
    booking.ensure_can_become(BookingState.CONFIRMED)
    await CONFIRM.execute(await connection_of(unit), booking_id=booking.id)
    await keep_claims(unit, [booking.id], until=None)
    await mark_booked(unit, booking.wait_id)
    await jobs.defer(unit, "plan_booking_reminders", booking_id=booking.id)
    announce(unit, booking)


async def _request(session: AsyncSession, booking: Booking) -> None:
    """Let the vendor answer until two days from now, or the start."""
    booking.ensure_can_become(BookingState.REQUESTED)
    until = min(now() + timedelta(hours=REQUEST_HOURS), booking.starts_at)
    booking.state = BookingState.REQUESTED
    await postpone_end(session, booking, until)
    await notify_members_of(session, booking, NotificationKind.BOOKING_REQUESTED)


async def postpone_end(session: AsyncSession, booking: Booking, until: datetime) -> None:
    """Let a booking and its claims expire at a time."""
    booking.expires_at = booking.hard_until = until
    await session.flush()
    await keep_claims(session, [booking.id], until)
    await jobs.defer(session, "end_booking_hold", at=until, booking_id=booking.id)
    announce(session, booking)
