"""Holding the times of a visit: for several pets, of several services, all or none."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from models.bookings.bookings import Booking
from models.bookings.drafts import VisitDraft
from models.errors import InvalidInput
from services import idempotency
from services.bookings.holding.holding import hold_time
from services.bookings.holding.opening import OpenService, lock_user
from services.bookings.together.access import lock_what_they_take, rely_on_services
from services.bookings.together.parts import part
from services.pets.choosing import ensure_pet
from services.viewer import Viewer


async def hold_visit(
    session: AsyncSession, viewer: Viewer, draft: VisitDraft, *, idempotency_key: str
) -> Sequence[Booking]:
    """Hold all times of a visit for ten minutes, or none, once per idempotency key.

    Locks are taken as by `hold_booking`, the resources of all services in one statement. Each
    booking takes its time before the next one is looked for. Raises as `hold_booking`, with the
    number of the time, and `InvalidInput` for services of several vendors.
    """
    user_id, visit_id = viewer.require_user(), new_id()
    claimed = await idempotency.claim(
        session, viewer, "holdVisit", idempotency_key, visit_id, draft=draft.model_dump()
    )
    own = select(Booking).where(Booking.user_id == user_id)
    visit = own.where(Booking.visit_id == (claimed.replayed or visit_id))
    if not claimed.replayed:
        await lock_user(session, user_id)
        await _hold_all(session, viewer, draft, visit_id=visit_id)
    return (await session.exec(visit.order_by(col(Booking.starts_at), col(Booking.id)))).all()


async def _hold_all(
    session: AsyncSession, viewer: Viewer, draft: VisitDraft, *, visit_id: UUID
) -> None:
    user_id = viewer.require_user()
    services = await rely_on_services(session, {one.service_id for one in draft.times})
    _ensure_of_one_vendor(services.values())
    for number, time in enumerate(draft.times):
        service = services[time.service_id].service
        with part("times", number):
            service.ensure_bookable()
            service.ensure_choosable(time.staff_id)
            await ensure_pet(session, user_id, time.pet_id, service)
    opened = await lock_what_they_take(session, services)
    for number, time in enumerate(draft.times):
        with part("times", number):
            await hold_time(
                session,
                user_id,
                services[time.service_id],
                opened.resources[time.service_id],
                time,
                booking_id=new_id(),
                visit_id=visit_id,
            )


def _ensure_of_one_vendor(services: Iterable[OpenService]) -> None:
    if len({one.service.vendor_id for one in services}) > 1:
        raise InvalidInput("A visit is at one business. Book the others apart.", field=["times"])
