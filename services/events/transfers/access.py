"""Access to transfers of tickets: for the two users that each is between."""

from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, false, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change
from core.keyset import Listing, newest_first
from core.security.codes import read_symbols
from core.security.random_secrets import hash_secret
from models.errors import NotFound
from models.events.tickets import TicketTransfer
from services.viewer import Viewer


def visible_transfers(viewer: Viewer) -> SelectOfScalar[TicketTransfer]:
    """Select the transfers from the viewer and to the viewer. Admins see all."""
    if viewer.admin:
        return select(TicketTransfer)
    return select(TicketTransfer).where(_is_between(viewer.user_id))


def list_transfers(viewer: Viewer) -> Listing[TicketTransfer]:
    """List the transfers from the viewer and to the viewer, the newest first."""
    rows = select(TicketTransfer).where(_is_between(viewer.require_user()))
    return Listing(rows, newest_first(TicketTransfer))


def _is_between(user_id: UUID | None) -> ColumnElement[bool]:
    """Match transfers of a user, none without one: those to an address have no receiver yet."""
    if user_id is None:
        return false()
    return or_(
        col(TicketTransfer.from_user_id) == user_id, col(TicketTransfer.to_user_id) == user_id
    )


def hash_code(code: str) -> bytes:
    """Return the hash of a typed code of a transfer."""
    return hash_secret(read_symbols(code))


async def find_received(
    session: AsyncSession, viewer: Viewer, *, transfer_id: UUID | None, code: str | None
) -> TicketTransfer:
    """Return a transfer to the viewer, or one whose code the viewer has. Raises `NotFound`."""
    user_id = viewer.require_user()
    if code is not None:
        rows = select(TicketTransfer).where(TicketTransfer.secret_hash == hash_code(code))
    else:
        rows = select(TicketTransfer).where(
            TicketTransfer.id == transfer_id, TicketTransfer.to_user_id == user_id
        )
    transfer = (await session.exec(rows)).first()
    if transfer is None:
        raise NotFound
    return transfer


async def lock_transfer(session: AsyncSession, transfer_id: UUID) -> TicketTransfer:
    """Return a transfer as it is now, locked. Its ticket is locked before."""
    rows = for_change(select(TicketTransfer).where(TicketTransfer.id == transfer_id))
    return (await session.exec(rows, execution_options={"populate_existing": True})).one()
