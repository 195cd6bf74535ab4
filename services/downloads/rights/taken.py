"""Digital lines whose content the buyer has: a key that can be read, or a file that was loaded."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from models.downloads.grants import DownloadGrant
from models.downloads.keys import LicenseKey
from models.orders.lines import OrderLine


async def find_taken(
    session: AsyncSession, lines: Sequence[OrderLine], *, lock: bool = True
) -> set[UUID]:
    """Return the ids of such lines. If rights to files are locked, none is loaded in between."""
    ids = [line.id for line in lines if line.is_digital]
    if not ids:
        return set()
    grants = select(DownloadGrant).where(col(DownloadGrant.line_id).in_(ids))
    ordered = grants.order_by(col(DownloadGrant.id))
    rights = await session.exec(for_change(ordered) if lock else ordered)
    loaded = {one.line_id for one in rights.all() if one.used}
    keys = select(LicenseKey.line_id).where(col(LicenseKey.line_id).in_(ids)).distinct()
    return loaded | {id for id in (await session.exec(keys)).all() if id is not None}
