"""Notifies the owners of a vendor about its payouts. Their mails are sent at once."""

from datetime import timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.notifications.inbox import NotificationKind
from services.notifications import inbox
from services.vendors.owner_notices import find_owners


async def notify_owners_of(
    session: AsyncSession,
    vendor_id: UUID,
    kind: NotificationKind,
    subject_id: UUID,
    *,
    number: int = 0,
) -> None:
    """Notify all owners of a vendor about a payout or an account."""
    for owner_id in await find_owners(session, vendor_id):
        await inbox.notify(
            session,
            owner_id,
            kind,
            subject_id,
            up_to_sequence=number,
            deliver_after=timedelta(),  # its mail is sent whether or not it is read
        )
