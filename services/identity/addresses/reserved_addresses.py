"""Addresses that an account gave up, and can still take back."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.security.sealed import Lookup, Sealer
from models.identity.email_changes import EmailChange
from services.identity.addresses.changed_addresses import find_old_email


async def is_reserved(session: AsyncSession, email: Lookup, *, but_for: UUID | None = None) -> bool:
    """Return whether an account had this address within 72 hours, apart from that of `but_for`."""
    rows = select(EmailChange.id).where(EmailChange.had_email(email), *_can_be_undone())
    if but_for is not None:
        rows = rows.where(EmailChange.user_id != but_for)
    return (await session.exec(rows)).first() is not None


async def find_former(session: AsyncSession, sealer: Sealer, user_id: UUID) -> Sequence[str]:
    """Return the addresses that an account gave up within 72 hours."""
    rows = select(EmailChange).where(EmailChange.user_id == user_id, *_can_be_undone())
    found = await session.exec(rows.order_by(col(EmailChange.id)))
    return [email for one in found if (email := find_old_email(sealer, one)) is not None]


def _can_be_undone() -> list[ColumnElement[bool]]:
    return [col(EmailChange.undo_until) > now(), col(EmailChange.undone_at).is_(None)]
