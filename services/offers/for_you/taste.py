"""The history of a user that offers are ranked by: nothing of it is stored."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.identity.accounts import User
from services.offers.for_you.scoring import NO_INTEREST, Interest, Taste

# Of the 200 newest offers that the user likes, and of the 200 newest vouchers: by their indexes.
HISTORY = text(
    """
    WITH seen AS (
        SELECT offer_id, 1 AS liked, 0 AS used FROM (
            SELECT offer_id FROM offer_like WHERE user_id = :user_id
            ORDER BY offer_id DESC LIMIT 200
        ) AS newest_likes
        UNION ALL
        SELECT offer_id, 0, 1 FROM (
            SELECT offer_id, used FROM voucher WHERE user_id = :user_id
            ORDER BY created_at DESC, id DESC LIMIT 200
        ) AS newest_vouchers
        WHERE used > 0
    )
    SELECT offer.category_id, root.id AS root_id, sum(liked)::int AS liked, sum(used)::int AS used
    FROM seen
    JOIN offer ON offer.id = seen.offer_id
    JOIN category ON category.id = offer.category_id
    JOIN category AS root ON root.path = split_part(category.path, '/', 1) || '/'
    GROUP BY offer.category_id, root.id
    """
)


async def wants_personal_offers(session: AsyncSession, user_id: UUID) -> bool:
    """Return the user's switch. False for a user that does not exist."""
    rows = select(User.personal_offers).where(col(User.id) == user_id)
    return bool((await session.exec(rows)).first())


async def read_taste(session: AsyncSession, user_id: UUID) -> Taste:
    """Read what the user likes and has used, in one statement."""
    return taste_of(await session.execute(HISTORY, {"user_id": user_id}))


def taste_of(rows: Iterable[Any]) -> Taste:
    categories: dict[UUID, Interest] = {}
    roots: dict[UUID, Interest] = {}
    for category_id, root_id, liked, used in rows:
        found = categories[category_id] = Interest(liked, used)
        roots[root_id] = roots.get(root_id, NO_INTEREST).plus(found)
    return Taste(categories, roots)
