"""Ephemeral state in Redis: sets of names whose members expire one by one."""

from collections.abc import Iterable, Mapping, Sequence

import structlog

from core.outages import REDIS_ERRORS
from core.pubsub import PubSub
from core.redis_client import RedisClient
from core.topics import build_topic

BATCH_SIZE = 500

# Uses the clock of Redis, so that processes with different clocks agree. All names of a kind
# live equally long, so the newest one expires last and determines when the key expires.
SET_SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local new = redis.call('ZSCORE', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return new and 0 or 1
"""
READ_SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local found = {}
for at, key in ipairs(KEYS) do
  local names = redis.call('ZRANGEBYSCORE', key, now + 1, '+inf', 'WITHSCORES')
  for place = 2, #names, 2 do names[place] = tostring(names[place] - now) end
  found[at] = names
end
return found
"""

log = structlog.get_logger(__name__)


class ExpiringSets:
    """Sets of names, one per subject. A name expires after `seconds` unless it is set again.

    Additions and removals are published on `kind:subject`, expiry is not: subscribers read again
    when the shortest lifetime ends. If Redis is down, writes do nothing and reads return None.
    """

    def __init__(self, redis_url: str, pubsub: PubSub, kind: str, seconds: float) -> None:
        self.kind = kind
        self.seconds = seconds
        self._pubsub = pubsub
        self._redis = RedisClient(redis_url, kind)
        self._set = self._redis.register_script(SET_SCRIPT)
        self._read = self._redis.register_script(READ_SCRIPT)

    def topic(self, subject: object) -> str:
        return build_topic(self.kind, subject)

    async def set(self, subject: object, name: object) -> None:
        """Add a name, or renew its lifetime."""
        try:
            new = await self._set(keys=[self._key(subject)], args=[str(name), self._lifetime])
        except REDIS_ERRORS as error:
            log.warning("expiring_sets.unavailable", kind=self.kind, error=str(error))
            return
        if new:
            self._pubsub.publish({self.topic(subject): 0})

    async def set_many(self, subjects: Iterable[object], name: object) -> None:
        """Add or renew one name for many subjects, in pipelines of 500."""
        remaining = list(subjects)
        for start in range(0, len(remaining), BATCH_SIZE):
            batch = remaining[start : start + BATCH_SIZE]
            try:
                async with self._redis.pipeline(transaction=False) as pipe:
                    for subject in batch:
                        await self._set([self._key(subject)], [str(name), self._lifetime], pipe)
                    new = await pipe.execute()
            except REDIS_ERRORS as error:
                log.warning("expiring_sets.unavailable", kind=self.kind, error=str(error))
                return
            added = {self.topic(one): 0 for one, is_new in zip(batch, new, strict=True) if is_new}
            self._pubsub.publish(added)

    async def clear(self, subject: object, name: object) -> None:
        try:
            removed = await self._redis.zrem(self._key(subject), str(name))
        except REDIS_ERRORS as error:
            log.warning("expiring_sets.unavailable", kind=self.kind, error=str(error))
            return
        if removed:
            self._pubsub.publish({self.topic(subject): 0})

    async def read(self, subjects: Sequence[object]) -> Mapping[str, Mapping[str, float]] | None:
        """Return each subject's names with their remaining seconds; None if Redis is down."""
        try:
            found = await self._read(keys=[self._key(subject) for subject in subjects])
        except REDIS_ERRORS as error:
            log.warning("expiring_sets.unavailable", kind=self.kind, error=str(error))
            return None
        return {
            str(subject): {
                name: float(left) / 1000 for name, left in zip(pairs[::2], pairs[1::2], strict=True)
            }
            for subject, pairs in zip(subjects, found, strict=True)
        }

    async def close(self) -> None:
        await self._redis.aclose()

    @property
    def _lifetime(self) -> int:
        return int(self.seconds * 1000)

    def _key(self, subject: object) -> str:
        return f"haat:{self.kind}:{subject}"
