"""Limits of sign-ins that are started: each stores a row, whether or not it is finished."""

from core.limits.buckets import TokenBucket
from core.limits.network_limits import network_limit
from core.limits.rate_limits import RateLimits
from core.redis.timeouts import RedisAllowance
from core.settings import Settings


class StartLimits:
    """Limits the challenges of passkeys and the redirects to providers per network.

    They need no account, and their points alone would let one network add 100 rows a second.
    """

    def __init__(self, limits: RateLimits, settings: Settings) -> None:
        self._limits = limits
        self._network = TokenBucket.of(settings.sign_in_starts_per_network, minutes=15)

    async def charge(self, address: str, allowance: RedisAllowance) -> None:
        """Charge a start. Raises `TooManyRequests`."""
        charged = network_limit("start", address, self._network)
        (await self._limits.charge(charged, 1, allowance)).ensure_allowed()
