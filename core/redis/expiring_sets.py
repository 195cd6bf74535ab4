"""Ephemeral state in Redis: sets of names whose members expire one by one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import structlog

from core.outages import REDIS_ERRORS
from core.redis.client import RedisClient
from core.redis.pubsub import PubSub
from core.topics import build_topic

BATCH_SIZE = 500

# Uses the clock of Redis, so that processes with different clocks agree. All names of a kind
# live equally long, so the newest one expires last and determines when the key expires.
SET_SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local new = {}
for at, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  new[at] = redis.call('ZSCORE', key, ARGV[1]) and 0 or 1
  redis.call('ZADD', key, now + ARGV[2], ARGV[1])
  redis.call('PEXPIRE', key, ARGV[2])
end
return new
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
        await self.set_many([subject], name)

    async def set_many(self, subjects: Iterable[object], name: object) -> None:
        """Add or renew one name for many subjects, 500 in one round trip."""
        for batch in _batches(subjects):
            try:
                keys = [self._key(subject) for subject in batch]
                new = await self._set(keys=keys, args=[str(name), self._lifetime])
            except REDIS_ERRORS as error:
                self._log_outage(error)
                return
            self._publish(batch, new)

    async def clear(self, subject: object, name: object) -> None:
        await self.clear_many([subject], name)

    async def clear_many(self, subjects: Iterable[object], name: object) -> None:
        """Remove one name of many subjects, 500 in one round trip."""
        for batch in _batches(subjects):
            try:
                async with self._redis.pipeline(transaction=False) as pipe:
                    for subject in batch:
                        pipe.zrem(self._key(subject), str(name))
                    removed = await pipe.execute()
            except REDIS_ERRORS as error:
                self._log_outage(error)
                return
            self._publish(batch, removed)

    async def read(self, subjects: Sequence[object]) -> Mapping[str, Mapping[str, float]] | None:
        """Return each subject's names with their remaining seconds; None if Redis is down."""
        try:
            found = await self._read(keys=[self._key(subject) for subject in subjects])
        except REDIS_ERRORS as error:
            self._log_outage(error)
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

    def _publish(self, subjects: Sequence[object], changed: Sequence[int]) -> None:
        pairs = zip(subjects, changed, strict=True)
        self._pubsub.publish({self.topic(subject): 0 for subject, is_new in pairs if is_new})

    def _log_outage(self, error: Exception) -> None:
        log.warning("expiring_sets.unavailable", kind=self.kind, error=str(error))


def _batches(subjects: Iterable[object]) -> Iterator[list[object]]:
    remaining = list(subjects)
    for start in range(0, len(remaining), BATCH_SIZE):
        yield remaining[start : start + BATCH_SIZE]
