"""Announcements of changes: through the journal, and through the pulse."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Uuid, bindparam, insert
from sqlalchemy.dialects.postgresql import ARRAY

from core.statements.parameters import current_time
from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from models.events.changes import MAX_CHANGED_IDS, EventChange, EventChangeKind
from models.events.events import Event
from services.events.entries import EventChanged
from services.journal import append as journal
from services.journal.topics import event_topic, vendor_topic

# Without the columns that the database fills: the number and the transaction.
RECORD = Statement(
    insert(EventChange).values(
        event_date_id=bindparam("event_date_id"),
        kind=bindparam("kind"),
        ids=bindparam("ids", type_=ARRAY(Uuid())),
        created_at=current_time(),
    )
)


def announce_event(unit: UnitOfWork, event: Event) -> None:
    """Announce a change by a member to those who follow the event or its vendor."""
    topics = event_topic(event.id), vendor_topic(event.vendor_id)
    journal.append(unit, EventChanged(event.id), to=topics)


async def record_change(
    unit: UnitOfWork, event_date_id: UUID, kind: EventChangeKind, ids: Sequence[UUID]
) -> None:
    """Record what a sale, a scan or the like has changed of a date, for the pulse.

    It takes no lock: those who buy at once do not wait for each other.
    """
    batches = [list(ids[at : at + MAX_CHANGED_IDS]) for at in range(0, len(ids), MAX_CHANGED_IDS)]
    given = {"event_date_id": event_date_id, "kind": kind}
    connection = await connection_of(unit)
    if len(batches) == 1:
        await RECORD.execute(connection, **given, ids=batches[0])
    elif batches:
        await RECORD.execute_many(connection, [given | {"ids": batch} for batch in batches])
