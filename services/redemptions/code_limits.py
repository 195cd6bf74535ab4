"""Limits of wrong codes at a till: a code is short enough to guess."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

from core.limits import keys
from core.limits.buckets import TokenBucket
from core.limits.network_limits import network_limit
from core.limits.rate_limits import RateLimits
from core.redis.timeouts import RedisAllowance
from core.security.codes import read_code
from core.settings import Settings

MINUTES = 10
WRONG_PER_TILL, WRONG_PER_VENDOR = 10, 30
WRONG_SECONDS = 0.15  # that each wrong code takes at least


@dataclass
class Guess:
    """A typed code. `wrong` is set if the till learns no more than that it is not known here."""

    wrong: bool = False


class CodeLimits:
    """Limits wrong codes per member or scanner, per vendor and per network.

    Codes alone are refused then, and QR codes are not. A code whose check symbol is wrong is a slip
    and not a guess, so it is not counted. Each wrong code takes the same time, whether it is of no
    voucher or of another vendor's: the time would disclose which.
    """

    def __init__(self, limits: RateLimits, settings: Settings) -> None:
        self._limits = limits
        self._till = TokenBucket.of(WRONG_PER_TILL, minutes=MINUTES)
        self._vendor = TokenBucket.of(WRONG_PER_VENDOR, minutes=MINUTES)
        self._network = TokenBucket.of(settings.wrong_voucher_codes_per_network, minutes=MINUTES)

    @asynccontextmanager
    async def guess(
        self,
        code: str | None,
        *,
        till: bytes,
        vendor_ids: Collection[UUID],
        address: str,
        allowance: RedisAllowance,
    ) -> AsyncIterator[Guess]:
        """Charge a typed code, and refund it unless the block finds it wrong.

        It is charged before, so that parallel guesses cannot all pass. `vendor_ids` are the vendors
        whose codes the caller may try. Without one, nothing is charged: the caller learns nothing,
        and would use up the codes of a vendor. Raises `TooManyRequests`.
        """
        begun, guess = monotonic(), Guess()
        if code is None:
            yield guess
            return
        charged = {
            keys.of_act("code", keys.of_hash(till)): self._till,
            **{keys.of_act("code", keys.of_vendor(id)): self._vendor for id in vendor_ids},
            **network_limit("code", address, self._network),
        }
        counts = bool(vendor_ids) and read_code(code) is not None
        if counts:
            (await self._limits.charge(charged, 1, allowance)).ensure_allowed()
        try:
            yield guess
        finally:
            if counts and not guess.wrong:
                await self._limits.refund(charged, 1, allowance)
        if guess.wrong:
            await asyncio.sleep(max(0.0, begun + WRONG_SECONDS - monotonic()))
