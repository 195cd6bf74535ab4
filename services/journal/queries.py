"""What the feed asks of the journal. Always of the primary."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import text
from sqlmodel import col, select

from core import metrics
from core.database import Database
from models.journal import JournalEntry, Topic
from services.journal.entries import Entry

MAX_BATCH_SIZE = 500
AnyEntry = TypeVar("AnyEntry", bound=Entry)


@dataclass(frozen=True)
class JournalRecord(Generic[AnyEntry]):
    """A stored entry with its topic and sequence number. Shared by all who read it."""

    topic: str
    seq: int
    kind: str
    facts: dict[str, Any]
    created_at: datetime

    @cached_property
    def entry(self) -> AnyEntry:
        return cast("AnyEntry", Entry.decode(self.kind, self.facts))


@dataclass(frozen=True)
class Sweep:
    """What has grown since a snapshot: topics with their newest number, and the next snapshot."""

    epoch: str
    xmin: str
    grown: dict[str, int]


# The timeline rises when a replica takes over, perhaps without the last commits.
NOW = text(
    """
    SELECT system_identifier || '.' || left(pg_walfile_name(pg_current_wal_lsn()), 8)
           || '.' || (SELECT oid FROM pg_database WHERE datname = current_database()) AS epoch,
           CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS xmin
    FROM pg_control_system()
    """
)
GROWN = text(
    """
    SELECT topic, max(seq) FROM journal_entry
    WHERE xid >= CAST(CAST(:since AS text) AS xid8) GROUP BY topic
    """
)


async def sweep(database: Database, since: str | None) -> Sweep:
    """Whatever was committed since the snapshot `since`, by any process, signalled or not.

    The next snapshot is taken first: a transaction that commits in between is
    found twice rather than never.
    """
    async with database.session() as session:
        epoch, xmin = (await session.execute(NOW)).one()
        grown = (await session.execute(GROWN, {"since": since})).all() if since else []
    return Sweep(epoch, xmin, dict(grown))


async def heads(database: Database, topics: Sequence[str]) -> dict[str, int]:
    async with database.session() as session:
        rows = select(Topic.topic, Topic.seq).where(col(Topic.topic).in_(topics))
        return dict.fromkeys(topics, 0) | dict((await session.exec(rows)).all())


async def entries(database: Database, topic: str, after: int) -> list[JournalRecord[Any]]:
    """The entries after a number, in order, at most 500."""
    metrics.JOURNAL_READS.inc()
    async with database.session() as session:
        rows = (
            select(JournalEntry)
            .where(JournalEntry.topic == topic, JournalEntry.seq > after)
            .order_by(col(JournalEntry.seq))
            .limit(MAX_BATCH_SIZE)
        )
        found = (await session.exec(rows)).all()
    return [JournalRecord(row.topic, row.seq, row.kind, row.facts, row.created_at) for row in found]


async def oldest(database: Database, topic: str) -> int | None:
    """The number of the oldest entry that has not been trimmed."""
    async with database.session() as session:
        rows = select(JournalEntry.seq).where(JournalEntry.topic == topic)
        return (await session.exec(rows.order_by(col(JournalEntry.seq)).limit(1))).first()
