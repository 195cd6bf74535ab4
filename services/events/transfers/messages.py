"""The mail or text message of a transfer to an address."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from core.ids import new_id
from core.security.codes import new_secret_code
from core.security.sealed import Sealer
from gateways.mail import MailMessage
from gateways.sms import SmsMessage
from models.events.tickets import Ticket, TicketTransfer, TransferState, TransferTo
from models.identity.accounts import User
from services.events.notifications import event_title
from services.events.tickets.access import lock_ticket
from services.events.transfers.access import hash_code, lock_transfer
from services.i18n import translate

SUBJECT = UserMessage("You can have a ticket")


async def compose_transfer(
    session: AsyncSession, sealer: Sealer, transfer_id: UUID
) -> MailMessage | SmsMessage | None:
    """Return the mail or the text message of a transfer, or None if it has ended.

    The code is made here and stored as a hash, so no job contains it; a later message replaces it.
    The address may be a stranger's: the message has no text of the sender.
    """
    found = await session.get_one(TicketTransfer, transfer_id)
    ticket: Ticket = await lock_ticket(session, found.ticket_id)
    transfer = await lock_transfer(session, transfer_id)
    address = transfer.open_address(sealer)
    if transfer.state is not TransferState.PENDING or address is None:
        return None
    code = new_secret_code()
    transfer.secret_hash = hash_code(code)
    giver = await session.get_one(User, transfer.from_user_id)
    end = transfer.expires_at.replace(tzinfo=None)
    if transfer.to_kind is TransferTo.PHONE:
        text = UserMessage(
            "Another user gives you a ticket. Sign in to Haat, accept it, and enter this code:"
            " {code}. It is valid until {end} UTC, once.",
            code=code,
            end=end,
        )
        return SmsMessage(id=new_id(), to=address, body=translate(text, [giver.locale]))
    title = await event_title(session, ticket.event_date_id, giver)
    return _mail(address, title, code, end, giver.locale)


def _mail(email: str, event: str, code: str, end: datetime, locale: str) -> MailMessage:
    body = UserMessage(
        "Another user gives you a ticket for {event}. Sign in to Haat, accept it, and"
        " enter this code:\n\n{code}\n\nIt is valid until {end} UTC, once. If you do not expect a"
        " ticket, ignore this mail.",
        event=event,
        code=code,
        end=end,
    )
    return MailMessage(
        id=new_id(),
        to=email,
        subject=translate(SUBJECT, [locale]),
        body=f"{translate(body, [locale])}\n",
    )
