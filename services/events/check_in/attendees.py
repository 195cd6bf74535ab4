"""The attendees of a date as CSV, behind a link that names its user."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.csv_files import write_rows
from core.money import decimal
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from models.base import localized
from models.errors import NotFound
from models.events.dates import EventDate
from models.events.scans import TicketPresence
from models.events.ticket_types import TicketType
from models.events.tickets import ATTENDEE_COLUMN, Ticket
from models.members import Permission
from services.events.questions.exporting import AnswerColumns, read_answers
from services.links import LinkPurpose, SignedLink, read_link, sign_link
from services.vendors.access import works_at
from services.viewer import Viewer

PATH = "/events/attendees"
LINK_SECONDS = 600
MAX_ROWS = 20_000
COLUMNS = (
    "code",
    "type",
    "attendee",
    "state",
    "price",
    "currency",
    "source",
    "issued_at",
    "first_entry",
)


@dataclass(frozen=True)
class AttendeesLink:
    """The attendees of a date, for one member."""

    event_date_id: UUID
    user_id: UUID

    def sign(self, keys: SigningKeys) -> SignedLink:
        claims = {"date": self.event_date_id.hex, "user": self.user_id.hex}
        return sign_link(keys, LinkPurpose.ATTENDEES, claims, LINK_SECONDS)

    @classmethod
    def read(cls, keys: SigningKeys, link: str) -> "AttendeesLink":
        """Return what a link is for. Raises `NotFound` unless we signed it, for now."""
        claims = read_link(keys, LinkPurpose.ATTENDEES, link)
        return cls(UUID(hex=claims["date"]), UUID(hex=claims["user"]))


class Attendee(NamedTuple):
    """A ticket with its type, and its first entry on any list."""

    ticket: Ticket
    kind: TicketType
    first_entry: datetime | None


async def ensure_may_export(session: AsyncSession, viewer: Viewer, event_date_id: UUID) -> None:
    """Raise `NotFound` unless the viewer sees the tickets of a date."""
    viewer.require_user()
    dates = select(EventDate.id).where(EventDate.id == event_date_id)
    if not viewer.admin:
        own = works_at(viewer.staff, col(EventDate.vendor_id), Permission.SEE_TICKETS)
        dates = dates.where(own)
    if (await session.exec(dates)).first() is None:
        raise NotFound


async def read_attendees(
    session: AsyncSession, viewer: Viewer, event_date_id: UUID
) -> tuple[Sequence[Attendee], AnswerColumns]:
    """Return the tickets of a date, oldest first, and the answers of their attendees.

    Raises `NotFound` without the right.
    """
    await ensure_may_export(session, viewer, event_date_id)
    entered = (
        select(func.min(TicketPresence.first_at))
        .where(TicketPresence.ticket_id == Ticket.id)
        .correlate(Ticket)
        .scalar_subquery()
    )
    rows = (
        select(Ticket, TicketType, entered)
        .join(TicketType, col(TicketType.id) == col(Ticket.ticket_type_id))
        .where(Ticket.event_date_id == event_date_id)
        .order_by(col(Ticket.created_at), col(Ticket.id))
        .limit(MAX_ROWS)
    )
    attendees = [Attendee(*row) for row in (await session.exec(rows)).all()]
    return attendees, await read_answers(session, event_date_id)


def write_csv(attendees: Sequence[Attendee], answers: AnswerColumns, sealer: Sealer) -> bytes:
    """Return a row for each ticket, with a column for each question."""
    rows = ((*_row(one, sealer), *answers.cells(one.ticket, sealer)) for one in attendees)
    return write_rows((*COLUMNS, *answers.names), rows)


def _row(one: Attendee, sealer: Sealer) -> Iterator[str]:
    ticket, kind = one.ticket, one.kind
    yield ticket.code
    yield localized(kind.name, [], kind.locale)
    sealed = ticket.attendee
    yield sealer.open(ATTENDEE_COLUMN, ticket.id, sealed).decode() if sealed else ""
    yield ticket.state
    yield decimal(ticket.price, ticket.currency)
    yield ticket.currency
    yield ticket.source
    yield ticket.created_at.isoformat()
    yield one.first_entry.isoformat() if one.first_entry else ""
