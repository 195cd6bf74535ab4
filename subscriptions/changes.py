"""What a subscription says of itself: which topics, which entries, who is told what."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Self, TypeVar
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core import metrics
from models.errors import NotFound
from schema.context import Context, House, Info
from services import identity
from services.viewer import Viewer
from subscriptions.reading import Entry

Change = TypeVar("Change")


class Followed(ABC):
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
    async def withdrawn(
        self, session: AsyncSession, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        """Which of them may not follow, or not any longer. One query for all."""

    @property
    def farewell(self) -> Exception:
        """What those are told."""
        return NotFound()


class Source(Followed, Generic[Change]):
    """Entries of the journal's topics, in their order."""

    @abstractmethod
    def wants(self, entry: Entry) -> bool:
        """Whether it is told; others only move the cursor on."""

    @abstractmethod
    async def change(self, context: Context, entry: Entry, cursor: str) -> Change:
        """What is told of an entry, with the rows as they are now."""

    @abstractmethod
    def checkpoint(self, cursor: str) -> Change:
        """What is told each minute, for the cursor's sake."""


class Standing(NamedTuple):
    """What may be compared, and for how many seconds it is certain without looking again."""

    value: Hashable
    holds: float | None


class State(Followed, Generic[Change]):
    """What is true for a while, in Redis alone: told as it stands, and whenever it is another."""

    @abstractmethod
    async def read(self, house: House, topic: str) -> Standing:
        """How it stands with one topic."""

    @abstractmethod
    async def change(self, context: Context, topic: str, value: Any) -> Change:
        """What is told of it."""


@dataclass(frozen=True)
class Following:
    """A subscription that has been allowed: what it follows, and from which places."""

    source: Followed
    places: Mapping[str, int]


class Nothing(AsyncIterator[Any]):
    """What GraphQL itself is given to iterate: the transport takes over from here."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        raise StopAsyncIteration


async def follow(
    info: Info, source: Source[Change], after: str | None
) -> AsyncGenerator[Change, None]:
    """Have the viewer follow a source from behind a cursor, or from now on.

    `Last-Event-ID`, which a browser sends by itself, beats the argument. Rights are
    asked for here, and again for each change.
    """
    context = info.context
    started_from = context.last_event_id or after
    async with context.house.feed.turns:
        await _ensure_allowed(context, source)
        places = await context.house.feed.places(source.topics, started_from)
    if started_from:
        metrics.RESUMES.inc()
    context.following = Following(source, places)
    return Nothing()  # type: ignore[return-value]


async def watch(info: Info, state: State[Change]) -> AsyncGenerator[Change, None]:
    """Have the viewer told how something stands. There is nothing to resume."""
    async with info.context.house.feed.turns:
        await _ensure_allowed(info.context, state)
    info.context.following = Following(state, {})
    return Nothing()  # type: ignore[return-value]


async def _ensure_allowed(context: Context, followed: Followed) -> None:
    user_id = context.viewer.signed_in
    async with context.reading() as session:
        if await followed.withdrawn(session, [user_id]):
            raise followed.farewell
        await identity.ensure_session_open(session, context.viewer)
