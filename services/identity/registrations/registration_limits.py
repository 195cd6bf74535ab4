"""Limits of registrations, verifications and mails, beside their price in points."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.limits import keys
from core.limits.buckets import Buckets, TokenBucket
from core.limits.keyed_semaphore import KeyedSemaphore
from core.limits.network_limits import network_limit
from core.limits.rate_limits import RateLimits
from core.redis.timeouts import RedisAllowance
from core.security.sealed import Sealer
from core.settings import Settings
from models.identity.addresses import EMAIL
from models.identity.registrations import CodeWrong

HOUR_MINUTES, DAY_MINUTES = 60, 24 * 60


class RegistrationLimits:
    """Limits registrations and wrong codes per network, and mails per address and in all.

    What fails is not counted, and what is counted is charged before it is done. Mails are counted
    for every address, with or without an account: a limit must not reveal which it is. An address
    that others register often cannot register itself for a while; more mails would be worse. The
    limit of all mails keeps what many networks ask for from costing the server its good name as a
    sender.
    """

    def __init__(self, limits: RateLimits, sealer: Sealer, settings: Settings) -> None:
        self._limits = limits
        self._sealer = sealer
        self._registrations = TokenBucket.of(
            settings.registrations_per_network, minutes=HOUR_MINUTES
        )
        self._mails = TokenBucket.of(settings.mails_per_address, minutes=HOUR_MINUTES)
        self._all_mails = TokenBucket.of(settings.mails_per_day, minutes=DAY_MINUTES)
        self._wrong_codes = TokenBucket.of(settings.wrong_codes_per_network, minutes=HOUR_MINUTES)
        self._networks = KeyedSemaphore()

    @asynccontextmanager
    async def registration(
        self, email: str, address: str, allowance: RedisAllowance
    ) -> AsyncIterator[None]:
        """Charge a registration and its mail, and refund them if the block fails.

        Runs four blocks per network at once, or one network would fill the queue for hashes. Raises
        `TooManyRequests`.
        """
        network = network_limit("register", address, self._registrations)
        charged = {**network, **self._mail_buckets(email)}
        async with (
            self._networks.acquire(keys.of_network(address)),
            self._limits.charged(charged, allowance),
        ):
            yield

    @asynccontextmanager
    async def requested_mail(
        self, email: str, address: str, allowance: RedisAllowance
    ) -> AsyncIterator[None]:
        """Charge a mail to an address that anyone entered, and refund it if the block fails.

        Raises `TooManyRequests`.
        """
        network = network_limit("reset", address, self._registrations)
        charged = {**network, **self._mail_buckets(email)}
        async with self._limits.charged(charged, allowance):
            yield

    @asynccontextmanager
    async def mail(self, email: str, allowance: RedisAllowance) -> AsyncIterator[None]:
        """Charge a mail to an address, and refund it if the block fails.

        Raises `TooManyRequests`.
        """
        async with self._limits.charged(self._mail_buckets(email), allowance):
            yield

    @asynccontextmanager
    async def wrong_code(self, address: str, allowance: RedisAllowance) -> AsyncIterator[None]:
        """Charge a wrong code, and refund it unless the block raises `CodeWrong`.

        Raises `TooManyRequests`.
        """
        charged = network_limit("code", address, self._wrong_codes)
        async with self._limits.charged_for(CodeWrong, charged, allowance):
            yield

    def _mail_buckets(self, email: str) -> Buckets:
        return {
            keys.of_act("mail", keys.of_hash(self._sealer.hash(EMAIL, email))): self._mails,
            keys.of_act("mail", keys.of_all()): self._all_mails,
        }
