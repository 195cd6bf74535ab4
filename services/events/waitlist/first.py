"""What is closed to the public sale while users wait: quotas here, and rows of seats."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text
from sqlmodel import col, select, update

from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.events.ticket_types import TicketQuota
from services.events.holds.room import Room, lock_room
from services.events.waitlist.rows import settle_rows

OF_DATE = Statement(
    select(col(TicketQuota.id)).where(col(TicketQuota.event_date_id) == bindparam("event_date_id"))
)
CLOSE = Statement(
    update(TicketQuota)
    .where(any_of(col(TicketQuota.id)), ~col(TicketQuota.waitlist_first))
    .values(waitlist_first=True)
)
# An entry waits for the quotas of the types that it accepts, by default of any. Of a type with
# seats, it waits perhaps for these alone: a quota with room stays open, as others share it.
SYNC = Statement(
    text(
        """
        UPDATE ticket_quota SET waitlist_first = wanted.first
        FROM (
            SELECT quota.id, event.waitlist <> 'OFF' AND EXISTS (
                SELECT FROM type_quota
                JOIN ticket_type ON ticket_type.id = type_quota.ticket_type_id
                JOIN waitlist_entry AS entry ON entry.event_date_id = quota.event_date_id
                WHERE type_quota.quota_id = quota.id AND entry.state = 'WAITING'
                    AND ticket_type.state = 'ACTIVE' AND ticket_type.kind = 'ADMISSION'
                    AND NOT ticket_type.needs_code
                    AND (entry.type_ids = '{}' OR ticket_type.id = ANY(entry.type_ids))
                    AND (
                        event_date.chart_id IS NULL OR ticket_type.category_ids = '{}'
                        OR quota.waitlist_first OR quota.taken >= quota.capacity
                    )
            ) AS first
            FROM ticket_quota AS quota
            JOIN event_date ON event_date.id = quota.event_date_id
            JOIN event ON event.id = event_date.event_id
            WHERE quota.event_date_id = :event_date_id
        ) AS wanted
        WHERE ticket_quota.id = wanted.id AND waitlist_first <> wanted.first
        """
    ).bindparams(bindparam("event_date_id", type_=Uuid()))
)


async def close_public_sale(unit: UnitOfWork, quota_ids: Collection[UUID]) -> None:
    """Close quotas that are locked to the public sale, for those who begin to wait."""
    if quota_ids:
        await CLOSE.execute(await connection_of(unit), **{KEYS: sorted(quota_ids)})


async def lock_quotas_of(unit: UnitOfWork, event_date_id: UUID) -> Room:
    """Lock all quotas of a date."""
    rows = await OF_DATE.fetch(await connection_of(unit), event_date_id=event_date_id)
    return await lock_room(unit, [row["id"] for row in rows])


async def settle_waitlist_first(unit: UnitOfWork, event_date_id: UUID) -> None:
    """Close what some wait for of a date, and open the rest. The date is locked."""
    await lock_quotas_of(unit, event_date_id)
    await SYNC.execute(await connection_of(unit), event_date_id=event_date_id)
    await settle_rows(unit, event_date_id)
