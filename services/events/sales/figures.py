"""The sales of a date: its figures now, by ticket type, by day, and the entries by minute."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select as any_select
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.events.check_in.lists import ScanDirection, ScanOutcome
from models.events.check_in.scans import Scan, TicketPresence
from models.events.dates import EventDate
from models.events.events import Event
from models.events.selling.holds import LIVE, HoldLine, TicketHold
from models.events.ticket_types import TicketType
from models.events.tickets import Ticket, TicketSource, TicketState
from services.events.sales.queues import QueueFigures, count_queues
from services.events.sales.seats import SeatFigures, count_seats
from services.viewer import Viewer

MAX_DAYS, MAX_MINUTES = 400, 240
VALID = col(Ticket.state) == TicketState.VALID


@dataclass(frozen=True)
class TypeSales:
    """The valid tickets of a ticket type from one source."""

    row: TicketType
    source: TicketSource
    tickets: int
    amount: int
    currency: str


@dataclass(frozen=True)
class DaySales:
    """Valid tickets by the day of their sale, in the time zone of the date."""

    day: date
    tickets: int
    amount: int
    currency: str


@dataclass(frozen=True)
class MinuteSales:
    """Valid tickets by the minute of their sale."""

    minute: datetime
    tickets: int
    amount: int
    currency: str


@dataclass(frozen=True)
class MinuteEntries:
    minute: datetime
    entries: int


@dataclass(frozen=True)
class DateFigures:
    """The figures of a date. Amounts are prices of tickets, before discounts of orders."""

    cursor: str
    currency: str
    held: int
    sold: int
    cancelled: int
    checked_in: int
    amount: int
    by_type: Sequence[TypeSales]
    by_day: Sequence[DaySales]
    by_minute: Sequence[MinuteSales]
    entries: Sequence[MinuteEntries]
    seat_counts: SeatFigures | None
    queue_figures: QueueFigures | None


async def read_sales(
    session: AsyncSession, viewer: Viewer, event_date: EventDate, cursor: str
) -> DateFigures:
    """Return the figures of a date whose figures the viewer sees.

    `cursor` is that of the changes that follow, read before.
    """
    event = await session.get_one(Event, event_date.event_id)
    by_type = await _count_types(session, event_date, event.currency)
    return DateFigures(
        cursor=cursor,
        currency=event.currency,
        held=await _count_held(session, event_date),
        sold=sum(one.tickets for one in by_type),
        cancelled=await _count_cancelled(session, event_date),
        checked_in=await _count_checked_in(session, event_date),
        amount=sum(one.amount for one in by_type),
        by_type=by_type,
        by_day=await _count_days(session, event_date, event.currency),
        by_minute=await _count_minutes(session, event_date, event.currency),
        entries=await _count_entries(session, event_date),
        seat_counts=await count_seats(session, event_date.id),
        queue_figures=(await count_queues(session, viewer, [event.id])).get(event.id),
    )


async def _count_types(
    session: AsyncSession, event_date: EventDate, currency: str
) -> Sequence[TypeSales]:
    counts: list[Any] = [TicketType, Ticket.source, func.count(), func.sum(Ticket.price)]
    rows = (
        any_select(*counts)
        .join(Ticket, col(Ticket.ticket_type_id) == col(TicketType.id))
        .where(col(Ticket.event_date_id) == event_date.id, VALID)
        .group_by(col(TicketType.id), col(Ticket.source))
        .order_by(col(TicketType.position), col(TicketType.id), col(Ticket.source))
    )
    found = (await session.execute(rows)).all()
    return [
        TypeSales(row, source, tickets, int(amount), currency)
        for row, source, tickets, amount in found
    ]


async def _count_held(session: AsyncSession, event_date: EventDate) -> int:
    rows = (
        select(func.coalesce(func.sum(HoldLine.quantity * col(HoldLine.admits)), 0))
        .join(TicketHold, col(TicketHold.id) == col(HoldLine.hold_id))
        .where(TicketHold.event_date_id == event_date.id, col(TicketHold.state).in_(LIVE))
    )
    return int((await session.exec(rows)).one())


async def _count_cancelled(session: AsyncSession, event_date: EventDate) -> int:
    rows = select(func.count()).where(
        Ticket.event_date_id == event_date.id, Ticket.state == TicketState.CANCELLED
    )
    return (await session.exec(rows)).one()


async def _count_checked_in(session: AsyncSession, event_date: EventDate) -> int:
    """Count the tickets that entered on any list."""
    rows = (
        select(func.count(func.distinct(TicketPresence.ticket_id)))
        .join(Ticket, col(Ticket.id) == col(TicketPresence.ticket_id))
        .where(Ticket.event_date_id == event_date.id, TicketPresence.entries > 0)
    )
    return (await session.exec(rows)).one()


async def _count_days(
    session: AsyncSession, event_date: EventDate, currency: str
) -> Sequence[DaySales]:
    day: Any = func.date(func.timezone(event_date.time_zone, Ticket.created_at)).label("day")
    rows = (
        any_select(day, func.count(), func.sum(Ticket.price))
        .where(col(Ticket.event_date_id) == event_date.id, VALID)
        .group_by(day)
        .order_by(day.desc())
        .limit(MAX_DAYS)
    )
    found = (await session.execute(rows)).all()
    return [DaySales(day, tickets, int(sum_), currency) for day, tickets, sum_ in reversed(found)]


async def _count_minutes(
    session: AsyncSession, event_date: EventDate, currency: str
) -> Sequence[MinuteSales]:
    minute: Any = func.date_trunc("minute", Ticket.created_at).label("minute")
    rows = (
        any_select(minute, func.count(), func.sum(Ticket.price))
        .where(col(Ticket.event_date_id) == event_date.id, VALID)
        .group_by(minute)
        .order_by(minute.desc())
        .limit(MAX_MINUTES)
    )
    found = (await session.execute(rows)).all()
    return [MinuteSales(at, tickets, int(sum_), currency) for at, tickets, sum_ in reversed(found)]


async def _count_entries(session: AsyncSession, event_date: EventDate) -> Sequence[MinuteEntries]:
    minute: Any = func.date_trunc("minute", Scan.moment).label("minute")
    rows = (
        any_select(minute, func.count())
        .join(Ticket, col(Ticket.id) == col(Scan.ticket_id))
        .where(
            col(Ticket.event_date_id) == event_date.id,
            col(Scan.outcome) == ScanOutcome.ADMITTED,
            col(Scan.direction) == ScanDirection.ENTRY,
            col(Scan.voided_at).is_(None),
        )
        .group_by(minute)
        .order_by(minute.desc())
        .limit(MAX_MINUTES)
    )
    return [MinuteEntries(*row) for row in reversed((await session.execute(rows)).all())]
