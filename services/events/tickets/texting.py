"""The text message with a link to the tickets of an order, for buyers who allow it."""

import secrets
from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.countries.phone_numbers import is_served
from core.database import for_change
from core.errors import UserMessage
from core.ids import new_id
from core.security.random_secrets import hash_secret
from core.security.sealed import Sealer
from core.statements.parameters import current_time
from gateways.sms import SmsMessage
from models.errors import NotFound
from models.events.dates import EventDate, EventDateState
from models.events.ticket_links import MAX_TICKETS, TicketLink
from models.events.tickets import Ticket, TicketState
from models.identity.accounts import User, UserState
from models.identity.phones import NUMBER_COLUMN, Phone
from models.orders.lines import OrderLine
from models.orders.orders import Order, SubOrder
from models.quotas import DailyAct
from services import jobs
from services.cleanup_tasks import delete_old_rows
from services.events.tickets.links import TicketsLink
from services.i18n import translate
from services.identity.phones.sms_shares import is_paused
from services.quotas import count_act

PATH = "/t"  # followed by the secret
LINK_DAYS = 400
ONE_DAY = timedelta(days=1)
BODY = UserMessage("Your tickets: {link} Keep this link to yourself: it shows their codes.")


async def defer_text(
    session: AsyncSession, sealer: Sealer, order_id: UUID, countries: Collection[str]
) -> None:
    """Have the tickets of an order sent to its buyer as a link, once.

    Only to a number that the buyer has proven and allowed for this, of a country that is served and
    not paused, and a few times a day: free tickets must not send messages without an end.
    """
    order = await session.get_one(Order, order_id)
    number = await _find_number(session, sealer, order.user_id)
    if number is None or not is_served(number, countries) or await is_paused(session, number):
        return
    if not await _find_tickets(session, order.id, order.user_id):
        return
    link = TicketLink(
        order_id=order.id, user_id=order.user_id, secret_hash=secrets.token_bytes(32)
    )  # of no secret: the message makes one
    added = await session.execute(
        insert(TicketLink)
        .values(link.model_dump())
        .on_conflict_do_nothing(index_elements=["order_id"])
        .returning(col(TicketLink.id))
    )
    if added.first() and await count_act(session, order.user_id, DailyAct.TEXT_TICKETS):
        await jobs.defer(session, "text_tickets", order_id=order.id)


async def compose_text(
    session: AsyncSession, sealer: Sealer, address: str, order_id: UUID
) -> SmsMessage | None:
    """Return the message of an order, or None if its buyer gets none any more.

    The secret is made here and stored as a hash, so no job contains it; a retry replaces it.
    """
    rows = for_change(select(TicketLink).where(TicketLink.order_id == order_id))
    link = (await session.exec(rows)).first()
    if link is None:
        return None
    number = await _find_number(session, sealer, link.user_id)
    if number is None or not await _find_tickets(session, order_id, link.user_id):
        return None
    secret = secrets.token_urlsafe(16)
    link.secret_hash = hash_secret(secret)
    user = await session.get_one(User, link.user_id)
    text = UserMessage(BODY.template, link=f"{address}{PATH}/{secret}")
    return SmsMessage(id=new_id(), to=number, body=translate(text, [user.locale]))


async def read_link(session: AsyncSession, secret: str) -> TicketsLink:
    """Return the tickets of a link: those that the buyer holds, until the day after their dates.

    Raises `NotFound` for a link that is unknown, and for one without such tickets.
    """
    rows = select(TicketLink).where(TicketLink.secret_hash == hash_secret(secret))
    link = (await session.exec(rows)).first()
    tickets = await _find_tickets(session, link.order_id, link.user_id) if link else []
    if link is None or not tickets:
        raise NotFound
    return TicketsLink(link.user_id, {one.id: one.generation for one in tickets})


async def _find_number(session: AsyncSession, sealer: Sealer, user_id: UUID) -> str | None:
    """Return the number of a user who allows the message."""
    rows = (
        select(Phone)
        .join(User, col(User.id) == col(Phone.user_id))
        .where(Phone.user_id == user_id, col(Phone.ticket_texts), User.state == UserState.ACTIVE)
    )
    phone = (await session.exec(rows)).first()
    if phone is None:
        return None
    return sealer.open(NUMBER_COLUMN, phone.id, phone.number).decode()


async def _find_tickets(session: AsyncSession, order_id: UUID, user_id: UUID) -> Sequence[Ticket]:
    to_come = or_(
        col(EventDate.state) == EventDateState.POSTPONED,
        col(EventDate.ends_at) > current_time() - ONE_DAY,
    )
    rows = (
        select(Ticket)
        .join(OrderLine, col(OrderLine.id) == col(Ticket.order_line_id))
        .join(SubOrder, col(SubOrder.id) == col(OrderLine.suborder_id))
        .join(EventDate, col(EventDate.id) == col(Ticket.event_date_id))
        .where(
            SubOrder.order_id == order_id,
            Ticket.holder_id == user_id,
            Ticket.state == TicketState.VALID,
            to_come,
        )
        .order_by(col(Ticket.id))
        .limit(MAX_TICKETS)
    )
    return (await session.exec(rows)).all()


CLEANUP = [
    delete_old_rows(
        """
        DELETE FROM ticket_link WHERE id IN (
            SELECT id FROM ticket_link WHERE created_at < :before LIMIT :batch
        ) RETURNING id
        """,
        LINK_DAYS,
    )
]
