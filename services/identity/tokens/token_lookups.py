"""Finds API tokens, and limits the wrong ones of a network before the database is asked."""

from core.database import Database
from core.limits import keys
from core.limits.buckets import TokenBucket
from core.limits.keyed_semaphore import KeyedSemaphore
from core.limits.network_limits import network_limit
from core.limits.rate_limits import RateLimits
from core.redis.timeouts import RedisAllowance
from core.security import tokens
from core.security.random_secrets import hash_secret
from models.identity.api_tokens import ApiToken
from services.identity.tokens import api_tokens
from services.identity.tokens.known_tokens import ExpiringMemory, KnownTokens

WRONG_TOKENS, WINDOW_MINUTES = 30, 15
MORE_PER_SECOND = 1  # unknown tokens of a network that has tried so many
WRONG_SECONDS = 60.0


class TokenLookups:
    """Looks API tokens up by their secrets.

    Anyone can compute the checksum of a token, so a wrong one would cost a query before its caller
    is known and charged. Each network may try 30 different wrong tokens in 15 minutes, and then one
    a second: a good token that is not remembered waits for its turn, but is not locked out by its
    neighbours. Tokens that were good within a week are not counted. One that was not found within
    a minute is not looked up again, so that a program with an old token does not use the window up.
    """

    def __init__(self, database: Database, limits: RateLimits, known: KnownTokens) -> None:
        self._database = database
        self._limits = limits
        self._window = TokenBucket.of(WRONG_TOKENS, minutes=WINDOW_MINUTES)
        self._more = TokenBucket(1, MORE_PER_SECOND)
        # Good tokens are refunded: without it, many at once would fill the window for a moment.
        self._networks = KeyedSemaphore()
        self._known = known
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
        if name in self._known:
            return await self._look_up(secret, name, allowance)
        network = keys.of_network(address)
        window = network_limit("token", address, self._window)
        async with self._networks.acquire(network):
            counted = (await self._limits.charge(window, 1, allowance)).allowed
            if not counted and not await self._known.shares(name, allowance):
                more = network_limit("more-tokens", address, self._more)
                (await self._limits.charge(more, 1, allowance)).ensure_allowed()
            found = await self._look_up(secret, name, allowance)
            if found and counted:
                await self._limits.refund(window, 1, allowance)
        return found

    async def close(self) -> None:
        await self._known.close()

    async def _look_up(
        self, secret: str, name: bytes, allowance: RedisAllowance
    ) -> ApiToken | None:
        """Find a token, not in the places of the caller: its network is not whose program it is."""
        async with self._database.session() as session:
            found = await api_tokens.find_live(session, secret)
        if found is None:
            self._known.forget(name)
            self._wrong.add(name)
        else:
            await self._known.note(name, allowance)
        return found
