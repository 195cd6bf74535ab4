"""What a subscription says of itself: which topics, which entries, who is told what."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Self, TypeVar
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core import metrics
from engine.context import AppState, Context, Info
from models.errors import NotFound
from services.identity import accounts
from services.journal.queries import Entry
from services.viewer import Viewer

Change = TypeVar("Change")


class SubscriptionSource(ABC):
    """What one subscription follows. Declared as a frozen dataclass: equal ones are one.

    Followers of equal ones who ask the same and are of the same audience are told
    the same, executed and encoded once; so nothing here knows a viewer.
    """

    @property
    @abstractmethod
    def topics(self) -> Sequence[str]:
        """Of the hub: what says "look"."""

    @abstractmethod
    def audience(self, viewer: Viewer) -> Hashable:
        """Those of equal audiences may see the same of every change."""

    @abstractmethod
    async def unauthorized(
        self, session: AsyncSession, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        """Which of them may not follow, or not any longer. One query for all."""

    @property
    def revocation_error(self) -> Exception:
        """What those are told."""
        return NotFound()


class JournalSource(SubscriptionSource, Generic[Change]):
    """Entries of the journal's topics, in their order."""

    @abstractmethod
    def includes(self, entry: Entry) -> bool:
        """Whether it is told; others only move the cursor on."""

    @abstractmethod
    async def change(self, context: Context, entry: Entry, cursor: str) -> Change:
        """What is told of an entry, with the rows as they are now."""

    @abstractmethod
    def checkpoint(self, cursor: str) -> Change:
        """What is told each minute, for the cursor's sake."""


class Snapshot(NamedTuple):
    """What may be compared, and for how many seconds it is certain without looking again."""

    value: Hashable
    holds: float | None


class StateSource(SubscriptionSource, Generic[Change]):
    """What is true for a while, in Redis alone: told as it stands, and whenever it is another."""

    @abstractmethod
    async def read(self, app: AppState, topic: str) -> Snapshot:
        """How it stands with one topic."""

    @abstractmethod
    async def change(self, context: Context, topic: str, value: Any) -> Change:
        """What is told of it."""


@dataclass(frozen=True)
class AcceptedSubscription:
    """A subscription that has been allowed: what it follows, and from which places."""

    source: SubscriptionSource
    places: Mapping[str, int]


class EmptyStream(AsyncIterator[Any]):
    """What GraphQL itself is given to iterate: the transport takes over from here."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        raise StopAsyncIteration


async def follow(
    info: Info, source: JournalSource[Change], after: str | None
) -> AsyncGenerator[Change, None]:
    """Have the viewer follow a source from behind a cursor, or from now on.

    `Last-Event-ID`, which a browser sends by itself, beats the argument. Rights are
    asked for here, and again for each change.
    """
    context = info.context
    started_from = context.last_event_id or after
    async with context.app.feed.turns:
        await _ensure_allowed(context, source)
        places = await context.app.feed.places(source.topics, started_from)
    if started_from:
        metrics.RESUMES.inc()
    context.following = AcceptedSubscription(source, places)
    return EmptyStream()  # type: ignore[return-value]


async def watch(info: Info, state: StateSource[Change]) -> AsyncGenerator[Change, None]:
    """Have the viewer told how something stands. There is nothing to resume."""
    async with info.context.app.feed.turns:
        await _ensure_allowed(info.context, state)
    info.context.following = AcceptedSubscription(state, {})
    return EmptyStream()  # type: ignore[return-value]


async def _ensure_allowed(context: Context, followed: SubscriptionSource) -> None:
    user_id = context.viewer.require_user()
    async with context.read_session() as session:
        if await followed.unauthorized(session, [user_id]):
            raise followed.revocation_error
        await accounts.ensure_session_open(session, context.viewer)
