"""The context of resolvers: the process's parts, the caller, and the loaders of the request."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import strawberry
from sqlmodel.ext.asyncio.session import AsyncSession

from core.attempt_limits import AttemptLimiter
from core.cost_budget import CostBudget
from core.database import Database
from core.persisted_documents import PersistedDocuments
from core.pubsub import PubSub
from core.settings import Settings
from core.signing_keys import SigningKeys
from engine.live.sources import AcceptedSubscription
from engine.loaders import Loaders
from gateways.storage.base import ObjectStorage
from services.chat.presence import EphemeralState, PresenceTracker, TypingTracker
from services.identity.accounts import Lifetimes, ensure_session_open
from services.journal.feed import Feed
from services.transaction import Transactions
from services.viewer import ANONYMOUS, Viewer


@dataclass(frozen=True)
class AppState:
    """The parts that exist once per process."""

    settings: Settings
    database: Database
    transactions: Transactions
    keys: SigningKeys
    attempts: AttemptLimiter
    budget: CostBudget
    pubsub: PubSub
    feed: Feed
    documents: PersistedDocuments
    typing: TypingTracker
    presence: PresenceTracker
    objects: ObjectStorage

    @property
    def ephemeral(self) -> EphemeralState:
        return EphemeralState(self.typing, self.presence)

    @property
    def lifetimes(self) -> Lifetimes:
        return Lifetimes(self.settings.access_token_minutes, self.settings.refresh_token_days)


@dataclass
class Context:
    """The context of one operation. It holds no database session, since siblings run in parallel.

    `signed_in_user_id` is the user that this operation itself has signed in.
    """

    app: AppState
    viewer: Viewer = ANONYMOUS
    locales: list[str] = field(default_factory=list)
    address: str = ""
    expires: float | None = None
    last_event_id: str | None = None
    connection_params: dict[str, Any] | None = None
    accepted: AcceptedSubscription | None = None
    cursors: dict[tuple[str, ...], Awaitable[str]] = field(init=False, default_factory=dict)
    loaders: Loaders = field(init=False)
    signed_in_user_id: UUID | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.loaders = Loaders(self.app.database, self.viewer)

    def for_operation(self) -> "Context":
        """Return a context of the same caller with new loaders, for an operation on a socket."""
        return dataclasses.replace(self)

    def may_read_account(self, user_id: UUID) -> bool:
        """Return whether the caller is this user or an admin."""
        return user_id in {self.viewer.user_id, self.signed_in_user_id} or self.viewer.admin

    async def ensure_session_open(self, session: AsyncSession) -> None:
        """Raise `NotSignedIn` if the viewer's session or API token has ended."""
        await ensure_session_open(session, self.viewer)

    async def cursor(self, *topics: str) -> str:
        """Return the topics' journal cursor, as of the first call in this operation.

        Call it before reading the state that the cursor belongs to. Parallel fields share one
        cursor, shielded so that the cancellation of one field does not fail the others.
        """
        if topics not in self.cursors:
            self.cursors[topics] = asyncio.ensure_future(self.app.feed.cursor(*topics))
        return await asyncio.shield(self.cursors[topics])

    @asynccontextmanager
    async def transaction(self, hot_row: Hashable | None = None) -> AsyncIterator[AsyncSession]:
        """Open the unit of work of a mutation. Its commit clears the loaders and the cursors."""
        async with self.app.transactions.begin(hot_row) as session:
            yield session
        self.loaders.clear()
        self.cursors.clear()

    @asynccontextmanager
    async def read_session(self) -> AsyncIterator[AsyncSession]:
        """Open a short session for one query field."""
        async with self.app.database.session() as session:
            yield session


Info = strawberry.Info[Context, None]
