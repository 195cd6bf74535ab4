"""How popular listed offers are.

Once a minute, a job ranks the offers that were claimed or liked. Claims leave no trace but their
vouchers, which the job finds by their ids: these begin with the time. Likes, and what is taken
back, are noted as rows that are in no index.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.ids import first_id_of
from models.offers.listings import RankChange

CLAIMED_MINUTES = 5  # that the job looks back, longer than a transaction and a difference of clocks
MAX_CHANGES = 5_000
BATCH_SIZE = 1_000

# Of vouchers and of noted changes. A change that is noted meanwhile stays for the next minute.
TAKE_CHANGED = text(
    """
    WITH noted AS (
        DELETE FROM rank_change WHERE id IN (
            SELECT id FROM rank_change ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED
        ) RETURNING offer_id
    )
    SELECT offer_id FROM noted
    UNION SELECT offer_id FROM voucher WHERE id >= CAST(:since AS uuid)
    """
)
# Written only if they changed: one change of a rank is five records of the log.
RANK = text(
    """
    UPDATE listing_rank AS rank
    SET likes = current.likes, claims = current.claims, quality = current.quality
    FROM (
        SELECT id, likes, claims, quality_of(likes, claims, published_at) AS quality
        FROM (
            SELECT offer.id, listing.published_at, offer.claimed AS claims, (
                SELECT count(*)::int FROM offer_like WHERE offer_like.offer_id = offer.id
            ) AS likes
            FROM offer JOIN listing ON listing.offer_id = offer.id
            WHERE offer.id = ANY(CAST(:ids AS uuid[]))
        ) AS counted
    ) AS current
    WHERE rank.offer_id = current.id AND (rank.likes, rank.claims, rank.quality)
        IS DISTINCT FROM (current.likes, current.claims, current.quality)
    """
)
NEXT = text(
    """
    SELECT offer_id FROM listing WHERE offer_id > CAST(:after AS uuid) ORDER BY offer_id LIMIT :most
    """
)
UNLIST_ENDED = text(
    """
    DELETE FROM listing WHERE offer_id IN (
        SELECT offer_id FROM listing WHERE ends_at <= now() ORDER BY ends_at LIMIT :most
    )
    """
)


def note_change(session: AsyncSession, offer_id: UUID) -> None:
    """Note that an offer was liked, unliked, or that a voucher of it was cancelled."""
    session.add(RankChange(offer_id=offer_id))


async def rank_changed(session: AsyncSession) -> bool:
    """Rank the offers that have changed. Returns whether there may be more."""
    since = first_id_of(now() - timedelta(minutes=CLAIMED_MINUTES))
    given = {"most": MAX_CHANGES, "since": since}
    ids = [*(await session.execute(TAKE_CHANGED, given)).scalars()]
    await session.execute(RANK, {"ids": sorted(ids)})
    await session.execute(UNLIST_ENDED, {"most": MAX_CHANGES})
    noted = await session.scalar(text("SELECT count(*) FROM rank_change"))
    return bool(noted)


async def rank_next(session: AsyncSession, after: UUID) -> UUID | None:
    """Rank a batch of all offers, which lose a little quality each day.

    Returns the last one's id, or None after the last batch.
    """
    rows = await session.execute(NEXT, {"after": after, "most": BATCH_SIZE})
    ids = [*rows.scalars()]
    await session.execute(RANK, {"ids": ids})
    return ids[-1] if len(ids) == BATCH_SIZE else None
