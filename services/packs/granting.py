"""Grants: the quota that a paid purchase gives, and its end."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from core.statements.units import UnitOfWork
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.packs.grants import PackGrant
from models.packs.packs import Pack
from models.packs.subscriptions import PackPeriod
from models.purchases import Purchase
from services.ledger.posting import post_entries
from services.packs.entries import publish_balance
from services.transaction import OpenTransaction, one_by_one

BATCH_SIZE = 100


async def grant_pack(
    session: AsyncSession, purchase: Purchase, period: PackPeriod | None
) -> PackGrant:
    """Give the quota of a pack that was paid, until the end of its period.

    One that was paid after its period gives quota for as long from now on.
    """
    pack = await session.get_one(Pack, purchase.ref_id)
    moment = now()
    ends_at = moment + timedelta(days=pack.period_days)
    if period is not None and period.ends_at > moment:
        ends_at = period.ends_at
    grant = PackGrant(
        vendor_id=purchase.owner_id,
        purchase_id=purchase.id,
        pack_id=pack.id,
        unit=pack.unit,
        granted=pack.quota,
        currency=purchase.currency,
        net=purchase.net,
        starts_at=moment,
        ends_at=ends_at,
    )
    session.add(grant)
    await session.flush()
    publish_balance(session, grant.vendor_id)
    return grant


async def post_earned(
    unit: UnitOfWork, grant: PackGrant, amount: int, *, use_id: UUID | None = None
) -> None:
    """Post what a use, or the end of a grant, has earned of its price."""
    if not amount:
        return
    deferred, sales = (
        Account(kind, grant.currency)
        for kind in (AccountKind.PACK_DEFERRED, AccountKind.PACK_SALES)
    )
    posting = (
        Posting(PostingKind.PACK_USE, use_id) if use_id else Posting(PostingKind.PACK_END, grant.id)
    )
    await post_entries(unit, posting, [Leg(deferred, sales, amount, grant.id)])


async def end_grant(session: AsyncSession, grant: PackGrant, moment: datetime) -> None:
    """End a locked grant: its unused units are lost, and their price is earned."""
    if grant.ended_at is None:
        amount = grant.end(moment)
        await session.flush()
        await post_earned(session, grant, amount)
        publish_balance(session, grant.vendor_id)


async def end_due_grants(transaction: OpenTransaction) -> bool:
    """End a batch of grants whose time is over. Returns whether there may be more."""
    async with transaction() as session:
        rows = select(PackGrant.id).where(
            col(PackGrant.ended_at).is_(None), col(PackGrant.ends_at) <= now()
        )
        ids = (await session.exec(rows.order_by(col(PackGrant.ends_at)).limit(BATCH_SIZE))).all()
    ended = await one_by_one(transaction, ids, _end_if_due)
    return len(ids) == BATCH_SIZE and ended


async def _end_if_due(session: AsyncSession, grant_id: UUID) -> bool:
    rows = select(PackGrant).where(PackGrant.id == grant_id)
    grant = (await session.exec(for_change(rows))).one()
    if grant.ended_at is not None or grant.ends_at > now():
        return False
    await end_grant(session, grant, now())
    return True
