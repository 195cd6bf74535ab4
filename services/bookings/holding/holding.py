"""Holding a time of a service for ten minutes, so that it can be confirmed or ordered."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from core.ids import new_id
from core.statements.inserts import insert_new, insert_values
from core.statements.units import UnitOfWork, connection_of
from core.wall import wall
from models.bookings.bookings import (
    HOLD_MINUTES,
    MAX_HOLD_MINUTES,
    Booking,
    BookingHoldExpired,
    BookingSource,
    BookingState,
    CancelledBy,
)
from models.bookings.drafts import BookingDraft
from models.bookings.moves import BookingResource
from models.bookings.setting_up.resources import Resource
from services import idempotency, jobs
from services.bookings.announcing import announce
from services.bookings.holding.access import lock_own_booking
from services.bookings.holding.ending import end_bookings
from services.bookings.holding.opening import (
    BookingTerms,
    OpenService,
    ensure_below_limit,
    find_terms,
    lock_resources,
    lock_user,
    rely_on_service,
)
from services.bookings.holding.times import ChosenTime, WantedTime, choose_time, take_time
from services.pets.choosing import ensure_pet
from services.viewer import Viewer


async def hold_booking(
    unit: UnitOfWork, viewer: Viewer, draft: BookingDraft, *, idempotency_key: str
) -> Booking:
    """Hold a time for ten minutes, once per idempotency key.

    Locks are taken in the order of the user, the vendor and its service, the resources by id, then
    expired bookings and meetings. Raises `NotFound`, `InvalidServiceState`, `InvalidInput`,
    `BookingLimit`, `HeldBookingLimit`, `SlotNotOffered`, `SlotTaken`, `MeetingFull` and
    `ClassBooked`, and as `ensure_pet`.
    """
    user_id, booking_id = viewer.require_user(), new_id()
    claimed = await idempotency.claim(
        unit, viewer, "holdBooking", idempotency_key, booking_id, draft=draft.model_dump()
    )
    if claimed.replayed:
        return await lock_own_booking(unit, viewer, claimed.replayed)
    await lock_user(unit, user_id)
    opened = await rely_on_service(unit, draft.service_id)
    service = opened.service
    service.ensure_bookable()
    service.ensure_choosable(draft.staff_id)
    await ensure_pet(unit, user_id, draft.pet_id, service)
    resources = await lock_resources(unit, service, staff_id=draft.staff_id)
    return await hold_time(unit, user_id, opened, resources, draft, booking_id=booking_id)


async def hold_time(
    unit: UnitOfWork,
    user_id: UUID,
    opened: OpenService,
    resources: Mapping[UUID, Resource],
    draft: BookingDraft,
    *,
    booking_id: UUID,
    visit_id: UUID | None = None,
) -> Booking:
    """Hold a time of a service for a user. All that it can take is locked, and the user is.

    Raises as `hold_booking`. Those that are held together share the `visit_id`.
    """
    service = opened.service
    unreliable = await ensure_below_limit(unit, user_id, opened)
    wanted = WantedTime(booking_id, draft.starts_at, draft.staff_id)
    chosen = await choose_time(unit, opened, resources, wanted)
    expires_at = opened.moment + timedelta(minutes=HOLD_MINUTES)
    booking = await insert_booking(
        unit,
        opened,
        chosen,
        await find_terms(unit, service),
        booking_id=booking_id,
        user_id=user_id,
        expires_at=expires_at,
        hard_until=opened.moment + timedelta(minutes=MAX_HOLD_MINUTES),
        due_online=service.due_online_of(chosen.price, unreliable=unreliable),
        pet_id=draft.pet_id,
        note=draft.note,
        visit_id=visit_id,
    )
    await take_time(unit, service, booking_id, chosen, expires_at)
    await jobs.defer(unit, "end_booking_hold", at=expires_at, booking_id=booking_id)
    announce(unit, booking)
    return booking


async def release_booking(unit: UnitOfWork, viewer: Viewer, *, booking_id: UUID) -> Booking:
    """Give the time of a held booking back. One that has ended stays as it is.

    Raises `BookingHoldExpired` for one that was confirmed, is to be answered, or is in an order.
    """
    booking = await lock_own_booking(unit, viewer, booking_id)
    if booking.state is BookingState.HELD:
        by = CancelledBy.CUSTOMER
        await end_bookings(unit, [booking], BookingState.CANCELLED, by=by)
        return await lock_own_booking(unit, viewer, booking_id)
    if booking.occupies:
        raise BookingHoldExpired
    return booking


async def insert_booking(
    unit: UnitOfWork,
    opened: OpenService,
    chosen: ChosenTime,
    terms: BookingTerms,
    *,
    booking_id: UUID,
    user_id: UUID | None,
    expires_at: datetime | None,
    hard_until: datetime | None,
    due_online: int,
    source: BookingSource = BookingSource.ONLINE,
    pet_id: UUID | None = None,
    note: str | None = None,
    **values: object,
) -> Booking:
    """Insert a booking and the resources that it uses. Its claims refer to it, so they come after.

    `values` are columns that only some bookings have, such as their series.
    """
    connection = await connection_of(unit)
    local = wall(chosen.starts_at, chosen.zone)
    given = {
        "id": booking_id,
        "created_at": opened.moment,
        "user_id": user_id,
        "vendor_id": opened.service.vendor_id,
        "service_id": opened.service.id,
        "staff_id": chosen.staff_id,
        "meeting_id": chosen.meeting_id,
        "pet_id": pet_id,
        "starts_at": chosen.starts_at,
        "ends_at": chosen.ends_at,
        "local_start": local.replace(fold=0),
        "fold": local.fold,
        "time_zone": chosen.zone,
        "source": source,
        "expires_at": expires_at,
        "hard_until": hard_until,
        "currency": opened.service.currency,
        "price": chosen.price,
        "due_online": due_online,
        "refund_tiers": [list(tier) for tier in terms.tiers],
        "no_show_bps": terms.no_show_bps,
        "moves_left": terms.moves,
        "move_minutes": terms.move_minutes,
        "note": note,
    }
    booking = await insert_new(connection, Booking, **given | values)
    await write_resources(unit, booking_id, chosen)
    return booking


async def write_resources(unit: UnitOfWork, booking_id: UUID, chosen: ChosenTime) -> None:
    """Write which resources a booking uses. They stay when its claims are gone."""
    used = [
        {"booking_id": booking_id, "resource_id": resource_id}
        for resource_id in chosen.resource_ids
    ]
    await insert_values(await connection_of(unit), BookingResource, used)
