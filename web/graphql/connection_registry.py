"""The sockets and streams of this process, and the presence of their users."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID
from weakref import WeakValueDictionary

import structlog

from core.database import Database
from core.errors import NotSignedIn, UserMessage
from core.observability import metrics
from core.outages import DATABASE_ERRORS
from core.settings import Settings
from engine.error_codes import Fault
from engine.limits.extension import refused
from services.chat.presence import PresenceTracker
from services.identity import accounts
from services.identity.entries import SessionRevoked
from services.journal.consumer import JournalConsumer
from services.journal.feed import Feed
from services.journal.topics import user_topic
from services.viewer import Viewer

log = structlog.get_logger(__name__)


class LiveConnection(Protocol):
    """A socket or a stream of server-sent events."""

    @property
    def viewer(self) -> Viewer: ...

    def session_ended(self) -> None: ...

    def session_unverifiable(self) -> None:
        """Close the connection, because the end of its session could not be noticed."""


@dataclass(frozen=True)
class ConnectionStats:
    users: int
    connections: int
    subscriptions: int


class ConnectionRegistry:
    """Consumes the topic of each connected user, to close connections when their session ends."""

    def __init__(
        self, feed: Feed, database: Database, presence: PresenceTracker, settings: Settings
    ) -> None:
        self.users: dict[UUID, UserConnections] = {}
        self.subscriptions: Counter[UUID] = Counter()
        self.feed = feed
        self.database = database
        self.presence = presence
        self._settings = settings
        # One lock per user, so that presence is written in the order of what happened.
        self._locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()

    def stats(self) -> ConnectionStats:
        return ConnectionStats(
            users=len(self.users),
            connections=sum(len(user.connections) for user in self.users.values()),
            subscriptions=self.subscriptions.total(),
        )

    def add(self, connection: LiveConnection) -> None:
        """Watch the connection's session until `remove`."""
        user_id = connection.viewer.require_user()
        user = self.users.get(user_id)
        if user is None:
            user = self.users[user_id] = UserConnections(self, user_id)
        was_online = user.is_online
        user.connections.add(connection)
        self.start(user.ensure_open(connection))
        if user.is_online and not was_online:
            self.start(self._update_presence(user_id))

    def remove(self, connection: LiveConnection) -> None:
        user = self.users.get(connection.viewer.require_user())
        if user and connection in user.connections:
            was_online = user.is_online
            user.connections.discard(connection)
            if not user.connections:
                del self.users[user.user_id]
                self.start(user.close())
            if was_online and not user.is_online:
                self.start(self._update_presence(user.user_id))

    def has_room(self, user_id: UUID) -> bool:
        user = self.users.get(user_id)
        fits = user is None or len(user.connections) < self._settings.user_connections
        if not fits:
            metrics.REFUSED.labels("user_connections").inc()
        return fits

    def begin(self, user_id: UUID) -> None:
        """Count a subscription. Raises RATE_LIMITED if the user has too many in this process."""
        limit = self._settings.user_subscriptions
        if self.subscriptions[user_id] >= limit:
            metrics.REFUSED.labels("user_subscriptions").inc()
            many = UserMessage(
                "You already have {most} active subscriptions. End one first.", most=limit
            )
            raise refused(Fault.RATE_LIMITED, many)
        self.subscriptions[user_id] += 1

    def finish(self, user_id: UUID) -> None:
        self.subscriptions[user_id] -= 1
        if not self.subscriptions[user_id]:
            del self.subscriptions[user_id]

    async def stop(self) -> None:
        """Wait for what is running, so that the presence of users who left is written."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _update_presence(self, user_id: UUID) -> None:
        """Write the user's presence as it is once the writes before it are done."""
        async with self._locks.setdefault(user_id, asyncio.Lock()):
            user = self.users.get(user_id)
            update = self.presence.came if user and user.is_online else self.presence.left
            await update(user_id)


class UserConnections:
    __slots__ = ("_consumer", "_opening", "_registry", "connections", "user_id")

    def __init__(self, registry: ConnectionRegistry, user_id: UUID) -> None:
        self.user_id = user_id
        self.connections: set[LiveConnection] = set()
        self._registry = registry
        self._consumer: JournalConsumer | None = None
        self._opening: asyncio.Task[None] | None = asyncio.create_task(self._open())

    @property
    def is_online(self) -> bool:
        """Whether the user is connected, other than through API tokens."""
        return any(not one.viewer.uses_api_token for one in self.connections)

    async def ensure_open(self, connection: LiveConnection) -> None:
        """Close a connection whose session ended before its topic was consumed.

        Authentication reads no session, so the session may have ended long ago. Once the topic is
        consumed, a query finds every end before it, and the topic every end after it.
        """
        try:
            if self._opening:
                await asyncio.shield(self._opening)
            limiter, database = self._registry.feed.start_limiter, self._registry.database
            async with limiter, database.session() as session:
                await accounts.ensure_session_open(session, connection.viewer)
        except NotSignedIn:
            connection.session_ended()
        except DATABASE_ERRORS as error:
            log.warning("session.unverifiable", error=str(error))
            connection.session_unverifiable()

    async def close(self) -> None:
        if self._opening:
            with suppress(*DATABASE_ERRORS):
                await self._opening
        if self._consumer:
            await self._registry.feed.close(self._consumer)

    async def _open(self) -> None:
        topic = user_topic(self.user_id)
        self._consumer = await self._registry.feed.open([topic], self._on_signal)
        self._opening = None

    def _on_signal(self) -> None:
        self._registry.start(self._close_ended_sessions())

    async def _close_ended_sessions(self) -> None:
        if self._consumer is None:
            return
        try:
            async for record in self._consumer.entries():
                if isinstance(record.entry, SessionRevoked):
                    for connection in list(self.connections):
                        if connection.viewer.session_id == record.entry.session_id:
                            connection.session_ended()
        except Exception as error:  # noqa: BLE001 - an entry that is not read may end a session
            log.warning("session.unverifiable", error=str(error))
            for connection in list(self.connections):
                connection.session_unverifiable()
