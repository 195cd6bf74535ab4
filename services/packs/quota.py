"""Quota: used in the transaction of what it is for, such as publishing an offer."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.packs.grants import PackGrant, PackRule, QuotaUse, QuotaUsedUp
from models.packs.packs import QuotaUnit
from services.packs.entries import publish_balance
from services.packs.granting import post_earned


async def needs_packs(session: AsyncSession, vendor_id: UUID, *, by_default: bool) -> bool:
    """Return whether a vendor needs packs: by its own rule, or as all vendors do."""
    rule = await session.get(PackRule, vendor_id)
    return by_default if rule is None else rule.required


async def use_quota(
    session: AsyncSession,
    vendor_id: UUID,
    unit: QuotaUnit,
    subject_id: UUID,
    *,
    quantity: int = 1,
) -> None:
    """Use units for a subject, of what ends first. A second call for it uses nothing.

    The caller has locked the subject, and no row that comes after the grants in the order of locks.
    Raises `QuotaUsedUp`.
    """
    grants = await _lock_grants(session, vendor_id, unit)
    counted = select(QuotaUse.id).where(QuotaUse.subject_id == subject_id)
    if (await session.exec(counted.limit(1))).first() is not None:
        return
    if sum(grant.remaining for grant in grants) < quantity:
        raise QuotaUsedUp
    uses: list[tuple[PackGrant, QuotaUse, int]] = []
    for grant in sorted(grants, key=lambda one: (one.ends_at, one.id)):
        if taken := min(quantity, grant.remaining):
            use = QuotaUse(pack_grant_id=grant.id, subject_id=subject_id, quantity=taken)
            uses.append((grant, use, grant.use(taken)))
            quantity -= taken
    session.add_all(use for _, use, _ in uses)
    await session.flush()
    for grant, use, amount in uses:
        await post_earned(session, grant, amount, use_id=use.id)
    publish_balance(session, vendor_id)


async def _lock_grants(
    session: AsyncSession, vendor_id: UUID, unit: QuotaUnit
) -> Sequence[PackGrant]:
    """Return the open grants with units left, locked in the order of their ids."""
    moment = now()
    rows = select(PackGrant).where(
        PackGrant.vendor_id == vendor_id,
        PackGrant.unit == unit,
        col(PackGrant.ended_at).is_(None),
        col(PackGrant.ends_at) > moment,
        col(PackGrant.used) < col(PackGrant.granted),
    )
    return (await session.exec(for_change(rows.order_by(col(PackGrant.id))))).all()
