"""Telling users what happened, once."""

from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from gateways.mail import Mail
from models.base import localized
from models.identity import User
from models.notifications import Notification, NotificationKind
from models.offers import Offer
from models.redemptions import Voucher
from models.vendors import Vendor
from services import jobs


async def notify(
    session: AsyncSession, user_id: UUID, kind: NotificationKind, subject_id: UUID
) -> None:
    notification = Notification(user_id=user_id, kind=kind, subject_id=subject_id)
    session.add(notification)
    await jobs.defer(session, "mail_notification", notification_id=notification.id)


async def compose_mail(session: AsyncSession, notification_id: UUID) -> Mail | None:
    """What to send, or None when it has been sent. The notification's id makes the mail's own."""
    notification = await session.get_one(Notification, notification_id)
    if notification.mailed_at is not None:
        return None
    user = await session.get_one(User, notification.user_id)
    voucher = await session.get_one(Voucher, notification.subject_id)
    offer = await session.get_one(Offer, voucher.offer_id)
    vendor = await session.get_one(Vendor, voucher.vendor_id)
    title = localized(offer.title, [], offer.locale)
    return Mail(
        id=notification.id,
        to=user.email,
        subject=f"Redeemed at {vendor.name}: {title}",
        body=(
            f"Hello {user.name},\n\nyour voucher {voucher.code} for “{title}” was redeemed at"
            f" {vendor.name}, {vendor.city}, on {voucher.redeemed_at:%d %B %Y at %H:%M} UTC.\n\n"
            "If that was not you, answer this mail.\n"
        ),
    )


async def mark_mailed(session: AsyncSession, notification_id: UUID) -> None:
    rows = select(Notification).where(Notification.id == notification_id)
    notification = (await session.exec(for_change(rows))).one()
    notification.mailed_at = notification.mailed_at or now()
