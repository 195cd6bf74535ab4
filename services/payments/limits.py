"""Limits of questions to payment providers."""

from uuid import UUID

from core.limits import keys
from core.limits.buckets import TokenBucket
from core.limits.rate_limits import RateLimits
from core.redis.timeouts import RedisAllowance

CHECKS = 30  # in 10 minutes


class PaymentLimits:
    """Limits how often a user has the provider asked about payments."""

    def __init__(self, limits: RateLimits) -> None:
        self._limits = limits
        self._bucket = TokenBucket.of(CHECKS, minutes=10)

    async def charge(self, user_id: UUID, allowance: RedisAllowance) -> None:
        """Charge a question. Raises `TooManyRequests`."""
        key = keys.of_act("check-payment", keys.of_user(user_id))
        (await self._limits.charge({key: self._bucket}, 1, allowance)).ensure_allowed()
