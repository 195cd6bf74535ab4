"""Bookings that are moved to another time. They keep their id, and count their revisions."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.statements.inserts import insert_row
from core.statements.units import connection_of
from core.wall import wall
from models.audit import AuditAct
from models.bookings.bookings import Booking, BookingState, InvalidBookingState
from models.bookings.drafts import MoveDraft, MoveNeedsApproval, MoveTooLate
from models.bookings.moves import BookingMove, BookingResource
from models.bookings.paid import moved_price
from models.bookings.setting_up.resources import Resource
from models.bookings.setting_up.services import Service
from models.notifications.inbox import NotificationKind
from models.orders.timeline import OrderActor
from services import idempotency
from services.audit import entries as audit
from services.bookings.announcing import announce
from services.bookings.holding.access import Party, access_booking, lock_booking
from services.bookings.holding.ending import free_times
from services.bookings.holding.holding import write_resources
from services.bookings.holding.opening import OpenService, lock_resources, rely_on_service
from services.bookings.holding.retaking import resources_of
from services.bookings.holding.times import ChosenTime, WantedTime, choose_time, take_time
from services.bookings.notices import notify_customer, notify_of_own_act
from services.bookings.ordering.refunding import (
    OrderedBooking,
    ensure_in_orders,
    lock_orders_of,
    refund_cheaper,
    return_surplus_of,
)
from services.bookings.reminding.planning import plan_reminders
from services.viewer import Viewer

MOVABLE = {BookingState.REQUESTED, BookingState.CONFIRMED}


async def reschedule_booking(
    session: AsyncSession,
    viewer: Viewer,
    draft: MoveDraft,
    *,
    booking_id: UUID,
    idempotency_key: str,
) -> Booking:
    """Move a booking to another time, once per idempotency key. The same staff do it if they can.

    The resources that it has and those that it may get are locked by id, then the booking. Its own
    claims are deleted before the engine is asked, so it can overlap its former time; a refusal
    brings them back. A dearer time adds to what is paid at the visit; what was paid beyond the
    price of a cheaper one is refunded. Customers whom cancelling would cost pay no less than they
    have. A customer's booking that has this time already stays as it is, and keeps its moves.

    Raises `BookingChanged` for another revision, `MoveTooLate`, `MoveNeedsApproval`,
    `InvalidBookingState`, `InvalidInput`, `SlotNotOffered`, `SlotTaken`, `MeetingFull` and
    `ClassBooked`.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "rescheduleBooking",
        idempotency_key,
        booking_id=booking_id,
        draft=draft.model_dump(),
    )
    party = await access_booking(session, viewer, booking_id)
    if claimed.replayed:
        return party.booking
    opened = await rely_on_service(session, party.booking.service_id)
    if not party.is_vendor:
        opened.service.ensure_choosable(draft.staff_id)
    orders = await lock_orders_of(session, [party.booking])
    resources = await lock_resources(
        session,
        opened.service,
        staff_id=draft.staff_id,
        also=await resources_of(session, booking_id),
    )
    booking = await lock_booking(session, booking_id)
    ensure_in_orders(booking, orders)
    ensure_movable(opened.service, booking, draft.revision, by_vendor=party.is_vendor)
    if not party.is_vendor and draft.is_where(booking):
        await idempotency.record_result(session, claimed, booking_id)
        return booking
    await free_times(session, [booking])
    locked = OrderedBooking(booking, orders)
    await move_to(session, viewer, opened, resources, locked, draft, by_vendor=party.is_vendor)
    await idempotency.record_result(session, claimed, booking_id)
    return booking


async def move_to(
    session: AsyncSession,
    viewer: Viewer,
    opened: OpenService,
    resources: Mapping[UUID, Resource],
    locked: OrderedBooking,
    draft: MoveDraft,
    *,
    by_vendor: bool,
) -> None:
    """Move a booking that is locked and has given its time back. All that it can take is locked."""
    booking = locked.booking
    wanted = WantedTime(
        booking.id, draft.starts_at, draft.staff_id, former_staff_id=booking.staff_id, moves=True
    )
    chosen = await choose_time(session, opened, resources, wanted)
    booking.cut_answer_time(chosen.starts_at)
    await take_time(session, opened.service, booking.id, chosen, booking.expires_at)
    await return_surplus_of(session, locked)
    former = booking.price
    await _write(session, viewer, Party(booking, by_vendor), chosen)
    actor = OrderActor.VENDOR if by_vendor else OrderActor.BUYER
    await refund_cheaper(session, locked, former, actor=actor, viewer=viewer)


def ensure_movable(service: Service, booking: Booking, revision: int, *, by_vendor: bool) -> None:
    """Raise the refusal of a move. The terms and the approval bind customers alone."""
    moment = now()
    booking.ensure_revision(revision)
    if booking.state not in MOVABLE or booking.is_expired(moment):
        raise InvalidBookingState
    if by_vendor:
        return
    too_late = booking.starts_at - timedelta(minutes=booking.move_minutes) <= moment
    if too_late or booking.moves_left == 0:
        raise MoveTooLate
    if booking.confirmed_at is not None and service.binds_moves:
        raise MoveNeedsApproval


async def _write(session: AsyncSession, viewer: Viewer, party: Party, chosen: ChosenTime) -> None:
    """Write the new time of a booking, and keep the former one as a move."""
    booking = party.booking
    if not party.is_vendor and booking.confirmed_at is not None:
        booking.refund_cap_bps = booking.refund_bps(now())  # a move never improves the terms
    former, former_staff_id = booking.starts_at, booking.staff_id
    local = wall(chosen.starts_at, chosen.zone)
    booking.starts_at, booking.ends_at = chosen.starts_at, chosen.ends_at
    booking.local_start, booking.fold = local.replace(fold=0), local.fold
    booking.time_zone = chosen.zone
    booking.staff_id, booking.meeting_id = chosen.staff_id, chosen.meeting_id
    price = chosen.price if party.is_vendor else moved_price(booking, chosen.price)
    booking.price = price
    booking.due_online = min(booking.due_online, price)
    booking.due_balance = min(booking.due_balance, price - booking.due_online)
    booking.revision += 1
    if not party.is_vendor:
        booking.moves_left -= 1
    await session.flush()
    move = BookingMove(
        booking_id=booking.id,
        revision=booking.revision,
        moved_by_id=viewer.user_id,
        by_vendor=party.is_vendor,
        from_starts_at=former,
        from_staff_id=former_staff_id,
        starts_at=chosen.starts_at,
        staff_id=chosen.staff_id,
    )
    await insert_row(await connection_of(session), move)
    of_booking = col(BookingResource.booking_id) == booking.id
    await session.exec(delete(BookingResource).where(of_booking))
    await write_resources(session, booking.id, chosen)
    await plan_reminders(session, booking)
    announce(session, booking, former=former)
    if party.is_vendor:
        audit.append(session, viewer, AuditAct.MOVE_BOOKING, subject_id=booking.id)
        await notify_customer(session, booking, NotificationKind.BOOKING_MOVED)
    else:
        await notify_of_own_act(session, booking, NotificationKind.BOOKING_MOVED)
