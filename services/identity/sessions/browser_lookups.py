"""Finds the sessions of cookies: in PostgreSQL, with a copy in Redis for some minutes."""

from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from time import time
from uuid import UUID

import orjson
import structlog
from sqlmodel import col, or_, select

from core.clock import now
from core.database import Database
from core.limits import keys
from core.limits.buckets import TokenBucket
from core.limits.keyed_semaphore import KeyedSemaphore
from core.limits.network_limits import network_limit
from core.limits.rate_limits import RateLimits
from core.outages import REDIS_ERRORS
from core.redis.client import RedisClient
from core.redis.timeouts import RedisAllowance
from core.security.browser_cookie import is_cookie
from core.security.random_secrets import hash_secret
from models.identity.accounts import User, UserSession
from models.identity.revocations import REVOCATION_MINUTES, Revocation, RevocationKind
from services.identity.factors.factors import FactorPolicy, must_enrol_factor
from services.identity.sessions.browser_sessions import cookie_id
from services.identity.sessions.revocation_list import RevocationList
from services.viewer import Acting, Viewer

KEY = "haat:browser:{hash}"
COPY_SECONDS = 600  # less than a revocation lasts: a copy of a cookie that was replaced is refused
WRONG_COOKIES, COOKIE_WINDOW_MINUTES = 30, 15  # of a network, which must not cost a query each
USE_PRECISION = timedelta(minutes=5)
OVERTAKEN = timedelta(minutes=1)  # longer than a request is on its way

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class BrowserSession:
    """A session of a browser, as its copy in Redis. Times are in seconds since 1970.

    `use_is_outdated` is whether to record this use: every five minutes, as of API tokens.
    """

    session_id: UUID
    user_id: UUID
    ends_at: float
    vendor_id: UUID | None
    admin: bool
    acting_until: float | None
    must_enrol: bool = False
    use_is_outdated: bool = False

    @classmethod
    def of(cls, row: UserSession) -> "BrowserSession":
        until = row.acting_until.timestamp() if row.acting_until else None
        return cls(
            row.id,
            row.user_id,
            row.ends_at.timestamp(),
            row.acting_vendor_id,
            row.acting_admin,
            until,
        )

    @property
    def acts(self) -> bool:
        return self.acting_until is not None and time() < self.acting_until

    @property
    def expires(self) -> float:
        """Return when the session or its role ends, and connections with it."""
        return min(self.ends_at, self.acting_until or self.ends_at) if self.acts else self.ends_at

    def viewer(self) -> Viewer:
        """Return the viewer in the role of the session, which lapses to that of a customer.

        Whether it is still an admin's is for the caller to find out.
        """
        if self.must_enrol:
            return Viewer.only_enrolling(self.user_id, self.session_id, Acting())
        acting = Acting(self.vendor_id, self.acting_until) if self.acts else Acting()
        admin = self.acts and self.admin
        return Viewer(self.user_id, self.session_id, admin=admin, acting=acting)


class BrowserLookups:
    """Looks sessions up by their cookies.

    PostgreSQL decides: a copy in Redis saves the query of most requests, and is ignored while this
    process does not know of revocations. A lost or empty Redis signs no user out.
    """

    def __init__(
        self,
        redis_url: str,
        database: Database,
        revocations: RevocationList,
        limits: RateLimits,
        policy: FactorPolicy,
    ) -> None:
        self._redis = RedisClient(redis_url, "browser_sessions")
        self._database, self._revocations = database, revocations
        self._limits, self._policy = limits, policy
        self._window = TokenBucket.of(WRONG_COOKIES, minutes=COOKIE_WINDOW_MINUTES)
        self._networks = KeyedSemaphore()

    async def find(
        self, cookie: str, *, address: str, allowance: RedisAllowance
    ) -> BrowserSession | None:
        """Return the open session of a cookie.

        Raises `TooManyRequests` if the network has sent too many wrong ones.
        """
        if not is_cookie(cookie):
            return None
        hashed = hash_secret(cookie)
        if self._revocations.knows_ended(cookie_id(hashed)):
            return None
        if self._revocations.is_current:
            copied = await self._read_copy(hashed, allowance)
            if copied is not None and time() < copied.ends_at:
                return copied
        window = network_limit("cookie", address, self._window)
        async with self._networks.acquire(keys.of_network(address)):
            (await self._limits.charge(window, 1, allowance)).ensure_allowed()
            found = await self._find_row(hashed)
            if found is not None:
                await self._limits.refund(window, 1, allowance)
        if found is not None and not found.must_enrol:  # which ends with the first factor
            await self._copy(hashed, replace(found, use_is_outdated=False), allowance)
        return found

    async def was_overtaken(self, cookie: str) -> bool:
        """Return whether a cookie without a session had one within the last minute.

        Another tab may have changed the cookie while this request was on its way, so the browser
        may have a newer one by now.
        """
        hashed = hash_secret(cookie)
        if self._revocations.knows_ended(cookie_id(hashed)):
            return True
        recently = now() - OVERTAKEN
        replaced = select(Revocation.id).where(
            Revocation.kind == RevocationKind.TOKEN,
            Revocation.subject_id == cookie_id(hashed),
            Revocation.expires_at > recently + timedelta(minutes=REVOCATION_MINUTES),
        )
        ended = select(UserSession.id).where(
            UserSession.cookie_hash == hashed, col(UserSession.ended_at) > recently
        )
        async with self._database.session() as session:
            found = await session.exec(select(or_(replaced.exists(), ended.exists())))
            return found.one()

    async def forget(self, cookie: str, allowance: RedisAllowance) -> None:
        """Delete the copy of a cookie that was replaced, as far as Redis can be asked."""
        try:
            await allowance.spend(self._redis.execute_command("DEL", _key(hash_secret(cookie))))
        except REDIS_ERRORS as error:
            log.warning("browser_sessions.unavailable", error=str(error))

    async def close(self) -> None:
        await self._redis.aclose()

    async def _find_row(self, hashed: bytes) -> BrowserSession | None:
        async with self._database.session() as session:
            rows = select(UserSession).where(UserSession.cookie_hash == hashed)
            row = (await session.exec(rows)).first()
            if row is None or not row.is_open:
                return None
            found = BrowserSession.of(row)
            user = await session.get_one(User, row.user_id)
            if await must_enrol_factor(session, user, self._policy):
                found = replace(found, must_enrol=True)
        is_outdated = row.last_used_at < now() - USE_PRECISION
        return replace(found, use_is_outdated=is_outdated)

    async def _read_copy(self, hashed: bytes, allowance: RedisAllowance) -> BrowserSession | None:
        try:
            text = await allowance.spend(self._redis.execute_command("GET", _key(hashed)))
        except REDIS_ERRORS as error:
            log.warning("browser_sessions.unavailable", error=str(error))
            return None
        return _decode(text) if text else None

    async def _copy(self, hashed: bytes, found: BrowserSession, allowance: RedisAllowance) -> None:
        seconds = min(COPY_SECONDS, int(found.ends_at - time()))
        if seconds <= 0:
            return
        text = orjson.dumps(asdict(found), default=str).decode()
        try:
            setting = self._redis.execute_command("SET", _key(hashed), text, "EX", seconds)
            await allowance.spend(setting)
        except REDIS_ERRORS as error:
            log.warning("browser_sessions.unavailable", error=str(error))


def _key(hashed: bytes) -> str:
    return KEY.format(hash=hashed.hex())


def _decode(text: str) -> BrowserSession:
    given = orjson.loads(text)
    vendor_id = given["vendor_id"]
    ids = {name: UUID(given[name]) for name in ("session_id", "user_id")}
    return BrowserSession(**given | ids | {"vendor_id": vendor_id and UUID(vendor_id)})
