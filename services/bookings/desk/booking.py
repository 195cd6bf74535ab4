"""Times that members book for customers at the desk."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from core.security.sealed import Sealer
from models.audit import AuditAct
from models.bookings.bookings import HOLD_MINUTES, Booking, BookingSource
from models.bookings.setting_up.services import Service
from models.bookings.visits.desk import DeskDraft
from models.errors import InvalidInput, NotFound
from models.identity.accounts import User
from models.members import Permission
from models.notifications.inbox import NotificationKind
from services import idempotency
from services.audit import entries as audit
from services.bookings.guests import seal_guest
from services.bookings.holding.access import lock_customers_booking
from services.bookings.holding.confirming import confirm_row
from services.bookings.holding.holding import insert_booking
from services.bookings.holding.opening import find_terms, lock_resources, rely_on_service
from services.bookings.holding.times import WantedTime, choose_time, take_time
from services.bookings.notices import notify_customer
from services.identity.visibility import visible_users
from services.pets.access import ensure_seen_at
from services.pets.choosing import ensure_pet
from services.vendors.access import access_vendor
from services.viewer import Viewer


async def book_at_desk(
    session: AsyncSession,
    viewer: Viewer,
    sealer: Sealer,
    draft: DeskDraft,
    *,
    idempotency_key: str,
) -> Booking:
    """Book a time for a customer, once per idempotency key. It is confirmed at once.

    What is due is paid at the visit, and the limit of a customer's bookings does not count.
    Outside the hours, nothing but a claim closes a time. Raises `NotFound`, also for a user or a
    pet that the member does not see, `InvalidInput`, `InvalidServiceState`, `PetArchived`,
    `PetNotTaken`, `SlotNotOffered`, `SlotTaken`, `MeetingFull` and `ClassBooked`.
    """
    booking_id = new_id()
    claimed = await idempotency.claim(
        session, viewer, "bookAtDesk", idempotency_key, booking_id, draft=draft.model_dump()
    )
    if claimed.replayed:
        return await lock_customers_booking(session, viewer, claimed.replayed)
    await _access_desk(session, viewer, draft)
    opened = await rely_on_service(session, draft.service_id)
    if not draft.allow_outside_hours:
        opened.service.ensure_bookable()
    await _ensure_pet(session, draft, opened.service)
    resources = await lock_resources(session, opened.service, staff_id=draft.staff_id)
    wanted = WantedTime(
        booking_id, draft.starts_at, draft.staff_id, anytime=draft.allow_outside_hours
    )
    chosen = await choose_time(session, opened, resources, wanted)
    expires_at = opened.moment + timedelta(minutes=HOLD_MINUTES)
    await insert_booking(
        session,
        opened,
        chosen,
        await find_terms(session, opened.service),
        booking_id=booking_id,
        user_id=draft.user_id,
        expires_at=expires_at,
        hard_until=expires_at,
        due_online=0,
        source=BookingSource.DESK,
        pet_id=draft.pet_id,
        note=draft.note,
        **({} if draft.guest is None else seal_guest(sealer, booking_id, draft.guest)),
    )
    await take_time(session, opened.service, booking_id, chosen, expires_at)
    booking = await session.get_one(Booking, booking_id)
    await confirm_row(session, booking)
    audit.append(session, viewer, AuditAct.BOOK_AT_DESK, subject_id=booking_id)
    await notify_customer(session, booking, NotificationKind.BOOKING_CONFIRMED)
    return booking


async def _access_desk(session: AsyncSession, viewer: Viewer, draft: DeskDraft) -> None:
    """Raise unless the viewer books for customers of the service's vendor, and sees this one."""
    viewer.require_user()
    rows = select(Service.vendor_id).where(Service.id == draft.service_id)
    vendor_id = (await session.exec(rows)).first()
    if vendor_id is None:
        raise NotFound
    await access_vendor(session, viewer, vendor_id, Permission.EDIT_BOOKINGS)
    if (draft.user_id is None) == (draft.guest is None):
        raise InvalidInput("Choose a user or enter a guest, not both.", field=["customer"])
    if draft.user_id is not None:
        await _ensure_customer(session, viewer, draft.user_id)


async def _ensure_customer(session: AsyncSession, viewer: Viewer, user_id: UUID) -> None:
    rows = visible_users(viewer).where(User.id == user_id)
    user = (await session.exec(rows)).first()
    if user is None or user.is_erased:
        raise NotFound(field=["customer", "userId"])


async def _ensure_pet(session: AsyncSession, draft: DeskDraft, service: Service) -> None:
    """Raise unless the vendor sees the pet, and the service takes it. The desk can do without."""
    if draft.pet_id is not None:
        await ensure_seen_at(session, pet_id=draft.pet_id, vendor_id=service.vendor_id)
        await ensure_pet(session, draft.user_id, draft.pet_id, service)
