"""What is true for a while only: names under a subject, each with a lifetime, in Redis alone."""

from collections.abc import Iterable, Mapping, Sequence

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from core.pubsub import PubSub
from core.topics import build_topic

AT_ONCE = 500
PATIENCE_SECONDS = 0.5
MOST_CONNECTIONS, QUEUE_SECONDS = 8, 20.0

# Time is Redis's own, so that processes with different clocks agree. All names of a
# kind live equally long, so the newest one outlives the others and bears the key's end.
MARK = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local new = redis.call('ZSCORE', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return new and 0 or 1
"""
READ = """
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


def connect(redis_url: str) -> Redis:
    """A client of a few connections: thousands who come or go at once wait for one of them."""
    pool = BlockingConnectionPool.from_url(
        redis_url,
        max_connections=MOST_CONNECTIONS,
        timeout=QUEUE_SECONDS,
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
        decode_responses=True,
    )
    return Redis.from_pool(pool)


class ExpiringSets:
    """Names that stand under a subject until their lifetime is over, unless they are set again.

    Where a name came or went, the hub says "look" on `kind:subject`; one whose
    time is over goes without a word, so who follows looks again when it is. With
    Redis down a write does nothing and a read tells nothing: neither is an error.
    """

    def __init__(self, redis_url: str, pubsub: PubSub, kind: str, seconds: float) -> None:
        self.kind = kind
        self.seconds = seconds
        self._pubsub = pubsub
        self._redis = connect(redis_url)
        self._mark = self._redis.register_script(MARK)
        self._read = self._redis.register_script(READ)

    def topic(self, subject: object) -> str:
        return build_topic(self.kind, subject)

    async def set(self, subject: object, name: object) -> None:
        """Let the name stand for its lifetime from now."""
        try:
            new = await self._mark(keys=[self._key(subject)], args=[str(name), self._lifetime])
        except (RedisError, OSError) as error:
            log.warning("lifetimes.unavailable", kind=self.kind, error=str(error))
            return
        if new:
            self._pubsub.publish({self.topic(subject): 0})

    async def set_many(self, subjects: Iterable[object], name: object) -> None:
        """Let one name stand under many subjects, where it most likely stands already."""
        wanted = list(subjects)
        for start in range(0, len(wanted), AT_ONCE):
            some = wanted[start : start + AT_ONCE]
            try:
                async with self._redis.pipeline(transaction=False) as pipe:
                    for subject in some:
                        await self._mark([self._key(subject)], [str(name), self._lifetime], pipe)
                    new = await pipe.execute()
            except (RedisError, OSError) as error:
                log.warning("lifetimes.unavailable", kind=self.kind, error=str(error))
                return
            came = {self.topic(one): 0 for one, is_new in zip(some, new, strict=True) if is_new}
            self._pubsub.publish(came)

    async def clear(self, subject: object, name: object) -> None:
        """Let the name stand no longer."""
        try:
            gone = await self._redis.zrem(self._key(subject), str(name))
        except (RedisError, OSError) as error:
            log.warning("lifetimes.unavailable", kind=self.kind, error=str(error))
            return
        if gone:
            self._pubsub.publish({self.topic(subject): 0})

    async def read(self, subjects: Sequence[object]) -> Mapping[str, Mapping[str, float]] | None:
        """What stands under each subject, and for how many seconds yet; None without Redis."""
        try:
            found = await self._read(keys=[self._key(subject) for subject in subjects])
        except (RedisError, OSError) as error:
            log.warning("lifetimes.unavailable", kind=self.kind, error=str(error))
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
