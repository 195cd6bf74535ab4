"""Tickets that holders list for resale, and take off the list."""

from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.audit import AuditAct
from models.errors import InvalidInput
from models.events.dates import EventDate
from models.events.events import Event, ResalePolicy, SaleEnded, SaleNotOpen, WaitlistRule
from models.events.selling.resale import (
    MAX_LISTINGS,
    ResaleDraft,
    ResaleListing,
    ResalePriceTooHigh,
    ResaleRefused,
)
from models.events.ticket_types import TicketType, TicketTypeKind
from models.events.tickets import (
    InvalidTransferState,
    Ticket,
    TicketListed,
    TicketTransfer,
    TransferState,
)
from services import idempotency, jobs
from services.audit import entries as audit
from services.events.resale.access import find_open_listing
from services.events.tickets.access import access_own_ticket, ensure_before_end, ensure_unused
from services.events.tickets.naming import announce_ticket
from services.events.tickets.refunding import read_paid
from services.viewer import Viewer


async def list_ticket(
    session: AsyncSession,
    viewer: Viewer,
    draft: ResaleDraft,
    *,
    ticket_id: UUID,
    idempotency_key: str,
) -> Ticket:
    """List a ticket for users who wait, once per idempotency key. It stays valid until it is sold.

    Raises `NotFound`, `TicketCancelled`, `TicketUsed`, `TicketDateOver`, `TicketListed`,
    `InvalidTransferState` while a transfer is pending, `ResaleRefused` and `ResalePriceTooHigh`.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "listTicket",
        idempotency_key,
        ticket_id=ticket_id,
        draft=draft.model_dump(),
    )
    ticket = await access_own_ticket(session, viewer, ticket_id)
    if claimed.replayed:
        return ticket
    ticket.ensure_valid()
    date = await ensure_before_end(session, ticket)
    await ensure_unused(session, ticket)
    if await find_open_listing(session, ticket_id) is not None:
        raise TicketListed
    await _ensure_no_transfer(session, ticket_id)
    await _ensure_resellable(session, ticket, date)
    most = await _find_highest_price(session, ticket)
    if draft.currency not in {None, ticket.currency}:
        raise InvalidInput("Use the currency of the ticket.", field=["price", "currency"])
    if draft.price is not None and draft.price > most:
        raise ResalePriceTooHigh(most=most, currency=ticket.currency)
    listing = ResaleListing(
        event_date_id=date.id,
        ticket_id=ticket_id,
        user_id=viewer.require_user(),
        price=most if draft.price is None else draft.price,
    )
    session.add(listing)
    await session.flush()
    await jobs.defer(session, "serve_waitlist", event_date_id=date.id)
    audit.append(session, viewer, AuditAct.LIST_TICKET, subject_id=ticket_id)
    announce_ticket(session, ticket)
    await idempotency.record_result(session, claimed, listing.id)
    return ticket


async def unlist_ticket(session: AsyncSession, viewer: Viewer, *, ticket_id: UUID) -> Ticket:
    """Take a ticket of the viewer off the list. One that is not listed stays as it is.

    Raises `NotFound`, and `ResaleHeld` while it is held for a user who waits.
    """
    ticket = await access_own_ticket(session, viewer, ticket_id)
    listing = await find_open_listing(session, ticket_id)
    if listing is not None:
        listing.withdraw(now())
        announce_ticket(session, ticket)
    return ticket


async def _ensure_no_transfer(session: AsyncSession, ticket_id: UUID) -> None:
    rows = select(TicketTransfer.id).where(
        TicketTransfer.ticket_id == ticket_id, TicketTransfer.state == TransferState.PENDING
    )
    if (await session.exec(rows)).first() is not None:
        raise InvalidTransferState("A transfer of this ticket is open. Withdraw it first.")


async def _ensure_resellable(session: AsyncSession, ticket: Ticket, date: EventDate) -> None:
    """Raise `ResaleRefused` unless a user of the waitlist could buy the ticket."""
    event = await session.get_one(Event, date.event_id)
    kind = await session.get_one(TicketType, ticket.ticket_type_id)
    counted = select(func.count()).where(col(ResaleListing.ticket_id) == ticket.id)
    allowed = (
        event.resale is ResalePolicy.FACE_VALUE
        and event.waitlist is not WaitlistRule.OFF
        and kind.kind is TicketTypeKind.ADMISSION
        and not kind.needs_code
        and (await session.exec(counted)).one() < MAX_LISTINGS
    )
    try:
        event.ensure_on_sale()
        date.ensure_on_sale(now())
        kind.ensure_on_sale(now())
    except (SaleNotOpen, SaleEnded):
        allowed = False
    if not allowed:
        raise ResaleRefused


async def _find_highest_price(session: AsyncSession, ticket: Ticket) -> int:
    """Return what was paid for a ticket, at most its price. Raises `ResaleRefused` if none was."""
    paid = await read_paid(session, ticket)
    if paid is None or paid.is_refunded:
        raise ResaleRefused
    return min(ticket.price, paid.price)
