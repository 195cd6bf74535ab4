"""Waitlists of services as jobs serve them: with holds that live longer, the oldest wait first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from core.ids import new_id
from models.bookings.bookings import BookingSource
from models.bookings.claims import SlotTaken
from models.bookings.setting_up.services import Service, ServiceState
from models.bookings.waits import BookingWait, BookingWaitState, FreedSpan, wait_hold_end
from models.errors import Refusal
from models.identity.accounts import User, UserState
from models.notifications.inbox import NotificationKind
from models.notifications.preferences import QuietHours
from models.vendors import Vendor, VendorStatus
from services import jobs
from services.bookings.announcing import announce
from services.bookings.holding.access import lock_booking
from services.bookings.holding.holding import insert_booking
from services.bookings.holding.opening import (
    ensure_below_limit,
    find_terms,
    lock_resources,
    lock_user,
    rely_on_service,
)
from services.bookings.holding.times import WantedTime, choose_time, take_time
from services.bookings.notices import notify_customer
from services.bookings.waiting.entries import announce_waits
from services.bookings.waiting.free_starts import (
    FreeStarts,
    WaitedSpan,
    find_known_starts,
    find_known_starts_of,
)
from services.pets.choosing import ensure_pet
from services.transaction import attempt

MAX_WALKED = 1_000  # waits that a pass looks at
MAX_TRIES = 3  # of a wait: others can take the time that was free
BATCH_SIZE = 100


@dataclass(frozen=True)
class HeldStart:
    """A start that is held for a wait, and the end of the hold."""

    wait: BookingWait
    starts_at: datetime
    until: datetime


async def serve_next(
    session: AsyncSession, vendor_id: UUID, freed: FreedSpan | None, tried: Mapping[UUID, int]
) -> UUID | None:
    """Hold a free time for the oldest wait that wants one. Returns the wait, None if none does.

    Anybody can take the time before: then nothing is held, and the caller tries again, counting in
    `tried`.
    """
    choice = await _choose(session, vendor_id, freed, tried)
    if choice is None:
        return None
    wait_id = choice.wait.id  # a refusal expires the rows
    try:
        async with attempt(session):
            await _hold(session, choice)
    except Refusal:
        return wait_id
    return wait_id


async def _choose(
    session: AsyncSession, vendor_id: UUID, freed: FreedSpan | None, tried: Mapping[UUID, int]
) -> HeldStart | None:
    moment, rows = now(), await _find_waiting(session, vendor_id)
    rows = [row for row in rows if tried.get(row[0].id, 0) < MAX_TRIES]
    if not rows:
        return None
    waits = [wait for wait, _, _ in rows]
    known = await find_known_starts_of(session, waits)
    free = FreeStarts(session, WaitedSpan.of(waits, moment).around(freed))
    for wait, service, quiet in rows:
        for start in await free.wanted(service, wait):
            until = wait_hold_end(moment, start.moment, start.zone, quiet)
            if until is not None and start.moment not in known.get(wait.id, ()):
                return HeldStart(wait, start.moment, until)
    return None


async def _find_waiting(
    session: AsyncSession, vendor_id: UUID
) -> Sequence[tuple[BookingWait, Service, QuietHours | None]]:
    rows = (
        select(BookingWait, Service, QuietHours)
        .join(Service, col(Service.id) == col(BookingWait.service_id))
        .join(Vendor, col(Vendor.id) == col(BookingWait.vendor_id))
        .join(User, col(User.id) == col(BookingWait.user_id))
        .outerjoin(QuietHours, col(QuietHours.user_id) == col(BookingWait.user_id))
        .where(
            BookingWait.vendor_id == vendor_id,
            BookingWait.state == BookingWaitState.WAITING,
            Service.state == ServiceState.ACTIVE,
            Vendor.status == VendorStatus.APPROVED,
            User.state == UserState.ACTIVE,
            ~col(User.is_erased),
        )
        .order_by(col(BookingWait.created_at), col(BookingWait.id))
        .limit(MAX_WALKED)
    )
    return (await session.exec(rows)).all()


async def _hold(session: AsyncSession, choice: HeldStart) -> None:
    """Hold a start under the locks of a booking, in their order. Raises as `hold_booking` does.

    The user is locked first, so that a wait is served once, and not while it is left.
    """
    wait, booking_id = choice.wait, new_id()
    await lock_user(session, wait.user_id)
    opened = await rely_on_service(session, wait.service_id)
    service = opened.service
    service.ensure_bookable()
    await ensure_pet(session, wait.user_id, wait.pet_id, service)
    resources = await lock_resources(session, service, staff_id=wait.staff_id)
    unreliable = await ensure_below_limit(session, wait.user_id, opened)
    if choice.starts_at in await find_known_starts(session, wait):
        raise SlotTaken
    wanted = WantedTime(booking_id, choice.starts_at, wait.staff_id)
    chosen = await choose_time(session, opened, resources, wanted)
    await _mark_holding(session, wait)
    booking = await insert_booking(
        session,
        opened,
        chosen,
        await find_terms(session, service),
        booking_id=booking_id,
        user_id=wait.user_id,
        expires_at=choice.until,
        hard_until=choice.until,
        due_online=service.due_online_of(chosen.price, unreliable=unreliable),
        source=BookingSource.WAITLIST,
        pet_id=wait.pet_id,
        wait_id=wait.id,
    )
    await take_time(session, service, booking_id, chosen, choice.until)
    await jobs.defer(session, "end_booking_hold", at=choice.until, booking_id=booking_id)
    announce(session, booking)
    held = await lock_booking(session, booking_id)
    await notify_customer(session, held, NotificationKind.BOOKING_WAIT_HOLD)


async def _mark_holding(session: AsyncSession, wait: BookingWait) -> None:
    """Raise `SlotTaken` for a wait that has got a hold, or was left, since it was read."""
    still = update(BookingWait).where(
        col(BookingWait.id) == wait.id, col(BookingWait.state) == BookingWaitState.WAITING
    )
    marked = await session.exec(still.values(state=BookingWaitState.HOLDING))
    if not marked.rowcount:
        raise SlotTaken
    announce_waits(session, [wait])


async def end_over(session: AsyncSession) -> bool:
    """End up to 100 waits whose last day is over, or whose account is. Returns whether there may
    be more.
    """
    moment = now()
    gone = select(User.id).where(col(User.is_erased))
    rows = (
        select(BookingWait)
        .where(
            BookingWait.state == BookingWaitState.WAITING,
            or_(
                col(BookingWait.until_day) < (moment - timedelta(days=1)).date(),
                col(BookingWait.user_id).in_(gone),
            ),
        )
        .order_by(col(BookingWait.id))
        .limit(BATCH_SIZE)
    )
    waits = (await session.exec(for_change(rows, skip_locked=True))).all()
    for wait in waits:
        wait.end(BookingWaitState.LAPSED, moment)
    announce_waits(session, waits)
    return len(waits) == BATCH_SIZE


async def find_waited_vendors(session: AsyncSession, after: UUID) -> Sequence[UUID]:
    """Return vendors after an id at which users wait, in its order."""
    rows = (
        select(BookingWait.vendor_id)
        .where(BookingWait.state == BookingWaitState.WAITING, BookingWait.vendor_id > after)
        .distinct()
        .order_by(col(BookingWait.vendor_id))
        .limit(BATCH_SIZE)
    )
    return (await session.exec(rows)).all()
