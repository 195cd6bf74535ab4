"""Attendees and sales of a date as CSV, read in batches."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select
from sqlalchemy import select as any_select
from sqlmodel import col, func, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from core.csv_files import Cell, CsvFile
from core.database import OpenSession
from core.money import decimal
from core.security.sealed import Sealer
from models.audit import AuditAct
from models.base import localized
from models.errors import NotFound
from models.events.check_in.scans import TicketPresence
from models.events.dates import EventDate
from models.events.questions import EventQuestion
from models.events.seats.charts import ChartRow, ChartSection, Seat
from models.events.ticket_types import TicketType
from models.events.tickets import Ticket, TicketState
from models.members import Permission
from services.audit import entries as audit
from services.events.questions.exporting import AnswerColumns, find_questions, read_answers
from services.events.sales.links import ExportLink, SalesExport
from services.links import find_viewer
from services.vendors.access import works_at
from services.viewer import Viewer

BATCH_SIZE = 1_000
PLACE = "code", "type", "section", "row", "seat"
COLUMNS = {
    SalesExport.ATTENDEES: (*PLACE, "attendee", "source", "issued_at", "first_entry"),
    SalesExport.SALES: (*PLACE, "sold_at", "source", "state", "currency", "price"),
}


class ExportRow(NamedTuple):
    """A ticket with its type, its first entry on any list, and where its seat is, if it has one."""

    ticket: Ticket
    kind: TicketType
    first_entry: datetime | None
    section: str | None
    row: str | None
    seat: str | None


async def export_event_date(
    session: AsyncSession, viewer: Viewer, *, event_date_id: UUID, export: SalesExport
) -> ExportLink:
    """Return a link to an export of a date. Raises `NotFound` without the right."""
    user_id = viewer.require_user()
    await _find_zone(session, viewer, event_date_id)
    audit.append(session, viewer, AuditAct.EXPORT_ATTENDEES, subject_id=event_date_id)
    return ExportLink(event_date_id, export, user_id)


async def open_export(open_session: OpenSession, sealer: Sealer, link: ExportLink) -> CsvFile:
    """Return the file of a link: tickets in the order of their sale, and answers of attendees.

    Times have the offset of the date's zone. Raises `NotFound` for a user who has lost the right
    to it.
    """
    questions: Sequence[EventQuestion] = []
    async with open_session() as session:
        viewer = await find_viewer(session, link.user_id)
        zone = await _find_zone(session, viewer, link.event_date_id)
        if link.export is SalesExport.ATTENDEES:
            questions = await find_questions(session, link.event_date_id)
    columns = (*COLUMNS[link.export], *AnswerColumns(questions, {}).names)
    batches = _read_batches(open_session, sealer, link, questions, zone)
    return CsvFile(f"{link.export.lower()}.csv", columns, batches)


async def _find_zone(session: AsyncSession, viewer: Viewer, event_date_id: UUID) -> ZoneInfo:
    """Return the zone of a date. Raises `NotFound` unless the viewer sees its tickets."""
    dates = select(EventDate.time_zone).where(EventDate.id == event_date_id)
    if not viewer.admin:
        own = works_at(viewer.staff, col(EventDate.vendor_id), Permission.SEE_TICKETS)
        dates = dates.where(own)
    zone = (await session.exec(dates)).first()
    if zone is None:
        raise NotFound
    return ZoneInfo(zone)


async def _read_batches(
    open_session: OpenSession,
    sealer: Sealer,
    link: ExportLink,
    questions: Sequence[EventQuestion],
    zone: ZoneInfo,
) -> AsyncIterator[Iterator[Sequence[Cell]]]:
    """Yield the rows of a file, each batch read after the last ticket of the one before."""
    position: Any = tuple_(col(Ticket.created_at), col(Ticket.id))
    rows, found = _select_rows(link), []
    while True:
        async with open_session() as session:
            found = [ExportRow(*one) for one in (await session.execute(rows)).all()]
            tickets = [one.ticket for one in found]
            answers = await read_answers(session, questions, tickets) if questions else {}
        columns = AnswerColumns(questions, answers)
        yield ([*_cells(one, columns, link.export, sealer, zone)] for one in found)
        if len(found) < BATCH_SIZE:
            return
        rows = _select_rows(link).where(position > (tickets[-1].created_at, tickets[-1].id))


def _select_rows(link: ExportLink) -> Select[*tuple[Any, ...]]:
    entered = (
        select(func.min(TicketPresence.first_at))
        .where(TicketPresence.ticket_id == Ticket.id)
        .correlate(Ticket)
        .scalar_subquery()
    )
    seat: list[Any] = [col(ChartSection.name), col(ChartRow.label), col(Seat.number)]
    selected: list[Any] = [Ticket, TicketType, entered, *seat]
    rows = (
        any_select(*selected)
        .join(TicketType, col(TicketType.id) == col(Ticket.ticket_type_id))
        .outerjoin(Seat, col(Seat.id) == col(Ticket.seat_id))
        .outerjoin(ChartRow, col(ChartRow.id) == col(Seat.row_id))
        .outerjoin(ChartSection, col(ChartSection.id) == col(ChartRow.section_id))
        .where(col(Ticket.event_date_id) == link.event_date_id)
    )
    if link.export is SalesExport.ATTENDEES:
        rows = rows.where(col(Ticket.state) == TicketState.VALID)
    return rows.order_by(col(Ticket.created_at), col(Ticket.id)).limit(BATCH_SIZE)


def _cells(
    row: ExportRow, answers: AnswerColumns, export: SalesExport, sealer: Sealer, zone: ZoneInfo
) -> Iterator[Cell]:
    ticket, kind, first_entry, *seat = row
    yield ticket.code
    yield localized(kind.name, [], kind.locale)
    yield from (place or "" for place in seat)
    if export is SalesExport.SALES:
        yield from (_time(ticket.created_at, zone), ticket.source, ticket.state, ticket.currency)
        yield Decimal(decimal(ticket.price, ticket.currency))
        return
    yield ticket.open_attendee(sealer) or ""
    yield from (ticket.source, _time(ticket.created_at, zone))
    yield _time(first_entry, zone) if first_entry else ""
    yield from answers.cells(ticket, sealer)


def _time(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat(timespec="seconds")
