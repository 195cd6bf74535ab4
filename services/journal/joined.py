"""Entries that are written by the statement of their change, if that is the whole transaction."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CTE, ColumnElement, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB, array, insert
from sqlmodel import col

from core.statements.units import UnitOfWork
from models.journal import JournalEntry, Topic
from services.journal.entries import Entry

FACTS = "facts"  # the parameter with the facts of the entry


def entry_columns(
    change: CTE, entry: type[Entry], *, to: Sequence[ColumnElement[str]]
) -> list[ColumnElement[Any]]:
    """Return columns that write an entry to each topic of the changed row, if there is one.

    The topics are updated as by `append.WRITE`: in the order of their names, and last, since they
    depend on the change. The columns are the topics and their new numbers, for `note_entries`.
    """
    topics = select(func.unnest(array(to)).label("topic")).select_from(change).subquery("topics")
    row = insert(Topic).from_select(
        ["topic", "seq"], select(topics.c.topic, literal(1)).order_by(topics.c.topic.collate("C"))
    )
    next_number = {"seq": col(Topic.seq) + row.excluded.seq}
    advanced = (
        row.on_conflict_do_update(index_elements=[col(Topic.topic)], set_=next_number)
        .returning(col(Topic.topic), col(Topic.seq))
        .cte("advanced")
    )
    facts = bindparam(FACTS, type_=JSONB)
    new = select(advanced.c.topic, advanced.c.seq, literal(entry.kind), facts, func.now())
    entries = (
        insert(JournalEntry)
        .from_select(["topic", "seq", "kind", "facts", "created_at"], new)
        .returning(col(JournalEntry.topic), col(JournalEntry.seq))
        .cte("entries")
    )
    return [
        func.array(select(column).scalar_subquery()).label(name)
        for column, name in ((entries.c.topic, "topics"), (entries.c.seq, "numbers"))
    ]


def note_entries(unit: UnitOfWork, row: Any) -> None:
    """Signal the entries that the statement of this row has written, once it is committed."""
    signals: dict[str, int] = unit.info.setdefault("signals", {})
    signals.update(zip(row["topics"], row["numbers"], strict=True))
