"""Reminders that are due: sent once, for the revision and the state that they were planned for."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid5

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_reliance
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from gateways.mail import MailMessage
from models.bookings.bookings import Booking, BookingState
from models.bookings.setting_up.reminders import reminder_number
from models.bookings.setting_up.services import Service
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.vendors import Vendor
from services import jobs
from services.bookings.guests import open_guest
from services.bookings.reminding.links import link_to
from services.bookings.reminding.rules import find_reminders
from services.bookings.reminding.texts import compose_reminder
from services.notifications import inbox
from services.notifications.finishing import sign_page_link

KIND = NotificationKind.BOOKING_REMINDER
EARLIEST = timedelta(minutes=1)  # by which a job may be early


@dataclass(frozen=True)
class PlannedReminder:
    """A reminder of a booking at a revision, so many minutes before its start."""

    booking_id: UUID
    revision: int
    minutes: int

    @property
    def number(self) -> int:
        return reminder_number(self.revision, self.minutes)


async def remind(
    session: AsyncSession,
    sealer: Sealer,
    keys: SigningKeys,
    public_url: str,
    planned: PlannedReminder,
) -> MailMessage | None:
    """Notify the customer once. Returns the mail to a guest, who has no account.

    The booking cannot change until the commit. Nothing happens if it was moved, cancelled or has
    begun, if the customer has arrived, or if the vendor does not want this reminder any more.
    """
    rows = for_reliance(select(Booking).where(Booking.id == planned.booking_id))
    booking = (await session.exec(rows)).one()
    if not await _is_wanted(session, booking, planned):
        return None
    due_at = booking.starts_at - timedelta(minutes=planned.minutes)
    if now() < due_at - EARLIEST:  # its time zone has other rules than when it was planned
        await jobs.defer(
            session,
            "remind_of_booking",
            at=due_at,
            booking_id=planned.booking_id,
            revision=planned.revision,
            minutes=planned.minutes,
        )
        return None
    if booking.user_id is None:
        return await _compose_for_guest(session, sealer, keys, public_url, booking, planned)
    await _notify(session, booking.user_id, planned)
    return None


async def _is_wanted(session: AsyncSession, booking: Booking, planned: PlannedReminder) -> bool:
    if booking.state is not BookingState.CONFIRMED or booking.revision != planned.revision:
        return False
    if booking.arrived_at is not None or booking.starts_at <= now():
        return False
    found = await find_reminders(session, booking.vendor_id, booking.service_id)
    return planned.minutes in found.minutes


async def _notify(session: AsyncSession, user_id: UUID, planned: PlannedReminder) -> None:
    """Notify a user by push and mail at once, unless another job has."""
    await inbox.lock_inbox(session, user_id)
    known = select(Notification.id).where(
        Notification.user_id == user_id,
        Notification.kind == KIND,
        Notification.subject_id == planned.booking_id,
        Notification.up_to_sequence == planned.number,
    )
    user = await session.get_one(User, user_id)
    if user.is_erased or (await session.exec(known)).first() is not None:
        return
    await inbox.notify(
        session,
        user_id,
        KIND,
        planned.booking_id,
        up_to_sequence=planned.number,
        deliver_after=timedelta(),
    )


async def _compose_for_guest(
    session: AsyncSession,
    sealer: Sealer,
    keys: SigningKeys,
    public_url: str,
    booking: Booking,
    planned: PlannedReminder,
) -> MailMessage | None:
    """Return a mail whose Message-ID is that of its repetition, in the vendor's language."""
    email = open_guest(sealer, booking, "guest_email")
    if email is None:
        return None
    service = await session.get_one(Service, booking.service_id)
    vendor = await session.get_one(Vendor, booking.vendor_id)
    text = compose_reminder(booking, service, vendor, vendor.locale, None)
    link = sign_page_link(keys, public_url, link_to(booking))
    return MailMessage(
        id=uuid5(booking.id, str(planned.number)),
        to=email,
        subject=text.mail_subject,
        body=f"{text.mail_body}{link}\n",
    )
