"""Limits of carts that are created without an account: each stores a row."""

from core.limits.buckets import TokenBucket
from core.limits.network_limits import network_limit
from core.limits.rate_limits import RateLimits
from core.redis.timeouts import RedisAllowance
from core.settings import Settings


class CartLimits:
    """Limits the carts of anonymous callers per network."""

    def __init__(self, limits: RateLimits, settings: Settings) -> None:
        self._limits = limits
        self._network = TokenBucket.of(settings.anonymous_carts_per_network, minutes=60)

    async def charge(self, address: str, allowance: RedisAllowance) -> None:
        """Charge a cart. Raises `TooManyRequests`."""
        charged = network_limit("cart", address, self._network)
        (await self._limits.charge(charged, 1, allowance)).ensure_allowed()
