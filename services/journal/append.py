"""Append entries to the journal, in the transaction of their change."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import asyncpg
from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT

from core.statements.statement import Statement
from core.statements.units import UnitOfWork
from services.journal.entries import Entry


class PendingEntry(NamedTuple):
    """An entry for one topic, without a sequence number yet."""

    topic: str
    entry: Entry


def append(session: UnitOfWork, entry: Entry, *, to: Iterable[str]) -> None:
    """Add an entry to each topic. The unit of work writes it before the commit."""
    pending: list[PendingEntry] = session.info.setdefault("journal", [])
    pending.extend(PendingEntry(topic, entry) for topic in to)


def signal_after_commit(session: UnitOfWork, topic: str) -> None:
    """Wake a topic's listeners after the commit, without a journal entry."""
    session.info.setdefault("signals", {})[topic] = 0


# Topics are updated in the order of their names: in different orders two transactions would
# deadlock, each waiting for a topic row that the other holds (test_journal.py has the control).
# Several entries of one topic take consecutive numbers.
WRITE = Statement(
    text(
        """
        WITH advanced AS (
            INSERT INTO topic (topic, seq)
            SELECT * FROM unnest(:topics, CAST(:totals AS bigint[])) AS given (topic, total)
            ORDER BY topic COLLATE "C"
            ON CONFLICT (topic) DO UPDATE SET seq = topic.seq + excluded.seq
            RETURNING topic, seq
        )
        INSERT INTO journal_entry (topic, seq, kind, facts, created_at)
        SELECT topic, advanced.seq - given.following, kind, facts, now()
        FROM unnest(:entry_topics, CAST(:following AS bigint[]), :kinds, :facts)
            AS given (topic, following, kind, facts)
        JOIN advanced USING (topic)
        RETURNING topic, seq
        """
    ).bindparams(
        bindparam("topics", type_=ARRAY(TEXT)),
        bindparam("totals", type_=ARRAY(BigInteger)),
        bindparam("following", type_=ARRAY(BigInteger)),
        bindparam("entry_topics", type_=ARRAY(TEXT)),
        bindparam("kinds", type_=ARRAY(TEXT)),
        bindparam("facts", type_=ARRAY(JSONB)),
    )
)


async def write(connection: asyncpg.Connection, entries: list[PendingEntry]) -> dict[str, int]:
    """Write the entries in one statement. Returns the newest number per topic."""
    totals = Counter(pending.topic for pending in entries)
    left = totals.copy()
    left.subtract(totals.keys())
    following: list[int] = []
    for pending in entries:
        following.append(left[pending.topic])
        left[pending.topic] -= 1
    written = await WRITE.fetch(
        connection,
        topics=sorted(totals),
        totals=[totals[topic] for topic in sorted(totals)],
        entry_topics=[pending.topic for pending in entries],
        following=following,
        kinds=[pending.entry.kind for pending in entries],
        facts=[pending.entry.facts() for pending in entries],
    )
    grown: dict[str, int] = {}
    for topic, seq in written:
        grown[topic] = max(seq, grown.get(topic, 0))
    return grown
