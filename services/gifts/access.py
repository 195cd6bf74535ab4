"""Access to gifts of vouchers: for the two users that each is between."""

from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, false, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change
from core.keyset import Listing, newest_first
from core.security.codes import GROUP, SECRET_LENGTH, read_symbols
from models.errors import NotFound
from models.gifts import VoucherGift
from services.viewer import Viewer


def visible_gifts(viewer: Viewer) -> SelectOfScalar[VoucherGift]:
    """Select the gifts from the viewer and to the viewer. Admins see all."""
    if viewer.admin:
        return select(VoucherGift)
    return select(VoucherGift).where(_is_between(viewer.user_id))


def list_gifts(viewer: Viewer) -> Listing[VoucherGift]:
    """List the gifts from the viewer and to the viewer, the newest first."""
    rows = select(VoucherGift).where(_is_between(viewer.require_user()))
    return Listing(rows, newest_first(VoucherGift))


def _is_between(user_id: UUID | None) -> ColumnElement[bool]:
    """Match gifts of a user, none without one: those to who has the code have no receiver yet."""
    if user_id is None:
        return false()
    return or_(col(VoucherGift.from_user_id) == user_id, col(VoucherGift.to_user_id) == user_id)


async def find_received(
    session: AsyncSession, viewer: Viewer, *, gift_id: UUID | None, code: str | None
) -> VoucherGift:
    """Return a gift to the viewer, or an open one whose code the viewer has. Raises `NotFound`.

    The code of a gift to a user is of no use to others.
    """
    user_id = viewer.require_user()
    to_viewer = col(VoucherGift.to_user_id) == user_id
    if code is not None:
        free = col(VoucherGift.to_user_id).is_(None)
        rows = select(VoucherGift).where(VoucherGift.code == _grouped(code), or_(free, to_viewer))
    else:
        rows = select(VoucherGift).where(VoucherGift.id == gift_id, to_viewer)
    gift = (await session.exec(rows)).first()
    if gift is None:
        raise NotFound
    return gift


async def lock_gift(session: AsyncSession, gift_id: UUID) -> VoucherGift:
    """Return a gift as it is now, locked. Its voucher is locked before."""
    rows = for_change(select(VoucherGift).where(VoucherGift.id == gift_id))
    return (await session.exec(rows)).one()


def _grouped(typed: str) -> str:
    """Return a typed code as it is stored: in groups, whatever separates them."""
    plain = read_symbols(typed)[:SECRET_LENGTH]
    return "-".join(plain[start : start + GROUP] for start in range(0, len(plain), GROUP))
