"""Append entries to the journal, in the transaction of the change that they describe."""

from collections import Counter
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlmodel.ext.asyncio.session import AsyncSession


class PendingEntry(NamedTuple):
    """A change of a topic, not yet numbered."""

    topic: str
    kind: str
    facts: dict[str, str]


def user_topic(user_id: UUID) -> str:
    return f"user:{user_id}"


def vendor_topic(vendor_id: UUID) -> str:
    return f"vendor:{vendor_id}"


def conversation_topic(conversation_id: UUID) -> str:
    return f"conversation:{conversation_id}"


def append(session: AsyncSession, topic: str, kind: str, **given: UUID | int) -> None:
    """Note that something happened; written when the transaction ends, if it ends well."""
    facts = {name: str(fact) for name, fact in given.items()}
    session.info.setdefault("journal", []).append(PendingEntry(topic, kind, facts))


def signal(session: AsyncSession, topic: str) -> None:
    """Have whoever listens to a topic look, after the commit. Nothing is written down."""
    session.info.setdefault("signals", {})[topic] = 0


# Topics are raised in the order of their names, or two transactions could each
# hold what the other wants. Two entries of one topic take neighbouring numbers.
WRITE = text(
    """
    WITH raised AS (
        INSERT INTO topic (topic, seq)
        SELECT * FROM unnest(:topics, CAST(:totals AS bigint[])) AS given (topic, total)
        ORDER BY topic COLLATE "C"
        ON CONFLICT (topic) DO UPDATE SET seq = topic.seq + excluded.seq
        RETURNING topic, seq
    )
    INSERT INTO journal_entry (topic, seq, kind, facts, created_at)
    SELECT topic, raised.seq - given.later, kind, facts, now()
    FROM unnest(:entry_topics, CAST(:later AS bigint[]), :kinds, :facts)
        AS given (topic, later, kind, facts)
    JOIN raised USING (topic)
    RETURNING topic, seq
    """
).bindparams(
    bindparam("topics", type_=ARRAY(TEXT)),
    bindparam("entry_topics", type_=ARRAY(TEXT)),
    bindparam("kinds", type_=ARRAY(TEXT)),
    bindparam("facts", type_=ARRAY(JSONB)),
)


async def write(session: AsyncSession, entries: list[PendingEntry]) -> dict[str, int]:
    """Write the entries in one statement; tells how far each topic has come."""
    if not entries:
        return {}
    totals = Counter(entry.topic for entry in entries)
    left = totals.copy()
    left.subtract(totals.keys())
    later: list[int] = []
    for entry in entries:
        later.append(left[entry.topic])
        left[entry.topic] -= 1
    written = await session.execute(
        WRITE,
        {
            "topics": sorted(totals),
            "totals": [totals[topic] for topic in sorted(totals)],
            "entry_topics": [entry.topic for entry in entries],
            "later": later,
            "kinds": [entry.kind for entry in entries],
            "facts": [entry.facts for entry in entries],
        },
    )
    grown: dict[str, int] = {}
    for topic, seq in written:
        grown[topic] = max(seq, grown.get(topic, 0))
    return grown
