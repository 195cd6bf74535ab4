"""Addresses that an account gave up, and can still take back."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.identity.email_changes import EmailChange


async def is_reserved(session: AsyncSession, email: str, *, but_for: UUID | None = None) -> bool:
    """Return whether an account had this address within 72 hours, apart from that of `but_for`."""
    rows = select(EmailChange.id).where(EmailChange.old_email == email, *_can_be_undone())
    if but_for is not None:
        rows = rows.where(EmailChange.user_id != but_for)
    return (await session.exec(rows)).first() is not None


async def find_former(session: AsyncSession, user_id: UUID) -> Sequence[str]:
    """Return the addresses that an account gave up within 72 hours."""
    rows = select(EmailChange.old_email).where(EmailChange.user_id == user_id, *_can_be_undone())
    found = await session.exec(rows.order_by(col(EmailChange.id)))
    return [email for email in found if email is not None]


def _can_be_undone() -> list[ColumnElement[bool]]:
    return [col(EmailChange.undo_until) > now(), col(EmailChange.undone_at).is_(None)]
