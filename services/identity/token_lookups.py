"""Finds API tokens, and limits the wrong ones of a network before the database is asked."""

import time
from collections import OrderedDict

from core.database import Database
from core.limits import keys
from core.limits.buckets import TokenBucket
from core.limits.keyed_semaphore import KeyedSemaphore
from core.limits.rate_limits import RateLimits
from core.redis_timeouts import RedisAllowance
from core.security import tokens
from models.identity.api_tokens import ApiToken
from services.identity import api_tokens
from services.identity.api_tokens import hash_secret

WRONG_TOKENS, WINDOW_MINUTES = 30, 15
GOOD_SECONDS = 3600.0
WRONG_SECONDS = 60.0
MAX_REMEMBERED = 10_000


class TokenLookups:
    """Looks API tokens up by their secrets.

    Anyone can compute the checksum of a token, so a wrong one would cost a query before its caller
    is known and charged. Each network may try 30 different wrong tokens in 15 minutes. A token that
    was found in this process within an hour is not counted, and one that was not found within a
    minute is not looked up again, so that a program with an old token does not use the window up.
    """

    def __init__(self, database: Database, limits: RateLimits) -> None:
        self._database = database
        self._limits = limits
        self._window = TokenBucket.of(WRONG_TOKENS, minutes=WINDOW_MINUTES)
        # Good tokens are refunded: without it, many at once would fill the window for a moment.
        self._networks = KeyedSemaphore()
        self._good = ExpiringMemory(GOOD_SECONDS)
        self._wrong = ExpiringMemory(WRONG_SECONDS)

    async def find(
        self, secret: str, *, address: str, allowance: RedisAllowance
    ) -> ApiToken | None:
        """Return the live token with this secret.

        Raises `TooManyRequests` if the network has tried too many wrong ones.
        """
        if not tokens.is_token(secret):
            return None
        name = hash_secret(secret)
        if name in self._wrong:
            return None
        if name in self._good:
            return await self._look_up(secret, name)
        network = keys.of_network(address)
        window = {keys.of_act("token", network): self._window}
        async with self._networks.acquire(network):
            (await self._limits.charge(window, 1, allowance)).ensure_allowed()
            if found := await self._look_up(secret, name):
                await self._limits.refund(window, 1, allowance)
        return found

    async def _look_up(self, secret: str, name: bytes) -> ApiToken | None:
        """Find a token, not in the places of the caller: its network is not whose program it is."""
        async with self._database.session() as session:
            found = await api_tokens.find_live(session, secret)
        (self._wrong if found is None else self._good).add(name)
        return found


class ExpiringMemory:
    """The newest 10,000 hashes of tokens, each for some seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends: OrderedDict[bytes, float] = OrderedDict()

    def __contains__(self, name: bytes) -> bool:
        return self._ends.get(name, 0.0) > time.monotonic()

    def add(self, name: bytes) -> None:
        self._ends.pop(name, None)
        self._ends[name] = time.monotonic() + self._seconds
        if len(self._ends) > MAX_REMEMBERED:
            self._ends.popitem(last=False)
