"""Moving a visit: all of its bookings in one step, or none."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.bookings.bookings import Booking
from models.bookings.drafts import VisitBookingMoveDraft, VisitMoveDraft
from models.errors import InvalidInput
from services import idempotency
from services.bookings.holding.access import access_booking
from services.bookings.holding.ending import free_times
from services.bookings.holding.retaking import resources_of
from services.bookings.moving import MOVABLE, ensure_movable, move_to
from services.bookings.ordering.refunding import OrderedBooking, lock_orders_of
from services.bookings.together.access import (
    OpenServices,
    bookings_of,
    lock_in_orders,
    lock_what_they_take,
    rely_on_services,
)
from services.bookings.together.parts import part
from services.viewer import Viewer


async def reschedule_visit(
    session: AsyncSession, viewer: Viewer, draft: VisitMoveDraft, *, idempotency_key: str
) -> Sequence[Booking]:
    """Move all bookings of a visit that can move, or none, once per idempotency key.

    All give their times back before the first takes its new one, so they can change places. One
    that has its time already stays as it is, and keeps its moves. Raises as `reschedule_booking`,
    with the number of the move, and `InvalidInput` unless the moves are of all of them.
    """
    claimed = await idempotency.claim(
        session, viewer, "rescheduleVisit", idempotency_key, draft=draft.model_dump()
    )
    party = await access_booking(session, viewer, draft.moves[0].booking_id)
    found = await bookings_of(session, party.booking)
    if claimed.replayed:
        return found
    opened, locked = await _lock_all(session, _find_movable(found, draft))
    moves = {one.booking_id: (number, one) for number, one in enumerate(draft.moves)}
    moving: list[tuple[int, VisitBookingMoveDraft, OrderedBooking]] = []
    for ordered in locked:
        booking, (number, move) = ordered.booking, moves[ordered.booking.id]
        with part("moves", number):
            _ensure_movable(opened, booking, move, by_vendor=party.is_vendor)
        if not move.is_where(booking):
            moving.append((number, move, ordered))
    await free_times(session, [ordered.booking for _, _, ordered in moving])
    for number, move, ordered in sorted(moving, key=lambda one: one[1].starts_at):
        service_id = ordered.booking.service_id
        service, resources = opened.services[service_id], opened.resources[service_id]
        with part("moves", number):
            await move_to(
                session, viewer, service, resources, ordered, move, by_vendor=party.is_vendor
            )
    await idempotency.record_result(session, claimed, draft.moves[0].booking_id)
    return sorted(found, key=lambda one: (one.starts_at, one.id))


def _find_movable(bookings: Sequence[Booking], draft: VisitMoveDraft) -> list[Booking]:
    """Return the bookings of a visit that can move. Raises `InvalidInput` for other moves."""
    movable = [one for one in bookings if one.state in MOVABLE]
    if sorted(one.booking_id for one in draft.moves) != sorted(one.id for one in movable):
        raise InvalidInput("Move all bookings of the visit.", field=["moves"])
    return movable


async def _lock_all(
    session: AsyncSession, bookings: Sequence[Booking]
) -> tuple[OpenServices, Sequence[OrderedBooking]]:
    """Lock the services, orders and resources of bookings, then the bookings, in this order."""
    services = await rely_on_services(session, {one.service_id for one in bookings})
    orders = await lock_orders_of(session, bookings)
    former: dict[UUID, set[UUID]] = defaultdict(set)
    for one in bookings:
        former[one.service_id].update(await resources_of(session, one.id))
    opened = await lock_what_they_take(session, services, former)
    return opened, await lock_in_orders(session, bookings, orders)


def _ensure_movable(
    opened: OpenServices, booking: Booking, move: VisitBookingMoveDraft, *, by_vendor: bool
) -> None:
    service = opened.services[booking.service_id].service
    if not by_vendor:
        service.ensure_choosable(move.staff_id)
    ensure_movable(service, booking, move.revision, by_vendor=by_vendor)
