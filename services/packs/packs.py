"""Packs: created, changed and retired by admins, who also decide which vendors need them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from models.audit import AuditAct
from models.errors import InvalidInput, NotFound
from models.packs.grants import PackRule
from models.packs.packs import (
    MAX_PACKS,
    Pack,
    PackDraft,
    PackLimitReached,
    PackPatch,
    PackPrice,
    PackState,
    PriceDraft,
)
from models.vendors import Vendor
from services import idempotency
from services.audit import entries as audit
from services.members.conflicts import ensure_other_vendor
from services.packs.entries import publish_balance
from services.viewer import Viewer


async def create_pack(
    session: AsyncSession, viewer: Viewer, draft: PackDraft, *, idempotency_key: str
) -> Pack:
    """Create a pack, once per key. For admins. Raises `PackLimitReached` and `InvalidInput`."""
    viewer.require_admin()
    claimed = await idempotency.claim(
        session, viewer, "createPack", idempotency_key, **draft.model_dump()
    )
    if claimed.replayed:
        return await session.get_one(Pack, claimed.replayed)
    await _ensure_room(session)
    pack = Pack(**draft.model_dump(exclude={"prices"}))
    session.add_all([pack, *_prices(pack.id, draft.prices)])
    audit.append(session, viewer, AuditAct.CREATE_PACK, subject_id=pack.id)
    await idempotency.record_result(session, claimed, pack.id)
    return pack


async def update_pack(
    session: AsyncSession, viewer: Viewer, *, pack_id: UUID, patch: PackPatch
) -> Pack:
    """Change the titles and prices of a pack. For admins. Raises `PackRetired`.

    Purchases and subscriptions keep the price at which they were agreed.
    """
    pack = await _lock_pack(session, viewer, pack_id)
    pack.ensure_active()
    if patch.title is not None:
        pack.title = patch.title
    if patch.prices is not None:
        await session.exec(delete(PackPrice).where(col(PackPrice.pack_id) == pack.id))
        session.add_all(_prices(pack.id, patch.prices))
    audit.append(session, viewer, AuditAct.UPDATE_PACK, subject_id=pack.id)
    return pack


async def retire_pack(session: AsyncSession, viewer: Viewer, *, pack_id: UUID) -> Pack:
    """Stop selling a pack. Its subscriptions go on. For admins."""
    pack = await _lock_pack(session, viewer, pack_id)
    if pack.state is PackState.ACTIVE:
        pack.state = PackState.RETIRED
        audit.append(session, viewer, AuditAct.RETIRE_PACK, subject_id=pack.id)
    return pack


async def restore_pack(session: AsyncSession, viewer: Viewer, *, pack_id: UUID) -> Pack:
    """Sell a pack again that was retired. For admins. Raises `PackLimitReached`."""
    pack = await _lock_pack(session, viewer, pack_id)
    if pack.state is PackState.RETIRED:
        await _ensure_room(session)
        pack.state = PackState.ACTIVE
        audit.append(session, viewer, AuditAct.RESTORE_PACK, subject_id=pack.id)
    return pack


async def set_pack_rule(
    session: AsyncSession, viewer: Viewer, *, vendor_id: UUID, required: bool | None
) -> Vendor:
    """Decide whether a vendor needs packs, or with None that it is as for all. For admins.

    Raises `NotFound` and `OwnVendor`.
    """
    admin_id = viewer.require_admin()
    vendor = await session.get(Vendor, vendor_id)
    if vendor is None:
        raise NotFound
    await ensure_other_vendor(session, vendor_id, admin_id)
    if required is None:
        await session.exec(delete(PackRule).where(col(PackRule.vendor_id) == vendor_id))
    else:
        values: Any = {"vendor_id": vendor_id, "required": required}
        row = insert(PackRule).values(**values)
        await session.exec(
            row.on_conflict_do_update(index_elements=["vendor_id"], set_={"required": required})
        )
    audit.append(session, viewer, AuditAct.SET_PACK_RULE, subject_id=vendor_id)
    publish_balance(session, vendor_id)
    return vendor


async def _ensure_room(session: AsyncSession) -> None:
    """Raise `PackLimitReached` if the platform has the maximum number of packs that are sold."""
    active = select(func.count()).select_from(Pack).where(Pack.state == PackState.ACTIVE)
    if (await session.exec(active)).one() >= MAX_PACKS:
        raise PackLimitReached(most=MAX_PACKS)


async def _lock_pack(session: AsyncSession, viewer: Viewer, pack_id: UUID) -> Pack:
    viewer.require_admin()
    pack = (await session.exec(for_change(select(Pack).where(Pack.id == pack_id)))).first()
    if pack is None:
        raise NotFound
    return pack


def _prices(pack_id: UUID, drafts: Sequence[PriceDraft]) -> list[PackPrice]:
    """Return the rows of prices. Raises `InvalidInput` for two in one currency."""
    if len({one.currency for one in drafts}) < len(drafts):
        raise InvalidInput("Give one price for each currency.", field=["prices"])
    return [PackPrice(pack_id=pack_id, **one.model_dump()) for one in drafts]
