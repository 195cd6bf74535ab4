"""Limits of wrong second factors per network."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.limits.buckets import TokenBucket
from core.limits.network_limits import network_limit
from core.limits.rate_limits import RateLimits
from core.redis.timeouts import RedisAllowance
from core.settings import Settings
from models.identity.factors import FactorWrong
from models.identity.passkeys import PasskeyRefused

HOUR_MINUTES = 60


class FactorLimits:
    """Limits wrong proofs of second factors per network, beside those per sign-in and account.

    A thief of many passwords could otherwise try a few codes of each account. Strangers
    in a network could fill its bucket, so it does not refuse an account that signed in there within
    30 days; a wrong proof is then answered as if it did.
    """

    def __init__(self, limits: RateLimits, settings: Settings) -> None:
        self._limits = limits
        self._network = TokenBucket.of(settings.wrong_factors_per_network, minutes=HOUR_MINUTES)

    @asynccontextmanager
    async def wrong_factor(
        self, address: str, allowance: RedisAllowance, *, is_known: bool
    ) -> AsyncIterator[None]:
        """Charge a wrong factor, and refund it unless the block raises that it is wrong.

        `is_known` is whether the account signed in in this network. Raises `TooManyRequests`.
        """
        charged = network_limit("factor", address, self._network)
        charge = await self._limits.charge(charged, 1, allowance)
        if not is_known:
            charge.ensure_allowed()
        try:
            yield
        except (FactorWrong, PasskeyRefused):
            charge.ensure_allowed()
            raise
        except Exception:
            if charge.allowed:
                await self._limits.refund(charged, 1, allowance)
            raise
        if charge.allowed:
            await self._limits.refund(charged, 1, allowance)
