"""Which public tables a transaction has changed, so that kept answers can be dropped.

The unit of work knows them by itself: services need not name them, and cannot forget one.
Statements of a `PreparedTransaction` are not seen. Of these tables, they change only counts of
`claimOffer`, whose fields are declared as `volatile`.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session

from core.statements.units import UnitOfWork

# The tables of public answers. Others that these are read from, such as likes, change too often, or
# never once they can be seen.
TABLES = frozenset(
    {
        "cancellation_policy",
        "category",
        "chart",
        "chat_hours",
        "event",
        "event_date",
        "event_picture",
        "event_slug",
        "offer",
        "offer_picture",
        "picture_sizes",
        "product",
        "product_picture",
        "product_slug",
        "resource",
        "service",
        "service_need",
        "service_question",
        "service_resource",
        "variant",
        "vendor",
        "vendor_day",
        "vendor_hours",
        "vendor_image",
        "vendor_open",
        "vendor_slug",
        "venue",
    }
)
CHANGED = "changed_tables"


def take_changes(unit: UnitOfWork) -> Collection[str]:
    """Return the public tables that were changed, once the transaction is committed."""
    changed: set[str] = unit.info.pop(CHANGED, set())
    return changed


@event.listens_for(Session, "after_flush")
def _note_rows(session: Session, _: object) -> None:
    """Note the tables of rows that were written."""
    changed = [row for row in session.dirty if session.is_modified(row)]
    for row in (*session.new, *session.deleted, *changed):
        _note(session, row.__tablename__)


@event.listens_for(Session, "do_orm_execute")
def _note_statement(state: ORMExecuteState) -> None:
    """Note the table of an UPDATE, an INSERT or a DELETE."""
    if state.is_insert or state.is_update or state.is_delete:
        statement: Any = state.statement
        _note(state.session, statement.table.name)


def _note(session: Session, table: str) -> None:
    if table in TABLES:
        session.info.setdefault(CHANGED, set()).add(table)
