"""Followers who are told the same, whatever it is that they follow."""

import asyncio
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from strawberry.dataloader import DataLoader

from core import metrics
from engine.live.execution import ChangeExecutor, EncodedResult
from engine.live.operation_key import Operation
from engine.live.sources import SubscriptionSource
from engine.live.subscriber import Subscriber
from services.viewer import Viewer

if TYPE_CHECKING:
    from engine.live.group_registry import GroupRegistry

TRIES, RETRY_SECONDS = 30, 1.0

log = structlog.get_logger(__name__)


class LiveSubscribers:
    """Followers who have been told all so far, in the order they came, and which users they are."""

    def __init__(self) -> None:
        self.users: Counter[UUID] = Counter()
        self._followers: dict[Subscriber, None] = {}

    def add(self, follower: Subscriber) -> None:
        if follower not in self._followers:
            self._followers[follower] = None
            if user_id := follower.viewer.user_id:
                self.users[user_id] += 1

    def discard(self, follower: Subscriber) -> None:
        if follower in self._followers:
            del self._followers[follower]
            if user_id := follower.viewer.user_id:
                self.users[user_id] -= 1
                if not self.users[user_id]:
                    del self.users[user_id]

    def __contains__(self, follower: Subscriber) -> bool:
        return follower in self._followers

    def __iter__(self) -> Iterator[Subscriber]:
        return iter(self._followers)

    def __len__(self) -> int:
        return len(self._followers)


class SubscriberGroup(ABC):
    """They come and go, may be told to, and are told why it ends. The last one closes it."""

    def __init__(
        self,
        groups: "GroupRegistry",
        teller: ChangeExecutor,
        key: Hashable,
        source: SubscriptionSource,
        operation: Operation,
        viewer: Viewer | None,
    ) -> None:
        self.key = key
        self.source: Any = source
        self.operation = operation
        self.followers: set[Subscriber] = set()
        self.places: dict[str, int] = {}
        self._groups, self._teller, self._viewer = groups, teller, viewer
        self._level = LiveSubscribers()
        self._refused: DataLoader[UUID, bool] = DataLoader(self._are_refused, cache=False)
        self._telling: asyncio.Task[None] | None = None
        self._opening = groups.start(self._open())
        metrics.GROUPS.inc()

    async def join(self, follower: Subscriber, places: dict[str, int]) -> None:
        """A follower of this group from now on, told of all behind its places."""
        try:
            await asyncio.shield(self._opening)
        except asyncio.CancelledError:
            self.leave(follower)
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, the follower is told
            self._end([follower], error)
            return
        if follower in self.followers:
            self._attach(follower, places)

    def leave(self, follower: Subscriber) -> None:
        """What its last follower leaves is closed."""
        if follower not in self.followers:
            return
        self.followers.discard(follower)
        self._level.discard(follower)
        metrics.FOLLOWERS.dec()
        if follower.catching_up and follower.catching_up is not asyncio.current_task():
            follower.catching_up.cancel()
        follower.group = follower.catching_up = None
        if not self.followers:
            self._groups.drop(self)
            metrics.GROUPS.dec()
            self._groups.start(self._let_go())

    @abstractmethod
    async def _open(self) -> None:
        """Begin to follow what it is about."""

    @abstractmethod
    async def _close(self) -> None:
        """Let go of what has been opened."""

    @abstractmethod
    def _attach(self, follower: Subscriber, places: dict[str, int]) -> None:
        """Somebody joins, from these places."""

    async def _let_go(self) -> None:
        self._opening.cancel()
        with suppress(Exception, asyncio.CancelledError):
            await self._opening
        await self._close()

    async def _drop_unauthorized(self, made: asyncio.Future[EncodedResult] | None = None) -> int:
        """Part with those whose right was withdrawn, while it is made; how many are left.

        One query for all, and another for who has become level meanwhile: nobody who is
        level when this returns has not been asked about.
        """
        asked: set[UUID] = set()
        while unasked := self._level.users.keys() - asked:
            asked |= unasked
            if gone := set(await self._unauthorized(unasked)):
                leaving = [one for one in self._level if one.viewer.user_id in gone]
                self._end(leaving, self.source.revocation_error)
            if made:
                await asyncio.wait([made])
        return len(self._level)

    async def _ensure_allowed(self, follower: Subscriber) -> None:
        """Asked together for all who ask this now."""
        user_id = follower.viewer.user_id
        if user_id and await self._refused.load(user_id):
            raise self.source.revocation_error

    async def _are_refused(self, users: list[UUID]) -> list[bool]:
        gone = set(await self._unauthorized(users))
        return [user in gone for user in users]

    async def _unauthorized(self, users: Collection[UUID]) -> Sequence[UUID]:
        async with self._teller.app.database.session() as session:
            return list(await self.source.unauthorized(session, users))

    def _end(self, leaving: Sequence[Subscriber], error: Exception) -> None:
        if leaving:
            words = self._teller.final_error(self.operation, error)
            for follower in leaving:
                self.leave(follower)
                follower.end(words)

    def _split_per_viewer(self) -> None:
        """What is asked has another answer for each viewer: each goes on in a group of its own."""
        for follower in list(self.followers):
            places: Mapping[str, int] = follower.places or self.places
            self.leave(follower)
            self._groups.move(follower, self, places)


async def pause(tries: int, error: Exception) -> None:
    """Before the database is asked again; after so many tries its error is raised."""
    if tries > TRIES:
        raise error
    log.warning("live.tried", tries=tries, error=str(error))
    await asyncio.sleep(RETRY_SECONDS)
