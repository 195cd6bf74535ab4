"""Balances of packs: the units that vendors have left."""

from collections.abc import Collection, Mapping, Sequence
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
    required = await needs_packs(session, vendor_id, by_default=packs_required)
    quotas = (await find_quotas(session, viewer, [vendor_id]))[vendor_id]
    return PackBalance(vendor_id, required, quotas)


async def find_quotas(
    session: AsyncSession, viewer: Viewer, vendor_ids: Collection[UUID]
) -> Mapping[UUID, Sequence[QuotaBalance]]:
    """Return what vendors have left of each unit. The caller has authorized the viewer."""
    left = func.sum(col(PackGrant.granted) - col(PackGrant.used))
    rows = (
        select(PackGrant.vendor_id, PackGrant.unit, left, func.min(PackGrant.ends_at))
        .where(
            col(PackGrant.vendor_id).in_(vendor_ids),
            col(PackGrant.ended_at).is_(None),
            col(PackGrant.ends_at) > now(),
            col(PackGrant.used) < col(PackGrant.granted),
        )
        .group_by(col(PackGrant.vendor_id), col(PackGrant.unit))
    )
    found = {
        (vendor_id, unit): (int(units), end)
        for vendor_id, unit, units, end in (await session.exec(rows)).all()
    }
    return {
        id: [QuotaBalance(unit, *found.get((id, unit), (0, None))) for unit in QuotaUnit]
        for id in vendor_ids
    }
