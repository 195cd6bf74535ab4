"""The mail with the tickets of an order, as PDF."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from gateways.mail import Attachment, MailMessage
from models.events.tickets import Ticket, TicketState
from models.identity.accounts import User, UserState
from models.orders.lines import OrderLine
from models.orders.orders import Order, SubOrder
from services.events.tickets.links import MAX_TICKETS, TicketsLink
from services.events.tickets.paper import TicketPaper, make_tickets
from services.events.tickets.printing import read_papers
from services.i18n import translate
from services.identity.addresses.sealed_addresses import find_email

SUBJECT = UserMessage("Your tickets")
BODY = UserMessage(
    "Your tickets come with this mail. Show their codes at the entrance, on paper or on a screen. A"
    " ticket that you transfer or resell gets a new code, so the one of this mail is refused then."
)


@dataclass(frozen=True)
class TicketMail:
    """A mail without its files, and the papers of each file."""

    message: MailMessage
    files: Sequence[Sequence[TicketPaper]]

    async def attach(self) -> MailMessage:
        """Return the mail with its files, which a thread makes."""
        attached = []
        for papers in self.files:
            content = await asyncio.to_thread(make_tickets, papers)
            name = f"tickets-{papers[0].code}.pdf"
            attached.append(Attachment(name, "application/pdf", content))
        return replace(self.message, attachments=attached)


async def compose_tickets(
    session: AsyncSession, sealer: Sealer, keys: SigningKeys, order_id: UUID
) -> TicketMail | None:
    """Return the mail of an order, with up to 20 tickets a file.

    None if the buyer has no email address, or holds no valid ticket of the order any more. A retry
    sends a mail with the same Message-ID.
    """
    order = await session.get_one(Order, order_id)
    user = await session.get_one(User, order.user_id)
    email = None if user.state is UserState.SUSPENDED else find_email(sealer, user)
    found = await _find_tickets(session, order)
    if email is None or not found:
        return None
    files = []
    for at in range(0, len(found), MAX_TICKETS):
        generations = {one.id: one.generation for one in found[at : at + MAX_TICKETS]}
        link = TicketsLink(user.id, generations)
        files.append(await read_papers(session, sealer, keys, link))
    message = MailMessage(
        id=order.id,
        to=email,
        subject=translate(SUBJECT, [user.locale]),
        body=f"{translate(BODY, [user.locale])}\n",
    )
    return TicketMail(message, files)


async def _find_tickets(session: AsyncSession, order: Order) -> Sequence[Ticket]:
    rows = (
        select(Ticket)
        .join(OrderLine, col(OrderLine.id) == col(Ticket.order_line_id))
        .join(SubOrder, col(SubOrder.id) == col(OrderLine.suborder_id))
        .where(
            SubOrder.order_id == order.id,
            Ticket.holder_id == order.user_id,
            Ticket.state == TicketState.VALID,
        )
        .order_by(col(Ticket.id))
    )
    return (await session.exec(rows)).all()
