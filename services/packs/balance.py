"""What a vendor has left of its packs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.errors import NotFound
from models.members import Permission, may
from models.packs.grants import PackGrant
from models.packs.packs import QuotaUnit
from services.packs.quota import needs_packs
from services.vendors.access import find_member
from services.viewer import Viewer


@dataclass(frozen=True)
class QuotaBalance:
    """Units that are left. The first of them end at `first_ends_at`."""

    unit: QuotaUnit
    units_left: int
    first_ends_at: datetime | None


@dataclass(frozen=True)
class PackBalance:
    """The units that a vendor has left, and whether it needs packs to publish offers."""

    vendor_id: UUID
    required: bool
    quotas: Sequence[QuotaBalance]


async def read_pack_balance(
    session: AsyncSession, viewer: Viewer, vendor_id: UUID, *, packs_required: bool
) -> PackBalance:
    """Return the balance of a vendor whose packs the viewer manages. Raises `NotFound`."""
    viewer.require_user()
    if not viewer.admin:
        member = await find_member(session, viewer, vendor_id)
        if member is None or not may(member.role, Permission.MANAGE_PACKS):
            raise NotFound
    return await find_balance(session, vendor_id, packs_required=packs_required)


async def find_balance(
    session: AsyncSession, vendor_id: UUID, *, packs_required: bool
) -> PackBalance:
    """Return the balance of a vendor. The caller has authorized the viewer."""
    left = func.sum(col(PackGrant.granted) - col(PackGrant.used))
    rows = (
        select(PackGrant.unit, left, func.min(PackGrant.ends_at))
        .where(
            PackGrant.vendor_id == vendor_id,
            col(PackGrant.ended_at).is_(None),
            col(PackGrant.ends_at) > now(),
            col(PackGrant.used) < col(PackGrant.granted),
        )
        .group_by(col(PackGrant.unit))
    )
    found = {unit: (int(units), end) for unit, units, end in (await session.exec(rows)).all()}
    required = await needs_packs(session, vendor_id, by_default=packs_required)
    quotas = [QuotaBalance(unit, *found.get(unit, (0, None))) for unit in QuotaUnit]
    return PackBalance(vendor_id, required, quotas)
