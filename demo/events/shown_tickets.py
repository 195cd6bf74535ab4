"""Tickets of a user with which the tabs of GraphiQL begin, and a date whose buyers are asked."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.events.dates import EventDate, EventDateState
from models.events.questions import EventQuestion, QuestionScope
from models.events.selling.resale import ResaleListing, ResaleState
from models.events.ticket_types import TicketQuota, TicketType, TicketTypeKind, TypeQuota
from models.events.tickets import Ticket, TicketState, TicketTransfer, TransferState


def coming() -> tuple[Any, ...]:
    return EventDate.state == EventDateState.SCHEDULED, col(EventDate.starts_at) > now()


async def find_tickets(session: AsyncSession, customer_id: UUID | None) -> dict[str, Any]:
    """Return tickets of coming dates that a user holds, and a transfer to that user.

    `listedTicket` is for sale. `resaleTicket` is another one of the same date.
    """
    held = (
        select(Ticket.id)
        .join(EventDate, col(EventDate.id) == col(Ticket.event_date_id))
        .where(Ticket.holder_id == customer_id, Ticket.state == TicketState.VALID, *coming())
        .order_by(col(Ticket.created_at).desc(), col(Ticket.id).desc())
    )
    listed = select(ResaleListing.ticket_id).where(ResaleListing.state == ResaleState.LISTED)
    of_dates = select(ResaleListing.event_date_id).where(ResaleListing.user_id == customer_id)
    admission = select(TicketType.id).where(TicketType.kind == TicketTypeKind.ADMISSION)
    kept = held.where(col(Ticket.id).not_in(listed))
    transfers = select(TicketTransfer.id).where(
        TicketTransfer.to_user_id == customer_id,
        TicketTransfer.state == TransferState.PENDING,
    )
    rows = {
        "ticket": kept.where(col(Ticket.event_date_id).not_in(of_dates)),
        "listedTicket": held.where(col(Ticket.id).in_(listed)),
        "resaleTicket": kept.where(
            col(Ticket.event_date_id).in_(of_dates), col(Ticket.ticket_type_id).in_(admission)
        ),
        "transfer": transfers,
    }
    return {name: (await session.exec(one.limit(1))).first() for name, one in rows.items()}


async def find_asking(session: AsyncSession, vendor_id: UUID | None) -> dict[str, Any]:
    """Return a date with room whose buyers are asked something, with its types and questions."""
    companion, donation, whole = aliased(TicketType), aliased(TicketType), aliased(EventQuestion)
    wanted: dict[str, Any] = {
        "askingEvent": EventDate.event_id,
        "askingDate": EventDate.id,
        "askingType": TicketType.id,
        "companionType": companion.id,
        "donationType": donation.id,
        "typeQuestion": EventQuestion.id,
        "orderQuestion": whole.id,
    }
    columns: list[Any] = list(wanted.values())
    rows = (
        select(*columns)
        .select_from(EventDate)
        .join(TicketQuota, col(TicketQuota.event_date_id) == col(EventDate.id))
        .join(TypeQuota, col(TypeQuota.quota_id) == col(TicketQuota.id))
        .join(TicketType, col(TicketType.id) == col(TypeQuota.ticket_type_id))
        .join(EventQuestion, col(EventQuestion.ticket_type_id) == col(TicketType.id))
        .join(whole, col(whole.event_id) == col(EventDate.event_id))
        .join(companion, col(companion.companion_of_id) == col(TicketType.id))
        .join(donation, col(donation.event_id) == col(EventDate.event_id))
        .where(
            EventDate.vendor_id == vendor_id,
            *coming(),
            col(TicketQuota.taken) < TicketQuota.capacity,
            ~col(TicketQuota.waitlist_first),
            col(EventQuestion.required),
            whole.scope == QuestionScope.ORDER,
            donation.kind == TicketTypeKind.DONATION,
        )
        .order_by(col(EventDate.starts_at))
    )
    row = (await session.exec(rows.limit(1))).first()
    return dict(zip(wanted, row or [None] * len(wanted), strict=True))
