"""Limits of codes by phone. Each message costs money, and fraudsters collect a part of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.countries.phone_numbers import block_of, is_served
from core.limits import keys
from core.limits.buckets import Buckets, TokenBucket
from core.limits.keys import LimitKey
from core.limits.network_limits import network_limit
from core.limits.rate_limits import RateLimits
from core.redis.timeouts import RedisAllowance
from core.security.sealed import Sealer
from core.settings import Settings
from models.identity.phones import PHONE, NumberNotServed

HOUR, DAY = 60, 24 * 60  # in minutes
PER_HOUR, PER_DAY = 3, 6  # messages to one number
BLOCK_PER_HOUR = 20  # messages to a block of 10,000 numbers


class PhoneLimits:
    """Limits messages per number, block of numbers, network, and in all.

    They are counted for every number, with or without an account: a limit must not reveal which it
    is.
    """

    def __init__(self, limits: RateLimits, sealer: Sealer, settings: Settings) -> None:
        self._limits = limits
        self._sealer = sealer
        self._countries = settings.sms_country_codes
        self._sends = bool(settings.sms_account) or settings.development
        self._network = TokenBucket.of(settings.sms_per_network, minutes=HOUR)
        self._all = TokenBucket.of(settings.sms_per_day, minutes=DAY)

    @asynccontextmanager
    async def message(
        self, number: str, address: str, allowance: RedisAllowance
    ) -> AsyncIterator[None]:
        """Charge a message to a number in E.164, and refund it if the block fails.

        Raises `NumberNotServed` and `TooManyRequests`.
        """
        if not self._sends or not is_served(number, self._countries):
            raise NumberNotServed(field=["phone"])
        async with self._limits.charged(self._buckets(number, address), allowance):
            yield

    def _block(self, number: str) -> LimitKey:
        return keys.of_hash(self._sealer.hash("BLOCK", block_of(number)))

    def _buckets(self, number: str, address: str) -> Buckets:
        own = keys.of_hash(self._sealer.hash(PHONE, number))
        return {
            keys.of_act("sms-minute", own): TokenBucket.of(1, minutes=1),
            keys.of_act("sms-hour", own): TokenBucket.of(PER_HOUR, minutes=HOUR),
            keys.of_act("sms-day", own): TokenBucket.of(PER_DAY, minutes=DAY),
            keys.of_act("sms-block", self._block(number)): TokenBucket.of(
                BLOCK_PER_HOUR, minutes=HOUR
            ),
            **network_limit("sms", address, self._network),
            keys.of_act("sms", keys.of_all()): self._all,
        }
