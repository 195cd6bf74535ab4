"""Rows of events and tickets with which the tabs of GraphiQL begin."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import global_id
from demo.events.shown_tickets import coming, find_asking, find_tickets
from demo.identity.accounts import SCANNER_KEY
from models.events.check_in.lists import CheckInGate, CheckInList
from models.events.check_in.scans import TicketPresence
from models.events.dates import EventDate
from models.events.seats.charts import Chart
from models.events.selling.sale_queue import SaleQueue, SaleQueueState
from models.events.ticket_types import TicketQuota, TicketType, TicketTypeState, TypeCode, TypeQuota
from models.events.tickets import Ticket, TicketState
from models.promos.codes import PromoCode

# The variables of the tabs, and the types of their ids.
IDS: Mapping[str, str] = {
    "event": "Event",
    "eventDate": "EventDate",
    "chart": "Chart",
    "seatType": "TicketType",
    "soldOutDate": "EventDate",
    "soldOutType": "TicketType",
    "soldOutQuota": "TicketQuota",
    "queue": "SaleQueue",
    "queueEvent": "Event",
    "queueDate": "EventDate",
    "queueType": "TicketType",
    "codeDate": "EventDate",
    "codeType": "TicketType",
    "ticket": "Ticket",
    "transfer": "TicketTransfer",
    "listedTicket": "Ticket",
    "resaleTicket": "Ticket",
    "askingEvent": "Event",
    "askingDate": "EventDate",
    "askingType": "TicketType",
    "companionType": "TicketType",
    "donationType": "TicketType",
    "typeQuestion": "EventQuestion",
    "orderQuestion": "EventQuestion",
    "checkInList": "CheckInList",
    "gate": "CheckInGate",
    "promoCode": "PromoCode",
}
CODES = ("accessCode", "ticketCode")  # and `scannerKey`, which is no secret


async def find_events(
    session: AsyncSession, vendor_id: UUID | None, customer_id: UUID | None
) -> Mapping[str, str]:
    """Return global ids and codes by the names of the variables, empty for what is missing."""
    found = {
        **await _find_seated(session, vendor_id),
        **await _find_sold_out(session, vendor_id),
        **await _find_queue(session, vendor_id),
        **await _find_code(session),
        **await find_tickets(session, customer_id),
        **await find_asking(session, vendor_id),
        "promoCode": await _find_promo_code(session, vendor_id),
    }
    ids = {
        name: global_id(type_name, found[name]) if found.get(name) else ""
        for name, type_name in IDS.items()
    }
    codes = {name: found.get(name) or "" for name in CODES}
    return {**ids, **codes, "scannerKey": SCANNER_KEY}


async def _find_seated(session: AsyncSession, vendor_id: UUID | None) -> dict[str, Any]:
    """Return the next date with seats, its cheapest type, and what its door needs."""
    wanted: list[Any] = [EventDate.id, EventDate.event_id, Chart.id, CheckInList.id, CheckInGate.id]
    rows = (
        select(*wanted)
        .select_from(EventDate)
        .join(Chart, col(Chart.id) == col(EventDate.chart_id))
        .join(CheckInList, col(CheckInList.event_date_id) == col(EventDate.id))
        .join(CheckInGate, col(CheckInGate.list_id) == col(CheckInList.id))
        .where(EventDate.vendor_id == vendor_id, *coming())
        .order_by(col(EventDate.starts_at), col(CheckInGate.name))
    )
    row = (await session.exec(rows.limit(1))).first()
    if row is None:
        return {}
    date_id, event_id, chart_id, list_id, gate_id = row
    sold = TicketType.event_id == event_id, TicketType.state == TicketTypeState.ACTIVE
    types = select(TicketType.id).where(*sold).order_by(col(TicketType.price))
    came = select(TicketPresence.ticket_id).where(TicketPresence.list_id == list_id)
    visitors = select(Ticket.code).where(
        Ticket.event_date_id == date_id,
        Ticket.state == TicketState.VALID,
        col(Ticket.holder_id).is_(None),
        col(Ticket.id).not_in(came),
    )
    return {
        "event": event_id,
        "eventDate": date_id,
        "chart": chart_id,
        "checkInList": list_id,
        "gate": gate_id,
        "seatType": (await session.exec(types.limit(1))).first(),
        "ticketCode": (await session.exec(visitors.order_by(col(Ticket.id)).limit(1))).first(),
    }


async def _find_sold_out(session: AsyncSession, vendor_id: UUID | None) -> dict[str, Any]:
    """Return a date whose tickets users wait for, and one of its types."""
    rows = (
        _types_of_dates()
        .add_columns(col(TicketQuota.id))
        .where(EventDate.vendor_id == vendor_id, TicketQuota.taken >= TicketQuota.capacity)
        .where(TicketQuota.waitlist_first)
    )
    names = ("soldOutDate", "soldOutType", "soldOutQuota")
    return _named(names, (await session.exec(rows.limit(1))).first())


async def _find_queue(session: AsyncSession, vendor_id: UUID | None) -> dict[str, Any]:
    """Return an event with a queue that is open, its date, and a type of it."""
    rows = (
        _types_of_dates()
        .add_columns(col(EventDate.event_id), col(SaleQueue.id))
        .join(SaleQueue, col(SaleQueue.event_id) == col(EventDate.event_id))
        .where(EventDate.vendor_id == vendor_id, SaleQueue.state == SaleQueueState.OPEN)
    )
    names = ("queueDate", "queueType", "queueEvent", "queue")
    return _named(names, (await session.exec(rows.limit(1))).first())


async def _find_promo_code(session: AsyncSession, vendor_id: UUID | None) -> UUID | None:
    """Return a code of a vendor, which can unlock a type."""
    rows = select(PromoCode.id).where(PromoCode.vendor_id == vendor_id).order_by(PromoCode.code)
    return (await session.exec(rows.limit(1))).first()


async def _find_code(session: AsyncSession) -> dict[str, Any]:
    """Return a type that needs a code, its date, and the code."""
    rows = (
        _types_of_dates()
        .add_columns(col(PromoCode.code))
        .join(TypeCode, col(TypeCode.ticket_type_id) == col(TicketType.id))
        .join(PromoCode, col(PromoCode.id) == col(TypeCode.promo_code_id))
        .where(TicketType.needs_code)
    )
    names = ("codeDate", "codeType", "accessCode")
    return _named(names, (await session.exec(rows.limit(1))).first())


def _types_of_dates() -> Any:
    """Select coming dates with a type that is sold out of one of their quotas, the next first."""
    return (
        select(EventDate.id, TicketType.id)
        .select_from(EventDate)
        .join(TicketQuota, col(TicketQuota.event_date_id) == col(EventDate.id))
        .join(TypeQuota, col(TypeQuota.quota_id) == col(TicketQuota.id))
        .join(TicketType, col(TicketType.id) == col(TypeQuota.ticket_type_id))
        .where(TicketType.state == TicketTypeState.ACTIVE, *coming())
        .order_by(col(EventDate.starts_at), col(TicketType.position))
    )


def _named(names: tuple[str, ...], row: Any) -> dict[str, Any]:
    return {} if row is None else dict(zip(names, row, strict=True))
