"""Addresses that an account gave up, and can still take back."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.identity.email_changes import EmailChange


async def is_reserved(session: AsyncSession, email: str, *, but_for: UUID | None = None) -> bool:
    """Return whether an account had this address within 72 hours, apart from that of `but_for`."""
    rows = select(EmailChange.id).where(
        EmailChange.old_email == email,
        col(EmailChange.undo_until) > now(),
        col(EmailChange.undone_at).is_(None),
    )
    if but_for is not None:
        rows = rows.where(EmailChange.user_id != but_for)
    return (await session.exec(rows)).first() is not None
