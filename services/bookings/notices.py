"""Notices about bookings, to their customers and to the members who edit bookings."""

from collections.abc import Sequence

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.bookings.bookings import Booking
from models.identity.accounts import User
from models.members import Permission
from models.notifications.inbox import Notification, NotificationKind
from services import jobs
from services.notifications import inbox
from services.notifications.inbox import Notice
from services.vendors.member_notices import find_notices


async def notify_customer(session: AsyncSession, booking: Booking, kind: NotificationKind) -> None:
    """Notify the customer, once for each revision. Guests get a mail, if an address is known."""
    await inbox.notify_all(session, await _to_customer(session, booking, kind))


async def notify_members_of(
    session: AsyncSession, booking: Booking, kind: NotificationKind
) -> None:
    """Notify the members who edit bookings of the vendor, once for each revision."""
    await inbox.notify_all(session, await _to_members(session, booking, kind))


async def notify_parties(
    session: AsyncSession,
    booking: Booking,
    *,
    customer: NotificationKind,
    members: NotificationKind,
) -> None:
    """Notify the customer and the members. Inboxes are locked in one order.

    A member who is the customer gets one notification of a kind.
    """
    to_customer = await _to_customer(session, booking, customer)
    to_members = await _to_members(session, booking, members)
    await inbox.notify_all(session, list(dict.fromkeys([*to_customer, *to_members])))


async def notify_of_own_act(
    session: AsyncSession, booking: Booking, kind: NotificationKind
) -> None:
    """Notify the members of what the customer did, and confirm it to the customer.

    The mail to the customer lets their calendar follow. One that was never confirmed is in none.
    """
    if booking.confirmed_at is None:
        await notify_members_of(session, booking, kind)
    else:
        await notify_parties(session, booking, customer=kind, members=kind)


async def _to_customer(
    session: AsyncSession, booking: Booking, kind: NotificationKind
) -> Sequence[Notice]:
    """Return the notice to the customer. Erased accounts and who knows get none, guests a mail."""
    if booking.guest_email is not None:
        await jobs.defer(
            session, "mail_guest", booking_id=booking.id, kind=kind, revision=booking.revision
        )
    if booking.user_id is None:
        return []
    notice = Notice(booking.user_id, kind, booking.id, booking.revision)
    known = select(Notification.id).where(
        Notification.user_id == notice.user_id,
        Notification.kind == kind,
        Notification.subject_id == notice.subject_id,
        Notification.up_to_sequence == notice.up_to_sequence,
    )
    user = await session.get_one(User, booking.user_id)
    return [] if user.is_erased or (await session.exec(known)).first() else [notice]


async def _to_members(
    session: AsyncSession, booking: Booking, kind: NotificationKind
) -> Sequence[Notice]:
    return await find_notices(
        session,
        booking.vendor_id,
        Permission.EDIT_BOOKINGS,
        kind,
        booking.id,
        number=booking.revision,
    )
