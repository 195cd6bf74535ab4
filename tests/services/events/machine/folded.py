"""The scans of a date folded again, in another order."""

from random import Random

from sqlmodel import col, select

from models.events.check_in.folding import TicketHistory, fold
from models.events.check_in.lists import CheckInList
from models.events.check_in.scans import Scan, TicketPresence
from models.events.ticket_types import TicketType
from models.events.tickets import Ticket, TicketTransfer
from tests.services.events.machine.product import DrivenDate


async def ensure_folded(product: DrivenDate, chance: Random) -> None:
    """Fold all scans again, in another order: each ticket is known as it is stored."""
    async with product.world.database.session() as session:
        door = await session.get_one(CheckInList, product.door.door.id)
        scans = list((await session.exec(select(Scan).where(Scan.list_id == door.id))).all())
        entered = select(TicketPresence).where(TicketPresence.list_id == door.id)
        presences = {one.ticket_id: one for one in await session.exec(entered)}
        of_date = select(Ticket).where(Ticket.event_date_id == product.hall.date.id)
        tickets = (await session.exec(of_date)).all()
        of_tickets = col(TicketTransfer.ticket_id).in_([one.id for one in tickets])
        transfers = (await session.exec(select(TicketTransfer).where(of_tickets))).all()
        kinds = {one.id: one.kind for one in (await session.exec(select(TicketType))).all()}
    chance.shuffle(scans)
    for ticket in tickets:
        of_ticket = [one for one in scans if one.ticket_id == ticket.id]
        given = [one for one in transfers if one.ticket_id == ticket.id]
        history = TicketHistory.of(ticket, kinds[ticket.ticket_type_id], given)
        known, settled = fold(door, history, of_ticket)
        assert settled == [], f"{settled} differ from what is stored"
        stored = presences.get(ticket.id)
        assert known == (stored.attendance if stored else type(known)())
