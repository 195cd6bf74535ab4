"""Moving a visit: all of its bookings in one step, or none."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from models.bookings.bookings import Booking
from models.bookings.drafts import VisitMoveDraft
from models.errors import InvalidInput
from services import idempotency
from services.bookings.holding.access import access_booking
from services.bookings.holding.ending import free_times
from services.bookings.holding.retaking import resources_of
from services.bookings.moving import MOVABLE, ensure_movable, move_to
from services.bookings.ordering.refunding import lock_orders_of
from services.bookings.together.access import (
    bookings_of,
    lock_in_orders,
    lock_what_they_take,
    rely_on_services,
)
from services.viewer import Viewer


async def reschedule_visit(
    session: AsyncSession, viewer: Viewer, draft: VisitMoveDraft, *, idempotency_key: str
) -> Sequence[Booking]:
    """Move all bookings of a visit that can move, or none, once per idempotency key.

    All give their times back before the first takes its new one, so they can change places. Raises
    as `reschedule_booking`, and `InvalidInput` unless the moves are of all of them.
    """
    claimed = await idempotency.claim(
        session, viewer, "rescheduleVisit", idempotency_key, draft=draft.model_dump()
    )
    moves = {one.booking_id: one for one in draft.moves}
    party = await access_booking(session, viewer, draft.moves[0].booking_id)
    found = await bookings_of(session, party.booking)
    if claimed.replayed:
        return found
    movable = [one for one in found if one.state in MOVABLE]
    if len(moves) < len(draft.moves) or {one.id for one in movable} != moves.keys():
        raise InvalidInput("Move all bookings of the visit.", field=["moves"])
    services = await rely_on_services(session, {one.service_id for one in movable})
    if not party.is_vendor:
        for one in movable:
            services[one.service_id].service.ensure_choosable(moves[one.id].staff_id)
    orders = await lock_orders_of(session, movable)
    former = {id for one in movable for id in await resources_of(session, one.id)}
    opened = await lock_what_they_take(session, services, former)
    locked = await lock_in_orders(session, movable, orders)
    for ordered in locked:
        booking = ordered.booking
        service, revision = services[booking.service_id].service, moves[booking.id].revision
        ensure_movable(service, booking, revision, by_vendor=party.is_vendor)
    await free_times(session, [ordered.booking for ordered in locked])
    for ordered in sorted(locked, key=lambda ordered: moves[ordered.booking.id].starts_at):
        service_id = ordered.booking.service_id
        await move_to(
            session,
            viewer,
            services[service_id],
            opened.resources[service_id],
            ordered,
            moves[ordered.booking.id],
            by_vendor=party.is_vendor,
        )
    await idempotency.record_result(session, claimed, draft.moves[0].booking_id)
    return sorted(found, key=lambda one: (one.starts_at, one.id))
