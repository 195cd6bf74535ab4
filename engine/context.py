"""The context of resolvers."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Hashable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import strawberry
from graphql import GraphQLError
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database
from core.documents.persisted_documents import PersistedDocuments
from core.limits import keys
from core.limits.buckets import Charge
from core.limits.caller_connections import CallerConnections
from core.limits.local_allowances import LocalAllowances
from core.limits.rate_limits import RateLimits
from core.redis.pubsub import PubSub
from core.redis.timeouts import RedisAllowance
from core.runtime.garbage import Freezer
from core.security.password_threads import IsGone, PasswordThreads
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from core.statements.statement import Statement
from core.statements.units import PreparedTransaction, TransactionOnDemand
from engine.browser_mode import BrowserMode
from engine.limits.document_cache import DocumentCache
from engine.live.sources import AcceptedSubscription
from engine.public_answers.answers import PublicAnswers
from engine.request_loaders import Loaders
from gateways.payments.gateway import PaymentGateways
from gateways.sign_in.base import SignInGateway
from gateways.storage.base import ObjectStorage
from models.identity.providers import SignInProvider
from services.audit.entries import note_impersonation
from services.audit.recorder import AuditRecorder
from services.carts.limits import CartLimits
from services.chat.presence import EphemeralState, PresenceTracker, TypingTracker
from services.events.passes.wallets import Wallets
from services.fraud.assessing import Assessor
from services.identity.factors.factor_limits import FactorLimits
from services.identity.factors.factors import FactorPolicy
from services.identity.passwords.hashing_limits import HashingLimits
from services.identity.phones.phone_limits import PhoneLimits
from services.identity.providers.provider_limits import ProviderLimits
from services.identity.registrations.registration_limits import RegistrationLimits
from services.identity.sessions.browser_lookups import BrowserLookups
from services.identity.sessions.refresh_confirmations import RefreshConfirmations
from services.identity.sessions.revocation_list import RevocationList
from services.identity.sessions.sessions import (
    InBrowser,
    Lifetimes,
    ensure_fresh_session,
    ensure_session_open,
)
from services.identity.sign_ins.log_in import PasswordLogIn
from services.identity.sign_ins.start_limits import StartLimits
from services.identity.tokens.token_lookups import TokenLookups
from services.journal.feed import Feed
from services.offers.for_you.kept_lists import KeptLists
from services.payments.calls.sending import CallSender
from services.payments.limits import PaymentLimits
from services.payments.ways import WaysToPay
from services.redemptions.code_limits import CodeLimits
from services.transaction import Transactions
from services.uploads.ingest import UploadIngest
from services.viewer import ANONYMOUS, VIEWER_PARAMETERS, Freshness, Viewer

Result = TypeVar("Result")


@dataclass(frozen=True)
class AppState:
    """The parts of a process, created once by `app.create_app`."""

    settings: Settings
    database: Database
    transactions: Transactions
    caller_connections: CallerConnections
    keys: SigningKeys
    sealer: Sealer
    limits: RateLimits
    local_allowances: LocalAllowances
    log_in: PasswordLogIn
    token_lookups: TokenLookups
    hashing_limits: HashingLimits
    passwords: PasswordThreads
    registration_limits: RegistrationLimits
    phone_limits: PhoneLimits
    provider_limits: ProviderLimits
    start_limits: StartLimits
    cart_limits: CartLimits
    sign_in: Mapping[SignInProvider, SignInGateway]
    factor_limits: FactorLimits
    code_limits: CodeLimits
    browser_lookups: BrowserLookups
    revocations: RevocationList
    refresh_confirmations: RefreshConfirmations
    pubsub: PubSub
    feed: Feed
    persisted_documents: PersistedDocuments
    document_cache: DocumentCache
    public_answers: PublicAnswers
    freezer: Freezer
    typing: TypingTracker
    presence: PresenceTracker
    objects: ObjectStorage
    uploads: UploadIngest
    audit: AuditRecorder
    payments: PaymentGateways
    payment_limits: PaymentLimits
    wallets: Wallets
    fraud: Assessor
    kept_lists: KeptLists

    async def start(self) -> None:
        await self.pubsub.start()
        await self.feed.start()
        await self.revocations.start()
        await self.refresh_confirmations.start()
        await self.presence.start()
        await self.objects.start()
        await self.audit.start()
        await self.public_answers.start()

    async def stop(self) -> None:
        await self.presence.stop()
        await self.typing.close()
        await self.objects.stop()
        await self.refresh_confirmations.stop()
        await self.revocations.stop()
        await self.feed.stop()
        await self.pubsub.stop()
        await self.audit.stop()
        self.passwords.close()
        await self.local_allowances.close()
        await self.limits.close()
        await self.token_lookups.close()
        await self.browser_lookups.close()
        await self.fraud.counters.close()
        await self.kept_lists.close()
        await self.persisted_documents.close()
        for provider in self.sign_in.values():
            await provider.close()
        for gateway in self.payments.values():
            await gateway.close()
        await self.public_answers.stop()
        await self.database.close()

    @property
    def ephemeral(self) -> EphemeralState:
        return EphemeralState(self.typing, self.presence)

    @property
    def ways_to_pay(self) -> WaysToPay:
        return WaysToPay.of(self.payments, self.settings)

    @property
    def lifetimes(self) -> Lifetimes:
        return Lifetimes(
            self.settings.access_token_minutes,
            self.settings.refresh_token_days,
            self.settings.session_days,
            FactorPolicy(
                admins=self.settings.factor_required_for_admins,
                owners=self.settings.factor_required_for_owners,
            ),
        )


async def _is_never_gone() -> bool:
    return False


@dataclass
class Context:
    """The context of one operation.

    It holds no database session, because sibling fields run concurrently. `signed_in_user_id` is
    the user that this operation has signed in, `refusals` are the codes of its refused mutations,
    `redis_allowance` is the time that its limits may still wait for Redis. `is_gone` returns
    whether the caller of an HTTP request has disconnected; those of a socket are cancelled. With a
    `freshness`, which a `fresh` mutation sets, transactions start by checking the session; `enrols`
    is set by those that are also allowed where the user may only set up a factor.
    `length_charge` and `document_error` are what is known of the document before it is validated.
    `request_bytes` is the size of the request, `charged` whether the caller has paid for it.
    `request_event` has more fields for the log event of an HTTP request. `browser` is the cookie of
    a request in browser mode; `handshake` is what a socket needs to enter it.
    """

    app: AppState
    viewer: Viewer = ANONYMOUS
    locales: list[str] = field(default_factory=list)
    address: str = ""
    user_agent: str = ""
    is_gone: IsGone = _is_never_gone
    expires: float | None = None
    last_event_id: str | None = None
    connection_params: dict[str, Any] | None = None
    accepted: AcceptedSubscription | None = None
    cursors: dict[tuple[str, ...], Awaitable[str]] = field(init=False, default_factory=dict)
    loaders: Loaders = field(init=False)
    signed_in_user_id: UUID | None = field(init=False, default=None)
    refusals: list[str] = field(init=False, default_factory=list)
    redis_allowance: RedisAllowance = field(init=False, default_factory=RedisAllowance)
    freshness: Freshness | None = field(init=False, default=None)
    enrols: bool = field(init=False, default=False)
    length_charge: Charge | None = field(init=False, default=None)
    document_error: GraphQLError | None = field(init=False, default=None)
    request_bytes: int = field(init=False, default=0)
    charged: bool = field(init=False, default=False)
    request_event: dict[str, Any] | None = field(init=False, default=None)
    browser: BrowserMode | None = None
    handshake: Any = None

    def __post_init__(self) -> None:
        self.loaders = Loaders(self)

    @property
    def was_parsed(self) -> bool:
        """Whether the document is its own, and not the placeholder of `DocumentParsing`."""
        refused = self.length_charge is not None and not self.length_charge.allowed
        return self.document_error is None and not refused

    def for_operation(self) -> "Context":
        return dataclasses.replace(self)

    def may_read_account(self, user_id: UUID) -> bool:
        return user_id in {self.viewer.user_id, self.signed_in_user_id} or self.viewer.admin

    @property
    def sealer(self) -> Sealer:
        return self.app.sealer

    @property
    def lifetimes(self) -> Lifetimes:
        """Return the lifetimes of a session that this request opens."""
        if self.browser is None or not self.browser.can_change:
            return self.app.lifetimes
        former = (self.viewer.enrolling or self.viewer).session_id if self.browser.cookie else None
        replaced = InBrowser(former)
        return dataclasses.replace(self.app.lifetimes, browser=replaced)

    async def keep_cookie(self, cookie: str | None) -> None:
        """Have the browser keep another cookie, after the commit. None deletes it."""
        if self.browser is None:
            return
        former = self.browser.cookie
        self.browser.keep(cookie)
        if former is not None:
            await self.app.browser_lookups.forget(former, self.redis_allowance)

    def act_as(self, viewer: Viewer) -> None:
        """Continue the request with the rights that the viewer has from now on."""
        self.viewer = viewer
        self._forget_loaded()

    @contextmanager
    def as_enrolling(self) -> Iterator[None]:
        """Act as a user who may only set up a second factor, in a mutation that `enrols`."""
        limited = self.viewer
        if not self.enrols or limited.enrolling is None:
            yield
            return
        self.viewer = limited.enrolling
        try:
            yield
        finally:
            self.viewer = limited

    async def ensure_session_open(self) -> None:
        """Raise `NotSignedIn` if the viewer's session or API token has ended."""
        await ensure_session_open(self.app.database.shared, self.viewer)

    async def cursor(self, *topics: str) -> str:
        """Return the topics' journal cursor, as of the first call in this operation.

        Call it before reading the state. Parallel fields share one cursor, shielded so that the
        cancellation of one field does not fail the others.
        """
        key = tuple(sorted(topics))
        if key not in self.cursors:
            self.cursors[key] = asyncio.ensure_future(self.app.feed.cursor(*key))
        return await asyncio.shield(self.cursors[key])

    @asynccontextmanager
    async def transaction(self, *hot_rows: Hashable) -> AsyncIterator[AsyncSession]:
        """Open a transaction, and audit it if an admin acts as the viewer. Then clear the loaders.

        The session of a `fresh` mutation is locked: it cannot end between the check and the commit.
        """
        async with (
            self.app.caller_connections.hold(self.caller),
            self.app.transactions.begin(*hot_rows) as session,
        ):
            if self.freshness is not None:
                await ensure_fresh_session(session, self.viewer, self.freshness)
            note_impersonation(session, self.viewer)
            yield session
        self._forget_loaded()

    @asynccontextmanager
    async def prepared_transaction(self, *hot_rows: Hashable) -> AsyncIterator[PreparedTransaction]:
        """Open a transaction for prepared statements.

        Not for `fresh` mutations, nor for those that are allowed `while_impersonating`.
        """
        self._ensure_no_session_needed()
        async with (
            self.app.caller_connections.hold(self.caller),
            self.app.transactions.begin_prepared(*hot_rows) as unit,
        ):
            yield unit
        self._forget_loaded()

    @asynccontextmanager
    async def transaction_on_demand(
        self, *hot_rows: Hashable
    ) -> AsyncIterator[TransactionOnDemand]:
        """Open a prepared transaction that the service begins, if one statement is not enough."""
        self._ensure_no_session_needed()
        async with (
            self.app.caller_connections.hold(self.caller),
            self.app.transactions.begin_on_demand(*hot_rows) as unit,
        ):
            yield unit
        self._forget_loaded()

    def _ensure_no_session_needed(self) -> None:
        if self.freshness is not None or self.viewer.impersonator is not None:
            raise TypeError("This mutation needs the session that `transaction` opens.")

    @property
    def call_sender(self) -> CallSender:
        """Return what sends calls to payment providers, between transactions of this caller."""
        return CallSender(self.transaction, self.app.payments, self.app.sealer)

    def _forget_loaded(self) -> None:
        self.loaders.clear()
        self.cursors.clear()

    @asynccontextmanager
    async def read_session(self) -> AsyncIterator[AsyncSession]:
        async with (
            self.app.caller_connections.hold(self.caller),
            self.app.database.session() as session,
        ):
            yield session

    async def fetch(self, statement: Statement[Result], **values: Any) -> list[Result]:
        """Return the rows of a statement, with the viewer's ids if it has parameters for them."""
        if statement.parameters & VIEWER_PARAMETERS:
            values = {**self.viewer.parameters, **values}
        async with self.app.caller_connections.hold(self.caller):
            return await self.app.database.reads.fetch(statement, values)

    @property
    def caller(self) -> Hashable | None:
        """Return whose connections are counted; None for changes, which serve many subscribers."""
        if not self.address:
            return None
        user_id = self.viewer.user_id
        return keys.of_user(user_id) if user_id else keys.of_network(self.address)


Info = strawberry.Info[Context, None]
