"""Limits of redirects from providers that prove nothing: each costs a request to the provider."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.limits import keys
from core.limits.buckets import TokenBucket
from core.limits.keyed_semaphore import KeyedSemaphore
from core.limits.rate_limits import RateLimits
from core.redis.timeouts import RedisAllowance
from core.settings import Settings
from gateways.sign_in.base import ProviderFailed


class ProviderLimits:
    """Limits the failures per network, of which four run at once."""

    def __init__(self, limits: RateLimits, settings: Settings) -> None:
        self._limits = limits
        self._failures = TokenBucket.of(settings.provider_failures_per_network, minutes=15)
        self._networks = KeyedSemaphore()

    @asynccontextmanager
    async def failure(self, address: str, allowance: RedisAllowance) -> AsyncIterator[None]:
        """Charge a failure, and refund it unless the block raises `ProviderFailed`.

        Raises `TooManyRequests`.
        """
        network = keys.of_act("provider", keys.of_network(address))
        charged = {network: self._failures}
        async with (
            self._networks.acquire(network),
            self._limits.charged_for(ProviderFailed, charged, allowance),
        ):
            yield
