"""Notifications to the owners of a vendor."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.notifications.inbox import NotificationKind
from models.vendors import MemberRole, VendorMember
from services.notifications import inbox

MAX_NOTIFIED = 20  # owners of a vendor


async def find_owners(session: AsyncSession, vendor_id: UUID) -> Sequence[UUID]:
    """Return the ids of the owners, in the order in which inboxes are locked."""
    owners = (
        select(VendorMember.user_id)
        .where(VendorMember.vendor_id == vendor_id, VendorMember.role == MemberRole.OWNER)
        .order_by(col(VendorMember.user_id))
        .limit(MAX_NOTIFIED)
    )
    return (await session.exec(owners)).all()


async def notify_owners(
    session: AsyncSession, vendor_id: UUID, kind: NotificationKind, number: int
) -> None:
    for owner_id in await find_owners(session, vendor_id):
        await inbox.notify(
            session,
            owner_id,
            kind,
            vendor_id,
            up_to_sequence=number,
            deliver_after=timedelta(),  # its mail is sent whether or not it is read
        )
