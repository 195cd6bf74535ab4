"""Attendees and sales of a date as CSV."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any
from uuid import UUID

from sqlalchemy import select as any_select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import money
from core.csv_files import safe_cell
from core.security.sealed import Sealer
from models.audit import AuditAct
from models.base import localized
from models.errors import NotFound
from models.events.dates import EventDate
from models.events.ticket_types import TicketType
from models.events.tickets import ATTENDEE_COLUMN, Ticket, TicketState
from models.members import Permission
from services.audit import entries as audit
from services.events.check_in.attendees import ensure_may_export
from services.events.questions.exporting import AnswerColumns, read_answers
from services.events.sales.links import ExportLink, SalesExport
from services.vendors.access import access_vendor
from services.viewer import Viewer

MAX_ROWS = 100_000
COLUMNS = {
    SalesExport.ATTENDEES: ("code", "type", "name"),
    SalesExport.SALES: ("code", "type", "sold_at", "source", "state", "currency", "price"),
}
Found = Sequence[tuple[Ticket, TicketType]]
NO_ANSWERS = AnswerColumns([], {})


async def export_event_date(
    session: AsyncSession, viewer: Viewer, *, event_date_id: UUID, export: SalesExport
) -> ExportLink:
    """Return a link to an export of a date. Raises `NotFound` without the right."""
    user_id = viewer.require_user()
    rows = select(EventDate.vendor_id).where(EventDate.id == event_date_id)
    vendor_id = (await session.exec(rows)).first()
    if vendor_id is None:
        raise NotFound
    await access_vendor(session, viewer, vendor_id, Permission.SEE_TICKETS)
    audit.append(session, viewer, AuditAct.EXPORT_ATTENDEES, subject_id=event_date_id)
    return ExportLink(event_date_id, export, user_id)


async def read_export(
    session: AsyncSession, viewer: Viewer, link: ExportLink
) -> tuple[Found, AnswerColumns]:
    """Return the tickets of an export in the order of their sale, and answers of attendees.

    Raises `NotFound`.
    """
    await ensure_may_export(session, viewer, link.event_date_id)
    both: list[Any] = [Ticket, TicketType]
    rows = (
        any_select(*both)
        .join(TicketType, col(TicketType.id) == col(Ticket.ticket_type_id))
        .where(col(Ticket.event_date_id) == link.event_date_id)
    )
    answers = NO_ANSWERS
    if link.export is SalesExport.ATTENDEES:
        answers = await read_answers(session, link.event_date_id)
        rows = rows.where(col(Ticket.state) == TicketState.VALID)
    rows = rows.order_by(col(Ticket.created_at), col(Ticket.id)).limit(MAX_ROWS)
    return [(ticket, kind) for ticket, kind in (await session.execute(rows)).all()], answers


def write_csv(found: Found, answers: AnswerColumns, export: SalesExport, sealer: Sealer) -> bytes:
    """Return the rows in UTF-8, with the names of the columns in the first line.

    Those of questions come last.
    """
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerow([*COLUMNS[export], *map(safe_cell, answers.names)])
    attendees = export is SalesExport.ATTENDEES
    for ticket, kind in found:
        name = localized(kind.name, [], kind.locale)
        cells = _attendee(ticket, sealer) if attendees else _sale(ticket)
        answered = map(safe_cell, answers.cells(ticket, sealer))
        writer.writerow([ticket.code, safe_cell(name), *cells, *answered])
    return buffer.getvalue().encode()


def _attendee(ticket: Ticket, sealer: Sealer) -> Iterator[str]:
    sealed = ticket.attendee
    yield safe_cell(sealer.open(ATTENDEE_COLUMN, ticket.id, sealed).decode() if sealed else "")


def _sale(ticket: Ticket) -> Iterator[str]:
    yield ticket.created_at.isoformat(timespec="seconds")
    yield ticket.source
    yield ticket.state
    yield ticket.currency
    yield money.decimal(ticket.price, ticket.currency)
