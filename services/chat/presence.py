"""Typing and presence, stored in Redis with an expiry and not journalled."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import structlog

from core.clock import now
from core.ids import new_id
from core.outages import REDIS_ERRORS
from core.redis.client import RedisClient
from core.redis.expiring_sets import ExpiringSets
from core.redis.pubsub import PubSub
from core.topics import build_topic

TYPING, PRESENCE = "typing", "presence"
TYPING_SECONDS = 45.0  # clients repeat it every 30 s, and stop after 12 s without input
PRESENCE_SECONDS = 60.0
REFRESH_SECONDS = 20.0
SEEN_DAYS = 90

log = structlog.get_logger(__name__)


class TypingTracker:
    """The typing users of conversations. Expires after 45 seconds unless repeated."""

    def __init__(self, redis_url: str, pubsub: PubSub) -> None:
        self.marks = ExpiringSets(redis_url, pubsub, TYPING, TYPING_SECONDS)

    async def set(self, conversation_id: UUID, user_id: UUID, typing: bool) -> None:
        """Start or stop a user's typing status. Does nothing without Redis."""
        update = self.marks.set if typing else self.marks.clear
        await update(conversation_id, user_id)

    async def of(self, conversation_id: UUID) -> Mapping[UUID, float]:
        """Return the typing users and the seconds until each expires; none without Redis."""
        found = await self.marks.read([conversation_id]) or {}
        return {UUID(id): left for id, left in found.get(str(conversation_id), {}).items()}

    async def close(self) -> None:
        await self.marks.close()


@dataclass(frozen=True)
class PresenceState:
    """Whether a user is online, and when last; both None if Redis is unavailable.

    `holds` is the number of seconds until `online` can expire.
    """

    online: bool | None = None
    last_seen_at: datetime | None = None
    holds: float | None = None


class PresenceTracker:
    """Tracks users with an open socket in any process, except those of API tokens.

    Each process refreshes its users every 20 seconds, so those of a killed process are offline
    within a minute.
    """

    def __init__(self, redis_url: str, pubsub: PubSub) -> None:
        self.marks = ExpiringSets(redis_url, pubsub, PRESENCE, PRESENCE_SECONDS)
        self._process = new_id()
        self._here: set[UUID] = set()
        self._redis = RedisClient(redis_url, "last_seen")
        self._refresher: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._refresher = asyncio.create_task(self._refresh_forever())

    async def stop(self) -> None:
        if self._refresher:
            self._refresher.cancel()
            with suppress(asyncio.CancelledError):
                await self._refresher
        await self.left(*self._here)
        await self.marks.close()
        await self._redis.aclose()

    async def came(self, *user_ids: UUID) -> None:
        """Mark users as online, with their first socket here."""
        self._here.update(user_ids)
        await self.marks.set_many(user_ids, self._process)

    async def left(self, *user_ids: UUID) -> None:
        """Mark users as offline here, after their last socket."""
        self._here.difference_update(user_ids)
        await self._record_seen(user_ids)
        await self.marks.clear_many(user_ids, self._process)

    async def of(self, user_ids: Sequence[UUID]) -> Mapping[UUID, PresenceState]:
        found = await self.marks.read(user_ids)
        if found is None:
            return {user_id: PresenceState() for user_id in user_ids}
        seen = await self._find_seen(user_ids)
        return {
            user_id: PresenceState(
                online=bool(found[str(user_id)]),
                last_seen_at=seen.get(user_id),
                holds=max(found[str(user_id)].values(), default=None),
            )
            for user_id in user_ids
        }

    async def _refresh_forever(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            if here := list(self._here):
                await self._record_seen(here)
                await self._refresh()

    async def _refresh(self) -> None:
        """Extend the expiry of this process's users.

        A user who leaves during the write would be online again for a minute, so the write is
        undone.
        """
        refreshed = list(self._here)
        await self.marks.set_many(refreshed, self._process)
        gone = [user_id for user_id in refreshed if user_id not in self._here]
        await self.marks.clear_many(gone, self._process)

    async def _record_seen(self, user_ids: Sequence[UUID]) -> None:
        if not user_ids:
            return
        at = now().isoformat()
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for user_id in user_ids:
                    pipe.set(_seen_key(user_id), at, ex=SEEN_DAYS * 86_400)
                await pipe.execute()
        except REDIS_ERRORS as error:
            log.warning("presence.unavailable", error=str(error))

    async def _find_seen(self, user_ids: Sequence[UUID]) -> Mapping[UUID, datetime]:
        try:
            found = await self._redis.mget([_seen_key(user_id) for user_id in user_ids])
        except REDIS_ERRORS as error:
            log.warning("presence.unavailable", error=str(error))
            return {}
        pairs = zip(user_ids, found, strict=True)
        return {id: datetime.fromisoformat(at).astimezone(UTC) for id, at in pairs if at}


@dataclass(frozen=True)
class EphemeralState:
    """State that exists in Redis only, as subscriptions read it."""

    typing: TypingTracker
    presence: PresenceTracker


def typing_topic(conversation_id: UUID) -> str:
    return build_topic(TYPING, conversation_id)


def presence_topic(user_id: UUID) -> str:
    return build_topic(PRESENCE, user_id)


def _seen_key(user_id: UUID) -> str:
    return f"haat:seen:{user_id}"
