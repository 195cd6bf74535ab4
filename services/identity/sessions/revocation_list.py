"""The revocations that a server process knows, read once a second."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import text

from core.clock import now
from core.database import Database
from core.errors import NotSignedIn
from core.outages import DATABASE_ERRORS
from core.redis.pubsub import PubSub
from models.identity.accounts import User
from models.identity.revocations import REVOCATION_MINUTES, Revocation, RevocationKind
from services.identity.sessions.revocations import TOPIC
from services.identity.sessions.sessions import ENDED, ensure_session_open
from services.journal import queries
from services.viewer import Viewer

POLL_SECONDS = 1.0
MIN_INTERVAL_SECONDS = 0.05  # many log-outs at once are read together
READ_TIMEOUT_SECONDS = 2.0
MAX_AGE_SECONDS = 3.0  # of the last read; from then on, each request asks the database
# After a longer outage, revocations may have been deleted unread.
MAX_GAP_SECONDS = REVOCATION_MINUTES * 60 / 2
FORGET_SECONDS = 60.0
ROLE_SECONDS = 60.0
MAX_ROLES = 10_000

READ = text(
    """
    SELECT id, kind, subject_id, expires_at FROM revocation
    WHERE expires_at > now() AND (
        CAST(:since AS text) IS NULL OR xid >= CAST(CAST(:since AS text) AS xid8)
    )
    """
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Revoked:
    """A new revocation, for the connections of this process."""

    kind: RevocationKind
    subject_id: UUID


OnRevoked = Callable[[Revoked], None]
OnLost = Callable[[], None]


class RevocationList:
    """Refuses ended sessions without a query, and remembers which users are admins.

    A read starts from the oldest transaction that was running at the read before, so that none is
    missed that commits late (like the live feed's). Reads have a connection of their own, `own`:
    a process whose pool is exhausted must not miss a revocation.
    """

    def __init__(self, database: Database, own: Database, pubsub: PubSub) -> None:
        self._database = database
        self._own = own
        self._pubsub = pubsub
        self._known: dict[UUID, datetime] = {}
        self._ended: dict[UUID, datetime] = {}
        self._roles: dict[UUID, tuple[bool, float]] = {}
        self._roles_version = 0
        self._listeners: list[tuple[OnRevoked, OnLost]] = []
        self._epoch: str | None = None
        self._since: str | None = None
        self._read_at = -MAX_AGE_SECONDS  # by the monotonic clock, when the last good read began
        self._forget_at = 0.0
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._pubsub.subscribe(TOPIC, self._wake.set)
        await self._try_to_read()
        self._task = asyncio.create_task(self._read_forever())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            await self._pubsub.unsubscribe(TOPIC, self._wake.set)
        await self._own.close()

    def note_own(self, revocation: Revocation) -> None:
        """Refuse what this process has revoked, without waiting for the next read.

        The read calls the listeners, so that the response is sent before sockets are closed.
        """
        self._refuse(revocation.kind, revocation.subject_id, revocation.expires_at)

    def listen(self, on_revoked: OnRevoked, on_lost: OnLost) -> None:
        """Call back for each new revocation, and if some may have been missed."""
        self._listeners.append((on_revoked, on_lost))

    @property
    def is_current(self) -> bool:
        return time.monotonic() - self._read_at < MAX_AGE_SECONDS

    def knows_open(self, viewer: Viewer) -> bool:
        """Return whether the viewer's session or API token is open, as of a current read.

        Raises `NotSignedIn` if it is known to have ended.
        """
        if viewer.session_id is None:
            return True
        if viewer.session_id in self._ended:
            raise NotSignedIn(ENDED)
        return self.is_current

    def knows_ended(self, id: UUID) -> bool:
        """Return whether a session, an API token or a cookie is known to have ended."""
        return id in self._ended

    async def ensure_valid(self, viewer: Viewer) -> None:
        """Raise `NotSignedIn` if the viewer's session or API token has ended.

        Needs a query only if the last read is more than three seconds ago. It may raise one of
        `DATABASE_ERRORS` then, also after a timeout.
        """
        if not self.knows_open(viewer):
            async with asyncio.timeout(READ_TIMEOUT_SECONDS):
                await ensure_session_open(self._database.shared, viewer)

    async def is_admin(self, user_id: UUID) -> bool:
        """Return whether the user is an admin who is not suspended, as of the last read."""
        known = self._roles.get(user_id)
        if known and self.is_current and time.monotonic() < known[1]:
            return known[0]
        version = self._roles_version
        async with asyncio.timeout(READ_TIMEOUT_SECONDS), self._database.session() as session:
            user = await session.get(User, user_id)
        is_admin = user is not None and user.is_active_admin
        if version == self._roles_version:  # else the role may have changed after the query
            if len(self._roles) >= MAX_ROLES:
                self._roles.clear()
            self._roles[user_id] = is_admin, time.monotonic() + ROLE_SECONDS
        return is_admin

    async def read(self) -> None:
        """Read new revocations, and call the listeners."""
        began = time.monotonic()
        async with asyncio.timeout(READ_TIMEOUT_SECONDS), self._own.session() as session:
            epoch, xmin = (await session.execute(queries.SNAPSHOT)).one()
            since = self._since if epoch == self._epoch else None
            found = (await session.execute(READ, {"since": since})).all()
        lost = self._epoch is not None and began - self._read_at > MAX_GAP_SECONDS
        self._epoch, self._since, self._read_at = epoch, xmin, began
        for id, kind, subject_id, expires_at in found:
            if id not in self._known:
                self._known[id] = expires_at
                self._note(Revoked(RevocationKind(kind), subject_id), expires_at)
        if lost:
            for _, on_lost in self._listeners:
                on_lost()
        self._forget_expired()

    def _note(self, revoked: Revoked, expires_at: datetime) -> None:
        self._refuse(revoked.kind, revoked.subject_id, expires_at)
        for on_revoked, _ in self._listeners:
            on_revoked(revoked)

    def _refuse(self, kind: RevocationKind, subject_id: UUID, expires_at: datetime) -> None:
        if kind is RevocationKind.USER:
            self._roles.pop(subject_id, None)
            self._roles_version += 1
        else:
            self._ended[subject_id] = expires_at

    def _forget_expired(self) -> None:
        if time.monotonic() < self._forget_at:
            return
        self._forget_at = time.monotonic() + FORGET_SECONDS
        moment = now()
        for known in (self._known, self._ended):
            for key in [key for key, expires_at in known.items() if expires_at <= moment]:
                del known[key]

    async def _read_forever(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._wake.wait()
            self._wake.clear()
            await self._try_to_read()
            await asyncio.sleep(MIN_INTERVAL_SECONDS)

    async def _try_to_read(self) -> None:
        try:
            await self.read()
        except DATABASE_ERRORS as error:
            log.warning("revocations.read_failed", error=str(error) or type(error).__name__)
        except Exception:
            log.exception("revocations.read_failed")
