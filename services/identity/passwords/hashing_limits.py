"""Limits how many passwords are hashed, apart from the points that pay for reading."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.errors import CallerGone, TooManyRequests
from core.limits import keys
from core.limits.buckets import Buckets, TokenBucket
from core.limits.keys import LimitKey
from core.limits.network_limits import network_limit
from core.limits.rate_limits import RateLimits
from core.redis.timeouts import RedisAllowance
from core.settings import Settings

HASHES_PER_ATTEMPT = 2  # times the failures that a network may have: these are refused first
MAX_KNOWN_HASHES = 50
EMPTY_SECONDS = 100  # until a full bucket is empty again


class HashingLimits:
    """Limits hashes per network, and those of an account in a network that it signs in from.

    A hash takes 20 ms of a core, a thousand times as long as a row. Callers behind one address
    share their network's bucket. An account that signed in there within 30 days has one of its
    own, which others cannot fill. What is refused before it is hashed costs nothing.
    """

    def __init__(self, limits: RateLimits, settings: Settings) -> None:
        self._limits = limits
        hashes = HASHES_PER_ATTEMPT * settings.log_in_attempts_per_network
        self._network = TokenBucket(hashes, hashes / EMPTY_SECONDS)
        self._known = TokenBucket(MAX_KNOWN_HASHES, MAX_KNOWN_HASHES / EMPTY_SECONDS)

    def of_network(self, address: str) -> Buckets:
        return network_limit("hash", address, self._network)

    def of_known(self, pair: LimitKey) -> Buckets:
        return {keys.of_act("hash", pair): self._known}

    @asynccontextmanager
    async def charged(self, address: str, allowance: RedisAllowance) -> AsyncIterator[None]:
        """Charge the network for the hash of the block. Raises `TooManyRequests`."""
        bucket = self.of_network(address)
        (await self._limits.charge(bucket, 1, allowance)).ensure_allowed()
        try:
            yield
        except (CallerGone, TooManyRequests):  # it was not hashed
            await self._limits.refund(bucket, 1, allowance)
            raise
