"""Confirmations of refreshes: which have arrived, because an access token of them was used."""

from uuid import UUID

from sqlalchemy import text

from core.outages import DATABASE_ERRORS
from core.runtime.periodic_flush import PeriodicFlush
from services.transaction import Transactions

FLUSH_SECONDS = 2.0
MAX_KNOWN = 20_000
MAX_PENDING = 5_000

# The rows are locked in the order of their ids: two processes can confirm the same sessions.
CONFIRM = text(
    """
    WITH used AS (
        SELECT * FROM unnest(CAST(:sessions AS uuid[]), CAST(:rotations AS int[]))
            AS used (session_id, rotation)
    ), locked AS MATERIALIZED (
        SELECT user_session.id, least(rotation, rotations) AS rotation
        FROM user_session JOIN used ON session_id = user_session.id
        WHERE confirmed < least(rotation, rotations)
        ORDER BY user_session.id FOR NO KEY UPDATE OF user_session
    )
    UPDATE user_session SET confirmed = greatest(confirmed, rotation)
    FROM locked WHERE locked.id = user_session.id
    """
)


class RefreshConfirmations:
    """Notes the rotations of used access tokens, and stores them every two seconds.

    Until then a refresh can still be repeated, but the grace of a repeat is longer anyway. Each
    rotation is stored once per process. If the database is away, they stay pending; beyond
    `MAX_PENDING`, they are noted at the next use.
    """

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._known: dict[UUID, int] = {}
        self._pending: dict[UUID, int] = {}
        self._flushes = PeriodicFlush(
            self.flush, seconds=FLUSH_SECONDS, event="refresh_confirmations.flush_failed"
        )

    async def start(self) -> None:
        await self._flushes.start()

    async def stop(self) -> None:
        await self._flushes.stop()

    def note(self, session_id: UUID, rotation: int) -> None:
        """Note that an access token of a rotation was used. The first tokens have none."""
        if rotation <= self._known.get(session_id, 0):
            return
        if session_id not in self._pending and len(self._pending) >= MAX_PENDING:
            return
        if len(self._known) >= MAX_KNOWN:
            self._known.clear()
        self._known[session_id] = self._pending[session_id] = rotation

    async def flush(self) -> None:
        """Store the pending rotations."""
        used, self._pending = self._pending, {}
        if not used:
            return
        values = {"sessions": list(used), "rotations": list(used.values())}
        try:
            async with self._transactions.begin() as session:
                await session.execute(CONFIRM, values)
        except DATABASE_ERRORS:
            self._pending = used | self._pending
            raise
