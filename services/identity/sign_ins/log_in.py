"""Log-in by password, limited so that guesses end and the owner is not locked out."""

from dataclasses import dataclass
from uuid import UUID

from core.database import Database
from core.errors import CallerGone, TooManyRequests
from core.limits import keys
from core.limits.buckets import Buckets, TokenBucket
from core.limits.keyed_semaphore import KeyedSemaphore
from core.limits.network_limits import network_limit
from core.limits.rate_limits import RateLimits
from core.redis.timeouts import RedisAllowance
from core.security.password_threads import IsGone, PasswordThreads
from core.security.sealed import Sealer
from core.settings import Settings
from core.text.email_addresses import normalize_email
from models.identity.accounts import User, WrongCredentials
from models.identity.addresses import EMAIL
from services.identity.accounts import BY_EMAIL
from services.identity.addresses.sealed_addresses import lookup_email
from services.identity.passwords import passwords
from services.identity.passwords.hashing_limits import HashingLimits
from services.identity.sessions.sessions import AuthenticatedUser
from services.identity.sign_ins.known_networks import KNOWN, known_values

NO_USER = UUID(int=0)  # asked for too, so that an unknown address takes no less time


@dataclass(frozen=True)
class LogInAttempt:
    """The buckets of an attempt: those of the account in its network, and those of many callers."""

    own: Buckets
    shared: Buckets
    own_hash: Buckets
    shared_hash: Buckets
    known: bool

    @property
    def hash_of_success(self) -> Buckets:
        """The hash that is charged although the password is right."""
        return self.own_hash if self.known else self.shared_hash


class PasswordLogIn:
    """Compares passwords. An attempt is charged before the comparison, and refunded if it is right.

    Three buckets bound the guesses:

    - the account in this network: tight, because an owner rarely mistypes more often;
    - the account: guesses for one account from many networks;
    - the network: guesses for many accounts from one network, or one carrier with many customers.

    The last two are shared with strangers, who could fill them to lock the owner out. So they are
    charged but do not refuse a network in which the account signed in within 30 days, whose first
    bucket is twice as large. A wrong password is then answered as if they refused: the answers must
    not reveal the networks of an account. The same is true of the hashes of the network.
    """

    def __init__(
        self,
        database: Database,
        limits: RateLimits,
        hashing: HashingLimits,
        threads: PasswordThreads,
        sealer: Sealer,
        settings: Settings,
    ) -> None:
        self._database = database
        self._limits = limits
        self._hashing = hashing
        self._threads = threads
        self._sealer = sealer
        own = settings.log_in_attempts
        self._new_pair = TokenBucket.of(own, minutes=15)
        self._known_pair = TokenBucket.of(2 * own, minutes=15)
        self._account = TokenBucket.of(settings.log_in_attempts_per_account, minutes=60)
        self._network = TokenBucket.of(settings.log_in_attempts_per_network, minutes=15)
        self._networks = KeyedSemaphore()

    async def authenticate(
        self,
        email: str,
        password: str,
        *,
        address: str,
        allowance: RedisAllowance,
        is_gone: IsGone,
    ) -> AuthenticatedUser:
        """Return the user with this email address and password.

        Raises `TooManyRequests`, and `WrongCredentials` without revealing whether the address
        exists: the password is hashed for an unknown one too, or the time would reveal it. The
        slow comparison holds no database connection. Four attempts per network run at once: a
        thousand that look for their users would take all connections of the pool.
        """
        async with self._networks.acquire(keys.of_network(address)):
            return await self._attempt(email, password, address, allowance, is_gone)

    async def _attempt(
        self, email: str, password: str, address: str, allowance: RedisAllowance, is_gone: IsGone
    ) -> AuthenticatedUser:
        normal = normalize_email(email) or ""
        reads, lookup = self._database.reads, lookup_email(self._sealer, normal)
        users = await reads.fetch(BY_EMAIL, {"oldest": lookup.oldest, "newest": lookup.newest})
        user = users[0] if users else None
        values = known_values(user.id if user else NO_USER, address)
        known = bool(await reads.fetch(KNOWN, values))
        # Texts that are no addresses have a limit each: one for all could be used up by a stranger.
        if user:
            account = keys.of_account(user.id)
        else:
            account = keys.of_hash(self._sealer.hash(EMAIL, normal or email))
        pair = keys.of_pair(account, address)
        attempt = LogInAttempt(
            own={pair: self._known_pair if known else self._new_pair},
            shared={
                keys.of_act("log-in", account): self._account,
                **network_limit("log-in", address, self._network),
            },
            own_hash=self._hashing.of_known(pair) if known else {},
            shared_hash=self._hashing.of_network(address),
            known=known,
        )
        try:
            return await self._compare(user, password, attempt, allowance, is_gone)
        except (TooManyRequests, WrongCredentials) as refusal:
            refusal.subject_id = user.id if user else None
            raise

    async def _compare(
        self,
        user: User | None,
        password: str,
        attempt: LogInAttempt,
        allowance: RedisAllowance,
        is_gone: IsGone,
    ) -> AuthenticatedUser:
        own = {**attempt.own, **attempt.own_hash}
        others = {**attempt.shared, **attempt.shared_hash}
        charged = own if attempt.known else {**own, **others}
        charge = await self._limits.charge(charged, 1, allowance)
        charge.ensure_allowed()
        elsewhere = await self._limits.charge(others, 1, allowance) if attempt.known else charge
        charged = {**own, **others} if elsewhere.allowed else own
        hashed = user.password_hash if user else None
        try:
            compared = await passwords.compare(self._threads, password, hashed, is_gone)
        except (CallerGone, TooManyRequests):  # it was not compared
            await self._limits.refund(charged, 1, allowance)
            raise
        if compared.matches and user:
            kept = attempt.hash_of_success
            refunded = {key: bucket for key, bucket in charged.items() if key not in kept}
            await self._limits.refund(refunded, 1, allowance)
            return AuthenticatedUser(user, compared.new_hash)
        elsewhere.ensure_allowed()
        raise WrongCredentials
