"""What a field can reach: the house it runs in, who asks, and the loaders of this request."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

import strawberry
from sqlmodel.ext.asyncio.session import AsyncSession

from core.budget import Budget
from core.database import Database
from core.hub import Hub
from core.keys import Keys
from core.limits import Attempts
from core.settings import Settings
from dataloaders.base import Loaders
from gateways.objects import Objects
from services.identity import Lifetimes
from services.journal import Transactions
from services.presence import Presences, Typing
from services.viewer import NOBODY, Viewer

if TYPE_CHECKING:
    from subscriptions.changes import Following
    from subscriptions.feed import Feed
    from subscriptions.persisted import Documents


@dataclass(frozen=True)
class House:
    """What one process has one of."""

    settings: Settings
    database: Database
    transactions: Transactions
    keys: Keys
    attempts: Attempts
    budget: Budget
    hub: Hub
    feed: "Feed"
    documents: "Documents"
    typing: Typing
    presence: Presences
    objects: Objects

    @property
    def lifetimes(self) -> Lifetimes:
        return Lifetimes(self.settings.access_token_minutes, self.settings.refresh_token_days)


@dataclass
class Context:
    """The context of one operation. It holds no database session: siblings run at once.

    `welcomed` is who has signed in by this very operation, which goes on as whoever sent it.
    """

    house: House
    viewer: Viewer = NOBODY
    locales: list[str] = field(default_factory=list)
    address: str = ""
    expires: float | None = None
    last_event_id: str | None = None
    connection_params: dict[str, Any] | None = None
    following: "Following | None" = None
    cursors: dict[tuple[str, ...], Awaitable[str]] = field(init=False, default_factory=dict)
    loaders: Loaders = field(init=False)
    welcomed: UUID | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.loaders = Loaders(self.house.database, self.viewer)

    def forked(self) -> "Context":
        """The same caller with loaders of its own, for another operation of a socket."""
        return dataclasses.replace(self)

    def may_read_account(self, user_id: UUID) -> bool:
        """Whether the caller is that person, or an admin."""
        return user_id in {self.viewer.user_id, self.welcomed} or self.viewer.admin

    async def cursor(self, *topics: str) -> str:
        """The topics' place in the journal when it was first asked for here.

        Ask before the state is read that goes with it. Fields that run side by side are given
        one place, and none of them can cancel it for the others.
        """
        if topics not in self.cursors:
            self.cursors[topics] = asyncio.ensure_future(self.house.feed.cursor(*topics))
        return await asyncio.shield(self.cursors[topics])

    @asynccontextmanager
    async def transaction(self, gate: Hashable | None = None) -> AsyncIterator[AsyncSession]:
        """The one unit of work of a mutation; what loaders knew before it is forgotten."""
        async with self.house.transactions.begin(gate) as session:
            yield session
        self.loaders.clear()
        self.cursors.clear()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A short session for one query field."""
        async with self.house.database.session() as session:
            yield session


Info = strawberry.Info[Context, None]
