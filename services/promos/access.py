"""Access to promo codes: a vendor's for its members, all for admins."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import false, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change
from core.keyset import Listing, newest_first
from models.errors import NotFound
from models.members import Permission
from models.promos.codes import PromoCode, PromoCodeState
from services.vendors.access import access_vendor, works_at
from services.viewer import Viewer


@dataclass(frozen=True)
class PromoCodeFilter:
    """Conditions on a list of codes; all of them must hold. None is no condition."""

    vendor_id: UUID | None = None
    state: PromoCodeState | None = None
    code: str | None = None


def visible_promo_codes(viewer: Viewer) -> SelectOfScalar[PromoCode]:
    """Select the codes of the viewer's vendors. Admins see all, also the platform's."""
    if viewer.admin:
        return select(PromoCode)
    if viewer.user_id is None:
        return select(PromoCode).where(false())
    vendor_id: Any = PromoCode.vendor_id
    own = works_at(viewer.staff, vendor_id, Permission.SEE_PROMO_CODES)
    return select(PromoCode).where(own)


def list_promo_codes(viewer: Viewer, wanted: PromoCodeFilter) -> Listing[PromoCode]:
    """List codes that the viewer can see, the newest first."""
    viewer.require_user()
    rows = visible_promo_codes(viewer)
    if wanted.vendor_id is not None:
        rows = rows.where(PromoCode.vendor_id == wanted.vendor_id)
    if wanted.state is not None:
        rows = rows.where(PromoCode.state == wanted.state)
    if wanted.code is not None:
        rows = rows.where(PromoCode.code == wanted.code.strip().upper())
    return Listing(rows, newest_first(PromoCode))


async def access_managed_code(
    session: AsyncSession, viewer: Viewer, promo_code_id: UUID
) -> PromoCode:
    """Return a code that the viewer manages, locked. Its vendor is locked shared.

    A vendor's code is of its managers alone, and the platform's of admins.
    """
    viewer.require_user()  # before the row is looked up, so an anonymous caller learns nothing
    rows = select(PromoCode).where(PromoCode.id == promo_code_id)
    found = (await session.exec(rows)).first()
    if found is None or (found.vendor_id is None and not viewer.admin):
        raise NotFound
    if found.vendor_id is not None:
        await access_vendor(session, viewer, found.vendor_id, Permission.EDIT_PROMO_CODES)
    return (await session.exec(for_change(rows))).one()
