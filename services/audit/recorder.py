"""Audit entries of refused acts and of reads, which have no transaction of their own."""

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

import structlog

from core.observability import metrics
from core.outages import DATABASE_ERRORS, is_refused_value
from core.runtime.periodic_flush import PeriodicFlush
from models.audit import AuditAct, AuditEntry
from services.audit.entries import build_entry, write_log
from services.transaction import Transactions
from services.viewer import Viewer

FLUSH_SECONDS = 1.0
MAX_PENDING = 1_000

Key = tuple[object, ...]

log = structlog.get_logger(__name__)


class AuditRecorder:
    """Stores entries every second, equal ones as one entry with a count.

    So an attacker cannot turn each attempt into a write, and the time of a refusal does not depend
    on what is stored of it. Each entry is logged at once; those of the last second are not
    stored if the process is killed.
    """

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._pending: dict[Key, AuditEntry] = {}
        self._dropped = 0
        self._flushes = PeriodicFlush(self.flush, seconds=FLUSH_SECONDS, event="audit.flush_failed")

    async def start(self) -> None:
        await self._flushes.start()

    async def stop(self) -> None:
        await self._flushes.stop()

    def refused(
        self, viewer: Viewer, act: StrEnum, code: str, *, subject_id: UUID | None = None
    ) -> None:
        """Record a refusal. `act` is an `AuditAct`, which the engine does not import."""
        self._add(build_entry(viewer, AuditAct(act), subject_id=subject_id, code=code))

    def done(self, viewer: Viewer, act: AuditAct, *, subject_id: UUID | None = None) -> None:
        """Record an act without a transaction, such as an admin's reading."""
        self._add(build_entry(viewer, act, subject_id=subject_id))

    async def flush(self) -> None:
        """Store the pending entries. They stay pending if the database is away."""
        entries, self._pending = [*self._pending.values()], {}
        if not entries:
            return
        await self._store(entries)
        if self._dropped:
            metrics.AUDIT_ENTRIES_LOST.labels("overflow").inc(self._dropped)
            log.error("audit.entries_dropped", entries=self._dropped)
            self._dropped = 0

    async def _store(self, entries: Sequence[AuditEntry]) -> None:
        """Store entries in one transaction, or by halves if one of them is refused.

        A refused entry is a bug. It would be refused again each second, and keep the others out.
        """
        try:
            async with self._transactions.begin() as session:
                session.add_all([entry.model_copy() for entry in entries])
        except DATABASE_ERRORS as error:
            if not is_refused_value(error):
                log.warning("audit.flush_failed", error=str(error), entries=len(entries))
                for entry in entries:
                    self._keep(entry)
            elif len(entries) == 1:
                metrics.AUDIT_ENTRIES_LOST.labels("refused").inc(entries[0].times)
                log.error("audit.entry_refused", error=str(error), act=entries[0].act)
            else:
                middle = len(entries) // 2
                await self._store(entries[:middle])
                await self._store(entries[middle:])

    def _add(self, entry: AuditEntry) -> None:
        write_log(entry)
        self._keep(entry)

    def _keep(self, entry: AuditEntry) -> None:
        key = (entry.act, entry.code, entry.actor_id, entry.session_id, entry.subject_id)
        known = self._pending.get((*key, entry.network))
        if known is not None:
            known.times += entry.times
        elif len(self._pending) < MAX_PENDING:
            self._pending[(*key, entry.network)] = entry
        else:
            self._dropped += entry.times
