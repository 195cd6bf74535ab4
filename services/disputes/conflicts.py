"""Conflicts of interest: an admin decides about the disputes of others."""

from sqlmodel.ext.asyncio.session import AsyncSession

from services.payments.recording import ensure_of_others
from services.payments.subjects.locking import LockedSubject
from services.purchases.recording import ensure_of_other
from services.viewer import Viewer


async def ensure_dispute_of_others(
    session: AsyncSession, viewer: Viewer, subject: LockedSubject
) -> None:
    """Raise `OwnOrder` or `OwnPurchase` if an admin has paid, or works for the vendor."""
    if subject.order is not None:
        await ensure_of_others(session, viewer, subject.order)
    if subject.purchase is not None:
        await ensure_of_other(session, viewer, subject.purchase)
