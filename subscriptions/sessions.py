"""Who is connected to this process, and when that must end: with the session, at the latest."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Protocol
from uuid import UUID
from weakref import WeakValueDictionary

import structlog
from sqlalchemy.exc import SQLAlchemyError

from core import metrics
from core.database import Database
from core.errors import CursorExpired, NotSignedIn, Told
from core.settings import Settings
from schema.faults import Fault
from schema.limits import refused
from services import identity, journal
from services.presence import Presences
from services.viewer import Viewer
from subscriptions.feed import Feed, Follower

log = structlog.get_logger(__name__)


class Connected(Protocol):
    """A socket, or a stream of events."""

    @property
    def viewer(self) -> Viewer: ...

    def session_ended(self) -> None: ...

    def unwatched(self) -> None:
        """Nobody could say when its session ends."""


class Sessions:
    """Follows the topic of each connected user, where it stands that a session has ended."""

    def __init__(
        self, feed: Feed, database: Database, presence: Presences, settings: Settings
    ) -> None:
        self.users: dict[UUID, Watch] = {}
        self.subscriptions: Counter[UUID] = Counter()
        self.feed = feed
        self.database = database
        self.presence = presence
        self._settings = settings
        self._locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, one: Connected) -> None:
        """Watch over a connection until `remove`."""
        user_id = one.viewer.signed_in
        watch = self.users.get(user_id)
        if watch is None:
            watch = self.users[user_id] = Watch(self, user_id)
        was_there = watch.is_there
        watch.connected.add(one)
        self.start(watch.ensure_open(one))
        if watch.is_there and not was_there:
            self.start(self._tell_presence(user_id))

    def remove(self, one: Connected) -> None:
        watch = self.users.get(one.viewer.signed_in)
        if watch and one in watch.connected:
            was_there = watch.is_there
            watch.connected.discard(one)
            if not watch.connected:
                del self.users[watch.user_id]
                self.start(watch.close())
            if was_there and not watch.is_there:
                self.start(self._tell_presence(watch.user_id))

    def has_room(self, user_id: UUID) -> bool:
        """Whether a user may have one more open here."""
        watch = self.users.get(user_id)
        fits = watch is None or len(watch.connected) < self._settings.user_connections
        if not fits:
            metrics.REFUSED.labels("user_connections").inc()
        return fits

    def begin(self, user_id: UUID) -> None:
        """Count a subscription that begins; RATE_LIMITED if the user has too many here."""
        most = self._settings.user_subscriptions
        if self.subscriptions[user_id] >= most:
            metrics.REFUSED.labels("user_subscriptions").inc()
            many = Told("You have {most} subscriptions running. End one first.", most=most)
            raise refused(Fault.RATE_LIMITED, many)
        self.subscriptions[user_id] += 1

    def finish(self, user_id: UUID) -> None:
        self.subscriptions[user_id] -= 1
        if not self.subscriptions[user_id]:
            del self.subscriptions[user_id]

    async def stop(self) -> None:
        """Have done with what is under way, so that those who left are known to be gone."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell_presence(self, user_id: UUID) -> None:
        """As it stands when it is this one's turn."""
        async with self._locks.setdefault(user_id, asyncio.Lock()):
            watch = self.users.get(user_id)
            told = self.presence.came if watch and watch.is_there else self.presence.left
            await told(user_id)


class Watch:
    """One user's connections to this process."""

    __slots__ = ("_opening", "_place", "_sessions", "connected", "user_id")

    def __init__(self, sessions: Sessions, user_id: UUID) -> None:
        self.user_id = user_id
        self.connected: set[Connected] = set()
        self._sessions = sessions
        self._place: Follower | None = None
        self._opening: asyncio.Task[None] | None = asyncio.create_task(self._open())

    @property
    def is_there(self) -> bool:
        """Whether a connection is a person's: a program is not its user."""
        return any(not one.viewer.by_token for one in self.connected)

    async def ensure_open(self, one: Connected) -> None:
        """Whatever ended the session before the topic was followed is seen by asking."""
        try:
            if self._opening:
                await asyncio.shield(self._opening)
            async with self._sessions.feed.turns, self._sessions.database.session() as session:
                await identity.ensure_session_open(session, one.viewer)
        except NotSignedIn:
            one.session_ended()
        except (SQLAlchemyError, OSError) as error:
            log.warning("session.unwatched", error=str(error))
            one.unwatched()

    async def close(self) -> None:
        if self._opening:
            with suppress(SQLAlchemyError, OSError):
                await self._opening
        if self._place:
            await self._sessions.feed.close(self._place)

    async def _open(self) -> None:
        topic = journal.user_topic(self.user_id)
        self._place = await self._sessions.feed.open([topic], self._heard)
        self._opening = None

    def _heard(self) -> None:
        self._sessions.start(self._look())

    async def _look(self) -> None:
        if self._place is None:
            return
        try:
            async for entry in self._place.take():
                if entry.kind == "session.ended":
                    for one in list(self.connected):
                        if str(one.viewer.session_id) == entry.facts["session_id"]:
                            one.session_ended()
        except (CursorExpired, SQLAlchemyError, OSError) as error:
            log.warning("session.unwatched", error=str(error))
            for one in list(self.connected):
                one.unwatched()
