"""The bookings of a vendor, moved with the rules of their time zones. None is ever dropped.

They keep their wall times and their revisions, because nothing changes for their customers.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from core.ids import new_id
from models.bookings.bookings import OCCUPYING, Booking
from models.bookings.claims import Claim
from models.bookings.classes import ClassMeeting
from models.bookings.setting_up.resources import Resource
from models.bookings.time_shifts import BookingShift, ShiftOutcome
from models.members import Permission
from models.notifications.inbox import NotificationKind
from services.bookings.announcing import announce
from services.bookings.holding.claims import Span, find_places, take_claims
from services.bookings.reminding.planning import plan_reminders
from services.bookings.setting_up.covering import cover_blocks
from services.bookings.slots.offering import FreeLane
from services.bookings.time_shifts.deriving import derive_start, shift_of
from services.vendors.member_notices import notify_members

Claims = Sequence[Claim]


async def shift_bookings(session: AsyncSession, vendor_id: UUID, version: str) -> int:
    """Move the bookings of a vendor to the instants of their wall times. Returns how many moved.

    All resources of the vendor are locked in the order of their ids, then the bookings. All claims
    that move are deleted before the first one is inserted, so that bookings which move together do
    not collide. A second call moves nothing.
    """
    if not await _find_shifted(session, vendor_id):
        return 0
    locked = select(Resource).where(Resource.vendor_id == vendor_id).order_by(col(Resource.id))
    resources = (await session.exec(for_change(locked))).all()
    bookings = await _find_shifted(session, vendor_id, lock=True)
    meetings = await _lock_meetings(session, bookings)
    owners = [one.id for one in (*bookings, *meetings.values())]
    claims = await _take_away(session, owners)
    collided = await _move_meetings(session, bookings, meetings, claims)
    for booking in bookings:
        await _move(session, booking, claims.get(booking.id, ()), version, collided)
    for resource in resources:
        await cover_blocks(session, resource)
    return len(bookings)


async def _find_shifted(
    session: AsyncSession, vendor_id: UUID, *, lock: bool = False
) -> list[Booking]:
    rows = (
        select(Booking)
        .where(
            Booking.vendor_id == vendor_id,
            col(Booking.state).in_(OCCUPYING),
            Booking.starts_at > now(),
        )
        .order_by(col(Booking.id))
    )
    found = (await session.exec(for_change(rows) if lock else rows)).all()
    return [one for one in found if shift_of(one)]


async def _lock_meetings(
    session: AsyncSession, bookings: Sequence[Booking]
) -> dict[UUID, ClassMeeting]:
    ids = {one.meeting_id for one in bookings if one.meeting_id is not None}
    rows = select(ClassMeeting).where(col(ClassMeeting.id).in_(ids)).order_by(col(ClassMeeting.id))
    return {one.id: one for one in (await session.exec(for_change(rows))).all()}


async def _take_away(session: AsyncSession, owners: Sequence[UUID]) -> dict[UUID, list[Claim]]:
    """Delete the claims of bookings and meetings, and return them by their owner."""
    owned = col(Claim.booking_id).in_(owners) | col(Claim.meeting_id).in_(owners)
    found: dict[UUID, list[Claim]] = {}
    for claim in (await session.exec(select(Claim).where(owned))).all():
        session.expunge(claim)
        owner = claim.booking_id or claim.meeting_id
        if owner is not None:
            found.setdefault(owner, []).append(claim)
    await session.exec(delete(Claim).where(owned))
    return found


async def _move_meetings(
    session: AsyncSession,
    bookings: Sequence[Booking],
    meetings: dict[UUID, ClassMeeting],
    claims: dict[UUID, list[Claim]],
) -> set[UUID]:
    """Move meetings with the bookings of them. Returns those that collide."""
    shifts = {one.meeting_id: shift_of(one) for one in bookings if one.meeting_id is not None}
    collided = set()
    for id, meeting in meetings.items():
        meeting.starts_at += shifts[id]
        meeting.ends_at += shifts[id]
        if not await _claim_again(session, claims.get(id, ()), shifts[id]):
            collided.add(id)
    return collided


async def _move(
    session: AsyncSession,
    booking: Booking,
    claims: Claims,
    version: str,
    collided_meetings: set[UUID],
) -> None:
    derived, former = derive_start(booking), booking.starts_at
    shift = derived.starts_at - former
    booking.starts_at, booking.ends_at = derived.starts_at, booking.ends_at + shift
    has_its_time = await _claim_again(session, claims, shift)
    if booking.meeting_id in collided_meetings:
        has_its_time = False
    outcome = ShiftOutcome.MOVED if has_its_time else ShiftOutcome.COLLIDED
    if has_its_time and derived.skipped:
        outcome = ShiftOutcome.SKIPPED
    session.add(
        BookingShift(
            id=new_id(),
            booking_id=booking.id,
            vendor_id=booking.vendor_id,
            version=version,
            from_starts_at=former,
            starts_at=booking.starts_at,
            outcome=outcome,
        )
    )
    await session.flush()
    await plan_reminders(session, booking)
    announce(session, booking, former=former)
    if outcome is not ShiftOutcome.MOVED:
        await notify_members(
            session,
            booking.vendor_id,
            Permission.EDIT_BOOKINGS,
            NotificationKind.BOOKINGS_COLLIDE,
            booking.vendor_id,
            number=_number(version),
        )


async def _claim_again(session: AsyncSession, claims: Claims, shift: timedelta) -> bool:
    """Claim what was claimed at the new time, in the same lane or another one that is free.

    Returns whether all was free.
    """
    return all([await _claim_one(session, one, shift) for one in claims])


async def _claim_one(session: AsyncSession, claim: Claim, shift: timedelta) -> bool:
    span = Span(claim.blocked_from + shift, claim.blocked_until + shift)
    owner = {"booking_id": claim.booking_id, "meeting_id": claim.meeting_id}
    place = FreeLane(claim.resource_id, claim.lane)
    if not await take_claims(session, span, [place], **owner, expires_at=claim.expires_at):
        return True
    others = await find_places(session, span, [claim.resource_id])
    if not others:
        return False
    return not await take_claims(session, span, others, **owner, expires_at=claim.expires_at)


def _number(version: str) -> int:
    """Return a number of a version, such as 202603 of `2026c`, for one notice of each."""
    year, letter = version[:4], version[4:5]
    if not year.isdecimal() or not letter.isascii() or not letter.isalpha():
        return 0
    return int(year) * 100 + ord(letter.lower()) - ord("a") + 1
