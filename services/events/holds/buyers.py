"""The limit of tickets of a date that one user can hold and buy."""

from uuid import UUID

from sqlalchemy import Integer, Uuid, bindparam, text
from sqlmodel import col, select

from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from models.events.selling.holds import TicketBuyer, TicketLimit
from models.events.ticket_types import TicketNeeded

# A guarded upsert: two holds of a user at once are counted one after another.
COUNT = Statement(
    text(
        """
        INSERT INTO ticket_buyer (event_date_id, user_id, tickets)
        SELECT :event_date_id, :user_id, :tickets WHERE :tickets <= :most
        ON CONFLICT (event_date_id, user_id) DO UPDATE
        SET tickets = ticket_buyer.tickets + excluded.tickets
        WHERE ticket_buyer.tickets + excluded.tickets <= :most
        RETURNING tickets
        """
    ).bindparams(
        bindparam("event_date_id", type_=Uuid()),
        bindparam("user_id", type_=Uuid()),
        bindparam("tickets", type_=Integer()),
        bindparam("most", type_=Integer()),
    )
)
UNCOUNT = Statement(
    text(
        """
        UPDATE ticket_buyer SET tickets = tickets - :tickets
        WHERE event_date_id = :event_date_id AND user_id = :user_id
        """
    ).bindparams(
        bindparam("event_date_id", type_=Uuid()),
        bindparam("user_id", type_=Uuid()),
        bindparam("tickets", type_=Integer()),
    )
)
COUNTED = Statement(
    select(col(TicketBuyer.tickets)).where(
        col(TicketBuyer.event_date_id) == bindparam("event_date_id"),
        col(TicketBuyer.user_id) == bindparam("user_id"),
    )
)


async def ensure_buyer(
    unit: UnitOfWork, event_date_id: UUID, user_id: UUID, *, besides: int = 0
) -> None:
    """Raise `TicketNeeded` unless a user has tickets of a date, but for those in `besides`."""
    key = {"event_date_id": event_date_id, "user_id": user_id}
    counted = await COUNTED.fetch_one(await connection_of(unit), **key)
    if counted is None or counted["tickets"] <= besides:
        raise TicketNeeded(field=["lines"])


async def count_tickets(
    unit: UnitOfWork, event_date_id: UUID, user_id: UUID, tickets: int, most: int
) -> None:
    """Count tickets that a user gets, or gives back if negative. Raises `TicketLimit`."""
    connection = await connection_of(unit)
    key = {"event_date_id": event_date_id, "user_id": user_id}
    if tickets < 0:
        await UNCOUNT.execute(connection, tickets=-tickets, **key)
    elif tickets > 0 and not await COUNT.fetch(connection, tickets=tickets, most=most, **key):
        counted = await COUNTED.fetch_one(connection, **key)
        raise TicketLimit(left=max(0, most - (counted["tickets"] if counted else 0)))
