"""The refunds of tickets that were resold, each in a transaction with its order locked.

One that is refused, such as while a bank disputes the payment, is tried again later.
"""

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction
from uuid import UUID

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.errors import Refusal
from models.events.date_changes import TicketRefundState
from models.events.selling.resale import ResaleListing
from models.events.tickets import Ticket
from models.notifications.inbox import NotificationKind
from models.orders.timeline import OrderActor
from services.events.tickets.notices import notify_user
from services.events.tickets.refunding import lock_order_of, read_paid, refund_ticket
from services.orders.notices import notify_buyer
from services.transaction import OpenTransaction

BATCH_SIZE = 100
LATE = timedelta(minutes=5)
GIVEN_UP = timedelta(days=180)
OWED = {TicketRefundState.DUE, TicketRefundState.REFUSED}


async def refund_resold(transaction: OpenTransaction, listing_id: UUID) -> None:
    """Refund a ticket that was resold, and notify its seller. A second call changes nothing."""
    try:
        async with transaction() as session:
            await _grant(session, listing_id)
    except Refusal as refusal:
        owed = update(ResaleListing).where(
            col(ResaleListing.id) == listing_id, col(ResaleListing.refund).in_(OWED)
        )
        values = {"refund": TicketRefundState.REFUSED, "code": refusal.code}
        async with transaction() as session:
            await session.exec(owed.values(**values))


async def _grant(session: AsyncSession, listing_id: UUID) -> None:
    """Give the buyer back the part of what was paid that the price of the resale is."""
    found = await session.get_one(ResaleListing, listing_id)
    ticket = await session.get_one(Ticket, found.ticket_id)
    order = await lock_order_of(session, ticket)
    rows = for_change(select(ResaleListing).where(ResaleListing.id == listing_id))
    listing = (await session.exec(rows, execution_options={"populate_existing": True})).one()
    paid = await read_paid(session, ticket)
    if listing.refund not in OWED or order is None or paid is None:
        return
    most = min(ticket.price, paid.price)
    share = Fraction(min(listing.price, most), most) if most else Fraction(0)
    refund = await refund_ticket(session, order, ticket, share, actor=OrderActor.PLATFORM)
    listing.refund, listing.code = TicketRefundState.GRANTED, None
    await notify_user(session, listing.user_id, NotificationKind.TICKET_RESOLD, ticket.id)
    if refund is not None and refund.amount:
        await notify_buyer(session, order, NotificationKind.REFUND_GRANTED, refund.id)


async def find_owed(session: AsyncSession) -> Sequence[UUID]:
    """Return sold listings whose refund is late: its job was lost, or it was refused."""
    moment = now()
    rows = (
        select(ResaleListing.id)
        .where(
            col(ResaleListing.refund).in_(OWED),
            col(ResaleListing.ended_at).between(moment - GIVEN_UP, moment - LATE),
        )
        .order_by(col(ResaleListing.ended_at))
        .limit(BATCH_SIZE)
    )
    return (await session.exec(rows)).all()
