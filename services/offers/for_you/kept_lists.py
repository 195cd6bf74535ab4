"""Ranked lists in Redis, for ten minutes: a page is a place in one of them.

Between two pages, likes and claims change scores, so a page of a list that was ranked again would
repeat offers and leave others out. Lists are kept under the user's id, so no other user can read
one, and all of a user's are deleted at once.
"""

from collections.abc import Sequence
from uuid import UUID

import orjson
import structlog

from core.errors import CursorExpired, Unavailable
from core.outages import REDIS_ERRORS
from core.redis.client import RedisClient
from services.offers.for_you.scoring import OfferReasonKind, RankedOffer, RankReason

KEPT_SECONDS = 600
MAX_KEPT_LISTS = 10  # of a user: the oldest is deleted for another one

# KEYS: the list, and the names of the user's lists. ARGV: the value, milliseconds, and how many.
KEEP = """
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('LPUSH', KEYS[2], KEYS[1])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
for _, old in ipairs(redis.call('LRANGE', KEYS[2], ARGV[3], -1)) do redis.call('DEL', old) end
redis.call('LTRIM', KEYS[2], 0, ARGV[3] - 1)
"""
# KEYS: the names of the user's lists.
FORGET = """
for _, kept in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do redis.call('DEL', kept) end
redis.call('DEL', KEYS[1])
"""
LIST_ENDED = "This list is no longer kept. Load it again from the start."

log = structlog.get_logger(__name__)


class KeptLists:
    """Keeps and finds ranked lists of users."""

    def __init__(self, redis_url: str) -> None:
        self._redis = RedisClient(redis_url, "offers_for_you")
        self._keep = self._redis.register_script(KEEP)
        self._forget = self._redis.register_script(FORGET)

    async def keep(self, user_id: UUID, list_id: UUID, ranked: Sequence[RankedOffer]) -> bool:
        """Keep a list. Returns false if Redis does not answer: later pages would not be found."""
        names = [_name(user_id, list_id), _names(user_id)]
        args: list[bytes | int] = [_encode(ranked), KEPT_SECONDS * 1000, MAX_KEPT_LISTS]
        try:
            await self._keep(keys=names, args=args)
        except REDIS_ERRORS as error:
            log.warning("offers_for_you.unavailable", error=str(error))
            return False
        return True

    async def find(self, user_id: UUID, list_id: UUID) -> list[RankedOffer]:
        """Return a list. Raises `CursorExpired`, and `Unavailable` if Redis does not answer."""
        try:
            found: str | None = await self._redis.get(_name(user_id, list_id))
        except REDIS_ERRORS as error:
            raise Unavailable from error
        if found is None:
            raise CursorExpired(LIST_ENDED)
        return _decode(found)

    async def forget(self, user_id: UUID) -> None:
        """Delete the lists of a user. If Redis does not answer, they end with their ten minutes."""
        try:
            await self._forget(keys=[_names(user_id)])
        except REDIS_ERRORS as error:
            log.warning("offers_for_you.unavailable", error=str(error))

    async def close(self) -> None:
        await self._redis.aclose()


def _names(user_id: UUID) -> str:
    return f"haat:for_you:{user_id}"


def _name(user_id: UUID, list_id: UUID) -> str:
    return f"{_names(user_id)}:{list_id}"


def _encode(ranked: Sequence[RankedOffer]) -> bytes:
    return orjson.dumps(
        [
            [str(one.id), one.score, [[reason.kind, reason.points] for reason in one.reasons]]
            for one in ranked
        ]
    )


def _decode(kept: str) -> list[RankedOffer]:
    return [
        RankedOffer(
            UUID(id), score, [RankReason(OfferReasonKind(kind), points) for kind, points in reasons]
        )
        for id, score, reasons in orjson.loads(kept)
    ]
