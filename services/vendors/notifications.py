"""Notifications about the suspension of a vendor."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.vendors import Vendor
from services.notifications.decisions import REQUIRED, compose_decision, name_of
from services.notifications.kinds import DeclaredKind, NotificationText
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
]
