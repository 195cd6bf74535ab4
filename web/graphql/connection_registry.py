"""Who is connected to this process, and when that must end: with the session, at the latest."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Protocol
from uuid import UUID
from weakref import WeakValueDictionary

import structlog

from core import metrics
from core.database import DATABASE_ERRORS, Database
from core.errors import CursorExpired, NotSignedIn, UserMessage
from core.settings import Settings
from engine.error_codes import Fault
from engine.limits.extension import refused
from services.chat.presence import PresenceTracker
from services.identity import accounts
from services.identity.entries import SessionRevoked
from services.journal.feed import Feed, JournalConsumer
from services.journal.topics import user_topic
from services.viewer import Viewer

log = structlog.get_logger(__name__)


class LiveConnection(Protocol):
    """A socket, or a stream of events."""

    @property
    def viewer(self) -> Viewer: ...

    def session_ended(self) -> None: ...

    def session_unverifiable(self) -> None:
        """Nobody could say when its session ends."""


class ConnectionRegistry:
    """Follows the topic of each connected user, where it stands that a session has ended."""

    def __init__(
        self, feed: Feed, database: Database, presence: PresenceTracker, settings: Settings
    ) -> None:
        self.users: dict[UUID, UserConnections] = {}
        self.subscriptions: Counter[UUID] = Counter()
        self.feed = feed
        self.database = database
        self.presence = presence
        self._settings = settings
        self._locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, one: LiveConnection) -> None:
        """Watch over a connection until `remove`."""
        user_id = one.viewer.require_user()
        watch = self.users.get(user_id)
        if watch is None:
            watch = self.users[user_id] = UserConnections(self, user_id)
        was_there = watch.is_there
        watch.connected.add(one)
        self.start(watch.ensure_open(one))
        if watch.is_there and not was_there:
            self.start(self._tell_presence(user_id))

    def remove(self, one: LiveConnection) -> None:
        watch = self.users.get(one.viewer.require_user())
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
            many = UserMessage("You have {most} subscriptions running. End one first.", most=most)
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


class UserConnections:
    """One user's connections to this process."""

    __slots__ = ("_opening", "_place", "_sessions", "connected", "user_id")

    def __init__(self, sessions: ConnectionRegistry, user_id: UUID) -> None:
        self.user_id = user_id
        self.connected: set[LiveConnection] = set()
        self._sessions = sessions
        self._place: JournalConsumer | None = None
        self._opening: asyncio.Task[None] | None = asyncio.create_task(self._open())

    @property
    def is_there(self) -> bool:
        """Whether a connection is a person's: a program is not its user."""
        return any(not one.viewer.uses_api_token for one in self.connected)

    async def ensure_open(self, one: LiveConnection) -> None:
        """Whatever ended the session before the topic was followed is seen by asking."""
        try:
            if self._opening:
                await asyncio.shield(self._opening)
            limiter, database = self._sessions.feed.start_limiter, self._sessions.database
            async with limiter, database.session() as session:
                await accounts.ensure_session_open(session, one.viewer)
        except NotSignedIn:
            one.session_ended()
        except DATABASE_ERRORS as error:
            log.warning("session.unwatched", error=str(error))
            one.session_unverifiable()

    async def close(self) -> None:
        if self._opening:
            with suppress(*DATABASE_ERRORS):
                await self._opening
        if self._place:
            await self._sessions.feed.close(self._place)

    async def _open(self) -> None:
        topic = user_topic(self.user_id)
        self._place = await self._sessions.feed.open([topic], self._heard)
        self._opening = None

    def _heard(self) -> None:
        self._sessions.start(self._look())

    async def _look(self) -> None:
        if self._place is None:
            return
        try:
            async for record in self._place.take():
                if isinstance(record.entry, SessionRevoked):
                    for one in list(self.connected):
                        if one.viewer.session_id == record.entry.session_id:
                            one.session_ended()
        except (CursorExpired, *DATABASE_ERRORS) as error:
            log.warning("session.unwatched", error=str(error))
            for one in list(self.connected):
                one.session_unverifiable()
