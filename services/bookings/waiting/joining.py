"""Waitlists of services as users join and leave them, and decline the times that they get."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from core.wall import wall
from models.bookings.bookings import OCCUPYING, Booking, BookingHoldExpired, BookingState
from models.bookings.setting_up.resources import Resource, ResourceKind
from models.bookings.setting_up.services import MAX_HORIZON, Service, ServiceResource
from models.bookings.waits import (
    MAX_WAITS,
    BookingWait,
    BookingWaitDraft,
    BookingWaitExists,
    BookingWaitLimit,
    BookingWaitState,
    InvalidBookingWaitState,
    TimesLeft,
)
from models.errors import InvalidInput, NotFound
from services import idempotency
from services.bookings.access import visible_resources
from services.bookings.cancelling import end_as_cancelled
from services.bookings.holding.access import access_own_booking
from services.bookings.holding.opening import OpenService, lock_user, rely_on_service
from services.bookings.waiting.access import lock_own_wait
from services.bookings.waiting.entries import announce_waits
from services.bookings.waiting.free_starts import FreeStarts, WaitedSpan, find_known_starts
from services.bookings.waiting.freeing import defer_serving
from services.pets.choosing import ensure_pet
from services.viewer import Viewer

_LIVE = col(BookingWait.ended_at).is_(None)


async def join_waitlist(
    session: AsyncSession, viewer: Viewer, draft: BookingWaitDraft, *, idempotency_key: str
) -> BookingWait:
    """Let the viewer wait for a time of a service, once per idempotency key.

    The user is locked, so that two at once cannot exceed the limit. Raises `NotFound`,
    `InvalidServiceState`, `BookingWaitExists`, `BookingWaitLimit`, `TimesLeft`, and as
    `ensure_pet`.
    """
    user_id = viewer.require_user()
    claimed = await idempotency.claim(
        session, viewer, "joinBookingWaitlist", idempotency_key, draft=draft.model_dump()
    )
    if claimed.replayed:
        return await lock_own_wait(session, viewer, claimed.replayed)
    await lock_user(session, user_id)
    opened = await rely_on_service(session, draft.service_id)
    opened.service.ensure_bookable()
    await ensure_pet(session, user_id, draft.pet_id, opened.service)
    await _ensure_staff(session, viewer, draft, opened.service)
    _ensure_near(draft, opened)
    await _ensure_below_limit(session, user_id, draft.service_id)
    first, end = draft.minutes
    wait = BookingWait(
        user_id=user_id,
        vendor_id=opened.service.vendor_id,
        service_id=draft.service_id,
        staff_id=draft.staff_id,
        pet_id=draft.pet_id,
        from_day=draft.from_day,
        until_day=draft.until_day,
        weekdays=draft.weekday_bits,
        day_from=first,
        day_until=end,
    )
    await _ensure_taken(session, opened, wait)
    session.add(wait)
    await session.flush()
    announce_waits(session, [wait])
    # A time can have become free in this moment, before anybody waited for it.
    await defer_serving(session, wait.vendor_id)
    await idempotency.record_result(session, claimed, wait.id)
    return wait


async def _ensure_staff(
    session: AsyncSession, viewer: Viewer, draft: BookingWaitDraft, service: Service
) -> None:
    """Raise `NotFound` unless the chosen staff do the service, and customers learn who they are."""
    if draft.staff_id is None:
        return
    does = select(ServiceResource.resource_id).where(ServiceResource.service_id == service.id)
    rows = visible_resources(viewer).where(
        Resource.id == draft.staff_id,
        Resource.kind == ResourceKind.STAFF,
        col(Resource.id).in_(does),
    )
    if (await session.exec(rows)).first() is None:
        raise NotFound(field=["staffId"])


def _ensure_near(draft: BookingWaitDraft, opened: OpenService) -> None:
    today = wall(opened.moment, opened.vendor_zone).date()
    for day, field in ((draft.until_day, "untilDay"), (draft.from_day, "fromDay")):
        is_over = field == "untilDay" and day < today
        if is_over or day > today + timedelta(days=2 * MAX_HORIZON):
            raise InvalidInput(
                "Choose a day within the next {most} days.", most=2 * MAX_HORIZON, field=[field]
            )


async def _ensure_below_limit(session: AsyncSession, user_id: UUID, service_id: UUID) -> None:
    counted = select(
        func.count(), func.count().filter(col(BookingWait.service_id) == service_id)
    ).where(BookingWait.user_id == user_id, _LIVE)
    live, same = (await session.exec(counted)).one()
    if same:
        raise BookingWaitExists
    if live >= MAX_WAITS:
        raise BookingWaitLimit(most=MAX_WAITS)


async def _ensure_taken(session: AsyncSession, opened: OpenService, wait: BookingWait) -> None:
    """Raise `TimesLeft` if a time that the user would wait for can be booked."""
    known = await find_known_starts(session, wait)
    free = FreeStarts(session, WaitedSpan.of([wait], opened.moment))
    if any(start.moment not in known for start in await free.wanted(opened.service, wait)):
        raise TimesLeft


async def leave_waitlist(session: AsyncSession, viewer: Viewer, *, wait_id: UUID) -> BookingWait:
    """End the viewer's wait, and give back what is held for it. A second call changes nothing.

    The user is locked, so that nothing is held for it meanwhile. Raises `InvalidBookingWaitState`
    for a wait that became a booking or lapsed.
    """
    await lock_user(session, viewer.require_user())
    rows = select(Booking).where(
        Booking.wait_id == wait_id,
        Booking.user_id == viewer.user_id,
        col(Booking.state).in_(OCCUPYING),
    )
    booking = (await session.exec(for_change(rows))).first()
    wait = await lock_own_wait(session, viewer, wait_id)
    if wait.state is BookingWaitState.LEFT:
        return wait
    if not wait.live:
        raise InvalidBookingWaitState
    if booking is not None:
        await end_as_cancelled(session, booking, None, by_vendor=False)
        await session.refresh(wait)
    wait.end(BookingWaitState.LEFT, now())
    announce_waits(session, [wait])
    return wait


async def decline_waitlist_hold(
    session: AsyncSession, viewer: Viewer, *, booking_id: UUID
) -> BookingWait:
    """Give back the time that is held for a wait, which goes on for other times.

    The next one who waits gets the time at once. Raises `NotFound` for a booking that is not of a
    waitlist, and `BookingHoldExpired` for one that has ended in another way, or was booked.
    """
    booking = await access_own_booking(session, viewer, booking_id)
    if booking.wait_id is None:
        raise NotFound
    if booking.state is BookingState.HELD:
        await end_as_cancelled(session, booking, None, by_vendor=False)
    elif booking.state is not BookingState.CANCELLED:
        raise BookingHoldExpired
    await session.flush()
    return await lock_own_wait(session, viewer, booking.wait_id)
