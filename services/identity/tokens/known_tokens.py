"""Remembers API tokens that were good, so that wrong ones of neighbours do not stop them."""

import time
from collections import OrderedDict

import structlog

from core.outages import REDIS_ERRORS
from core.redis.client import RedisClient
from core.redis.timeouts import RedisAllowance

MAX_REMEMBERED = 10_000
LOCAL_SECONDS = 86_400.0
SHARED_SECONDS = 8 * 86_400  # each process notes a use once a day, so it is at least a week
MAX_SHARED = 100_000  # about 15 MB
KEY = "haat:known_tokens"

NOTE = """
local now = tonumber(redis.call('TIME')[1])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[2]))
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - tonumber(ARGV[3]))
redis.call('EXPIRE', KEYS[1], ARGV[2])
"""

log = structlog.get_logger(__name__)


class ExpiringMemory:
    """The newest 10,000 hashes of tokens, each for some seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends: OrderedDict[bytes, float] = OrderedDict()

    def __contains__(self, name: bytes) -> bool:
        return self._ends.get(name, 0.0) > time.monotonic()

    def add(self, name: bytes) -> None:
        self.discard(name)
        self._ends[name] = time.monotonic() + self._seconds
        if len(self._ends) > MAX_REMEMBERED:
            self._ends.popitem(last=False)

    def discard(self, name: bytes) -> None:
        self._ends.pop(name, None)


class KnownTokens:
    """The hashes of good tokens: in this process for a day, and in Redis for a week.

    Only a token that was found is remembered, so callers cannot fill the memory with others. If
    Redis is away, what this process knows remains.
    """

    def __init__(self, redis_url: str) -> None:
        self._redis = RedisClient(redis_url, "known_tokens")
        self._note = self._redis.register_script(NOTE)
        self._local = ExpiringMemory(LOCAL_SECONDS)

    def __contains__(self, name: bytes) -> bool:
        """Return whether this process knows the token."""
        return name in self._local

    async def shares(self, name: bytes, allowance: RedisAllowance) -> bool:
        """Return whether any process has noted the token."""
        try:
            asking = self._redis.execute_command("ZSCORE", KEY, name.hex())
            return await allowance.spend(asking) is not None
        except REDIS_ERRORS as error:
            log.warning("known_tokens.unavailable", error=str(error))
            return False

    async def note(self, name: bytes, allowance: RedisAllowance) -> None:
        """Note that a token is good, in Redis once a day."""
        if name in self._local:
            return
        self._local.add(name)
        try:
            await allowance.spend(
                self._note(keys=[KEY], args=[name.hex(), SHARED_SECONDS, MAX_SHARED])
            )
        except REDIS_ERRORS as error:
            log.warning("known_tokens.unavailable", error=str(error))

    def forget(self, name: bytes) -> None:
        """Forget a token that is no longer good. The copy in Redis expires."""
        self._local.discard(name)

    async def close(self) -> None:
        await self._redis.aclose()
