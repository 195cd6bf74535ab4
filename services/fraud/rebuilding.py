"""Counters that Redis has lost, rebuilt from the attempts of the longest window."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.ids import first_id_of
from core.redis.timeouts import RedisAllowance
from models.fraud.links import IdentityLink, LinkKind
from models.fraud.settings import MAX_WINDOW
from models.redemptions import Redemption, RedemptionOutcome, Voucher
from services.fraud.assessing import till_of
from services.fraud.counters import AttemptCounter, Counted, FraudCounters
from services.fraud.verdicts import GUESSES, UNCOUNTED
from services.transaction import OpenTransaction, by_ids

BATCH_SIZE = 500
KINDS = {LinkKind.DEVICE: Counted.DEVICE, LinkKind.ADDRESS: Counted.ADDRESS}


async def rebuild_counters(begin: OpenTransaction, counters: FraudCounters) -> bool:
    """Count the attempts of the last day again, unless Redis has them. Returns whether it did.

    An attempt that is counted meanwhile counts once. Raises `REDIS_ERRORS`.
    """
    if await counters.are_complete():
        return False
    since = now() - timedelta(seconds=MAX_WINDOW)

    async def count(session: AsyncSession, last: UUID) -> UUID | None:
        return await _count_batch(session, counters, since, last)

    await by_ids(begin, count)
    await counters.note_complete()
    return True


async def _count_batch(
    session: AsyncSession, counters: FraudCounters, since: datetime, last: UUID
) -> UUID | None:
    """Count a batch. The attempts of a day are found by their ids, which begin with the time."""
    rows = (
        select(Redemption, Voucher.user_id)
        .join(Voucher, col(Voucher.id) == col(Redemption.voucher_id), isouter=True)
        .where(
            col(Redemption.id) > max(last, first_id_of(since)),
            col(Redemption.outcome) != RedemptionOutcome.HELD,
            col(Redemption.reason).not_in(sorted(UNCOUNTED)),
        )
        .order_by(col(Redemption.id))
        .limit(BATCH_SIZE)
    )
    found: Any = (await session.exec(rows)).all()
    links = await _find_links(session, {user_id for _, user_id in found if user_id})
    for redemption, user_id in found:
        counted = _counters_of(redemption, user_id, links)
        if counted:
            await counters.add(counted, redemption.id, redemption.created_at, RedisAllowance())
    return found[-1][0].id if len(found) == BATCH_SIZE else None


def _counters_of(
    redemption: Redemption, user_id: UUID | None, links: dict[UUID, dict[LinkKind, bytes]]
) -> list[AttemptCounter]:
    if redemption.reason in GUESSES:
        return [till_of(redemption.vendor_id, redemption.member_id)]
    if user_id is None:
        return []
    counted = [
        AttemptCounter(Counted.USER, str(user_id)),
        AttemptCounter(Counted.VENDOR, str(redemption.vendor_id)),
    ]
    own = links.get(user_id, {})
    return counted + [AttemptCounter(KINDS[kind], hash.hex()) for kind, hash in own.items()]


async def _find_links(
    session: AsyncSession, user_ids: set[UUID]
) -> dict[UUID, dict[LinkKind, bytes]]:
    """Return the newest device and network of each account."""
    rows = (
        select(IdentityLink)
        .where(col(IdentityLink.user_id).in_(user_ids), col(IdentityLink.kind).in_(KINDS))
        .order_by(col(IdentityLink.last_at))
    )
    found: dict[UUID, dict[LinkKind, bytes]] = {}
    for link in await session.exec(rows):
        found.setdefault(link.user_id, {})[link.kind] = link.hash
    return found
