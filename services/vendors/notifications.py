"""Notifications about decisions of admins on a vendor: its suspension and its commission."""

from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.vendors import Vendor
from services.notifications.decisions import REQUIRED, compose_decision, name_of
from services.notifications.kinds import DeclaredKind, NotificationText
from services.vendors.commissions import find_commission
from services.vendors.suspensions import find_suspension


async def _suspended(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    vendor = await session.get_one(Vendor, notification.subject_id)
    found = await find_suspension(session, vendor.id, notification.up_to_sequence)
    return compose_decision(
        user,
        UserMessage("Your business was suspended"),
        UserMessage(
            "{vendor} was suspended on Haat. Its offers are not shown, and its vouchers cannot be"
            " redeemed. Its conversations stay open.",
            vendor=name_of(vendor, user),
        ),
        reason=found.reason if found else None,
    )


async def _restored(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    vendor = await session.get_one(Vendor, notification.subject_id)
    return compose_decision(
        user,
        UserMessage("Your business was restored"),
        UserMessage(
            "{vendor} is no longer suspended on Haat. Its offers are shown again, and its vouchers"
            " can be redeemed.",
            vendor=name_of(vendor, user),
        ),
    )


async def _commission_set(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    """Compose the text with the rate, unless another one has replaced it."""
    vendor = await session.get_one(Vendor, notification.subject_id)
    found = await find_commission(session, vendor.id, notification.up_to_sequence)
    title, name = UserMessage("The commission of your business changes"), name_of(vendor, user)
    if found is None:
        body = UserMessage("The commission of {vendor} on Haat was changed.", vendor=name)
        return compose_decision(user, title, body)
    starts_at = found.starts_at.astimezone(ZoneInfo(vendor.time_zone))
    body = UserMessage(
        "From {day}, {time} on, the commission of {vendor} on Haat is {percent} %.",
        day=starts_at.date(),
        time=starts_at.time(),
        vendor=name,
        percent=found.percent,
    )
    return compose_decision(user, title, body)


KINDS = [
    DeclaredKind(
        NotificationKind.VENDOR_SUSPENDED,
        "A vendor that the user owns was suspended. Its mail cannot be turned off.",
        subject="Vendor",
        compose=_suspended,
        required=REQUIRED,
    ),
    DeclaredKind(
        NotificationKind.VENDOR_RESTORED,
        "The suspension of a vendor that the user owns has ended. Its mail cannot be turned off.",
        subject="Vendor",
        compose=_restored,
        required=REQUIRED,
    ),
    DeclaredKind(
        NotificationKind.COMMISSION_SET,
        "An admin has set the commission of a vendor that the user owns. Its mail cannot be turned"
        " off.",
        subject="Vendor",
        compose=_commission_set,
        required=REQUIRED,
    ),
]
