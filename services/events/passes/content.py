"""The content of a pass of a ticket, which is the same for all wallets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from models.events.dates import EventDate, EventDateState
from models.events.tickets import Ticket
from models.events.venues import Venue
from services.events.passes.links import PassLink
from services.events.tickets.paper import TicketPaper
from services.events.tickets.printing import read_papers

SEAT = UserMessage("Section"), UserMessage("Row"), UserMessage("Seat")


@dataclass(frozen=True)
class PassContent:
    """A ticket in a wallet. Its times are those at the place, and None without a new time yet."""

    paper: TicketPaper
    ticket_id: UUID
    event_date_id: UUID
    generation: int
    starts_at: datetime | None
    ends_at: datetime | None
    position: tuple[float, float] | None
    is_void: bool

    @property
    def seat(self) -> Sequence[tuple[str, str]]:
        """Return the labels and values of the section, the row and the seat, or nothing."""
        return [
            (self.paper.text(label), value)
            for label, value in zip(SEAT, self.paper.seat, strict=False)
        ]


async def read_pass(
    session: AsyncSession, sealer: Sealer, keys: SigningKeys, link: PassLink
) -> PassContent:
    """Return the content of a link's pass. Raises `NotFound` and `TicketsReplaced`.

    The pass is void while a cancelled date's tickets are being cancelled.
    """
    (paper,) = await read_papers(session, sealer, keys, link.tickets)
    ticket = await session.get_one(Ticket, link.ticket_id)
    date = await session.get_one(EventDate, ticket.event_date_id)
    venue = await session.get_one(Venue, date.venue_id) if date.venue_id else None
    zone, postponed = ZoneInfo(date.time_zone), date.state is EventDateState.POSTPONED
    return PassContent(
        paper=paper,
        ticket_id=ticket.id,
        event_date_id=date.id,
        generation=ticket.generation,
        starts_at=None if postponed else date.starts_at.astimezone(zone),
        ends_at=None if postponed else date.ends_at.astimezone(zone),
        position=(venue.latitude, venue.longitude) if venue else None,
        is_void=date.state is EventDateState.CANCELLED,
    )
