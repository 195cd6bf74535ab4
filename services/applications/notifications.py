"""Notifications about applications, for their applicants."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from models.applications import VendorApplication
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.vendors import Vendor
from services.notifications.decisions import REQUIRED, compose_decision, name_of
from services.notifications.kinds import DeclaredKind, NotificationText


async def _received(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    _, vendor = await _find(session, notification)
    return compose_decision(
        user,
        UserMessage("Your application was received"),
        UserMessage(
            "The application of {vendor} to sell on Haat was received. You get another mail as soon"
            " as it is decided.",
            vendor=name_of(vendor, user),
        ),
    )


async def _changes_requested(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    application, vendor = await _find(session, notification)
    return compose_decision(
        user,
        UserMessage("Your application needs changes"),
        UserMessage(
            "The application of {vendor} to sell on Haat needs changes. Open it in the app, change"
            " it, and submit it again.",
            vendor=name_of(vendor, user),
        ),
        reason=application.reason,
    )


async def _closed(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    application, vendor = await _find(session, notification)
    return compose_decision(
        user,
        UserMessage("Your application was closed"),
        UserMessage(
            "The application of {vendor} to sell on Haat needed changes and was not submitted again"
            " in time. It was closed, and its documents were deleted. You can apply again.",
            vendor=name_of(vendor, user),
        ),
        reason=application.reason,
    )


async def _approved(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    _, vendor = await _find(session, notification)
    return compose_decision(
        user,
        UserMessage("Your business was approved"),
        UserMessage(
            "{vendor} was approved on Haat. You can publish offers now.",
            vendor=name_of(vendor, user),
        ),
    )


async def _rejected(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    application, vendor = await _find(session, notification)
    return compose_decision(
        user,
        UserMessage("Your application was rejected"),
        UserMessage(
            "The application of {vendor} to sell on Haat was rejected.",
            vendor=name_of(vendor, user),
        ),
        reason=application.reason,
    )


async def _find(
    session: AsyncSession, notification: Notification
) -> tuple[VendorApplication, Vendor]:
    application = await session.get_one(VendorApplication, notification.subject_id)
    return application, await session.get_one(Vendor, application.vendor_id)


KINDS = [
    DeclaredKind(
        NotificationKind.APPLICATION_RECEIVED,
        "An application of the user to become a vendor was received.",
        subject="VendorApplication",
        compose=_received,
    ),
    DeclaredKind(
        NotificationKind.CHANGES_REQUESTED,
        "An admin requested changes of the user's application. Its mail cannot be turned off.",
        subject="VendorApplication",
        compose=_changes_requested,
        required=REQUIRED,
    ),
    DeclaredKind(
        NotificationKind.APPLICATION_CLOSED,
        "The user's application needed changes and was not submitted again in time. Its mail cannot"
        " be turned off.",
        subject="VendorApplication",
        compose=_closed,
        required=REQUIRED,
    ),
    DeclaredKind(
        NotificationKind.VENDOR_APPROVED,
        "The user's application was approved. Its mail cannot be turned off.",
        subject="VendorApplication",
        compose=_approved,
        required=REQUIRED,
    ),
    DeclaredKind(
        NotificationKind.VENDOR_REJECTED,
        "The user's application was rejected. Its mail cannot be turned off.",
        subject="VendorApplication",
        compose=_rejected,
        required=REQUIRED,
    ),
]
