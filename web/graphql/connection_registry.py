"""The sockets and streams of this process, and the presence of their users."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import structlog

from core.errors import NotSignedIn, UserMessage
from core.observability import metrics
from core.outages import DATABASE_ERRORS
from core.settings import Settings
from engine.errors.codes import Fault
from engine.limits.extension import refused
from models.identity.revocations import RevocationKind
from services.chat.presence import PresenceTracker
from services.identity.sessions.revocation_list import RevocationList, Revoked
from services.viewer import Viewer

log = structlog.get_logger(__name__)


class RegisteredConnection(Protocol):
    """A socket or a stream of server-sent events."""

    @property
    def viewer(self) -> Viewer: ...

    def session_ended(self) -> None: ...

    def rights_changed(self) -> None:
        """Close the connection, so that the client authenticates again."""

    def session_unverifiable(self) -> None:
        """Close the connection, because the end of its session could not be noticed."""


@dataclass(frozen=True)
class ConnectionStats:
    users: int
    connections: int
    subscriptions: int


class ConnectionRegistry:
    """Closes connections when their session or API token ends, or their user's rights change."""

    def __init__(
        self, revocations: RevocationList, presence: PresenceTracker, settings: Settings
    ) -> None:
        self.users: dict[UUID, UserConnections] = {}
        self._by_session: defaultdict[UUID | None, set[RegisteredConnection]] = defaultdict(set)
        self.subscriptions: Counter[UUID] = Counter()
        self.presence = presence
        self._revocations = revocations
        self._settings = settings
        revocations.listen(self._on_revoked, self._close_all)
        # Users who came or left, and whose presence is not written yet.
        self._moved: set[UUID] = set()
        self.is_writing = False
        self._tasks: set[asyncio.Task[None]] = set()

    def stats(self) -> ConnectionStats:
        return ConnectionStats(
            users=len(self.users),
            connections=sum(len(user.connections) for user in self.users.values()),
            subscriptions=self.subscriptions.total(),
        )

    def add(self, connection: RegisteredConnection) -> None:
        """Close the connection if its session ends before `remove`."""
        user_id = connection.viewer.require_user()
        user = self.users.get(user_id)
        if user is None:
            user = self.users[user_id] = UserConnections(user_id)
        was_online = user.is_online
        user.connections.add(connection)
        self._by_session[connection.viewer.session_id].add(connection)
        self._check(connection)
        if user.is_online and not was_online:
            self._note_presence(user_id)

    def remove(self, connection: RegisteredConnection) -> None:
        user = self.users.get(connection.viewer.require_user())
        if user and connection in user.connections:
            was_online = user.is_online
            user.connections.discard(connection)
            of_session = self._by_session[connection.viewer.session_id]
            of_session.discard(connection)
            if not of_session:
                del self._by_session[connection.viewer.session_id]
            if not user.connections:
                del self.users[user.user_id]
            if was_online and not user.is_online:
                self._note_presence(user.user_id)

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
                "You already follow {most} things live. Close one first.", most=limit
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

    def _check(self, connection: RegisteredConnection) -> None:
        """Close a connection whose session ended between its authentication and `add`."""
        try:
            if not self._revocations.knows_open(connection.viewer):
                self.start(self._ensure_valid(connection))
        except NotSignedIn:
            connection.session_ended()

    async def _ensure_valid(self, connection: RegisteredConnection) -> None:
        try:
            await self._revocations.ensure_valid(connection.viewer)
        except NotSignedIn:
            connection.session_ended()
        except DATABASE_ERRORS as error:
            log.warning("session.unverifiable", error=str(error) or type(error).__name__)
            connection.session_unverifiable()

    def _on_revoked(self, revoked: Revoked) -> None:
        if revoked.kind is RevocationKind.USER:
            user = self.users.get(revoked.subject_id)
            for connection in list(user.connections) if user else ():
                connection.rights_changed()
            return
        for connection in list(self._by_session.get(revoked.subject_id, ())):
            connection.session_ended()

    def _close_all(self) -> None:
        """Have all clients authenticate again: the end of a session may have been missed."""
        for connection in [one for user in self.users.values() for one in user.connections]:
            connection.session_unverifiable()

    def _note_presence(self, user_id: UUID) -> None:
        """Write the presence of a user soon, together with those of others."""
        self._moved.add(user_id)
        if not self.is_writing:
            self.is_writing = True
            self.start(self._write_presence())

    async def _write_presence(self) -> None:
        """Write until no user has come or left meanwhile.

        One write at a time, and each as it is then, so that the last one of a user is right.
        """
        try:
            while self._moved:
                moved, self._moved = self._moved, set()
                online = [id for id in moved if (user := self.users.get(id)) and user.is_online]
                await self.presence.came(*online)
                await self.presence.left(*moved.difference(online))
        finally:
            self.is_writing = False


class UserConnections:
    __slots__ = ("connections", "user_id")

    def __init__(self, user_id: UUID) -> None:
        self.user_id = user_id
        self.connections: set[RegisteredConnection] = set()

    @property
    def is_online(self) -> bool:
        """Whether the user is connected, other than through API tokens or an admin."""
        return any(
            not one.viewer.uses_api_token and one.viewer.impersonator is None
            for one in self.connections
        )
