"""Sales at the desk: tickets issued at once, paid there or given away."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.ids import new_id
from models.audit import AuditAct
from models.errors import NotFound
from models.events.changes import EventChangeKind
from models.events.dates import EventDate
from models.events.selling.desk_sales import DeskPayment, DeskSale
from models.events.selling.holds import HoldDraft, HoldSource, HoldState, TicketHold
from models.events.tickets import Ticket, TicketSource, TicketState
from models.members import Permission
from services import idempotency
from services.audit import entries as audit
from services.events.announcing import record_change
from services.events.holds.lines import take_lines
from services.events.holds.room import change_room
from services.events.holds.sale import open_sale
from services.events.seats.taking import take_seats
from services.events.tickets.issuing import issue_tickets
from services.vendors.access import access_vendor, works_at
from services.viewer import Viewer


def visible_desk_sales(viewer: Viewer) -> SelectOfScalar[DeskSale]:
    """Select desk sales of the viewer's vendors. Admins see all."""
    if viewer.admin:
        return select(DeskSale)
    dates: Any = select(EventDate.id).where(
        works_at(viewer.staff, col(EventDate.vendor_id), Permission.SEE_TICKETS)
    )
    return select(DeskSale).where(col(DeskSale.event_date_id).in_(dates))


async def find_codes(
    session: AsyncSession, _: Viewer, hold_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[str]]:
    """Return the short codes of the valid tickets of sales, which the viewer was found to see."""
    rows = select(Ticket).where(
        col(Ticket.hold_id).in_(hold_ids), Ticket.state == TicketState.VALID
    )
    found: dict[UUID, list[str]] = {id: [] for id in hold_ids}
    for ticket in await session.exec(rows.order_by(col(Ticket.id))):
        if ticket.hold_id is not None:
            found[ticket.hold_id].append(ticket.code)
    return found


async def sell_at_desk(
    session: AsyncSession,
    viewer: Viewer,
    draft: HoldDraft,
    *,
    event_date_id: UUID,
    paid: DeskPayment,
    idempotency_key: str,
) -> DeskSale:
    """Issue tickets to visitors at the desk, once per idempotency key.

    Types need no code there, and are sold until the date is over, also outside the times of the
    public sale. The limit of a buyer does not count, and single seats may be left. Raises
    `SaleEnded`, `TicketQuantity`, `TicketsSoldOut`, `SeatsTaken` and `NoSeatsTogether`.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "sellAtDesk",
        idempotency_key,
        event_date_id=event_date_id,
        draft=draft.model_dump(),
        paid=paid,
    )
    await _access_desk(session, viewer, event_date_id)
    if claimed.replayed:
        return await session.get_one(DeskSale, claimed.replayed)
    type_ids = [one.ticket_type_id for one in draft.lines]
    sale = await open_sale(session, event_date_id, type_ids, at_desk=True)
    hold = TicketHold(
        id=new_id(),
        created_at=sale.moment,
        event_date_id=event_date_id,
        vendor_id=sale.event.vendor_id,
        user_id=viewer.require_user(),
        state=HoldState.SOLD,
        source=HoldSource.DESK,
        currency=sale.event.currency,
        expires_at=sale.moment,
        hard_until=sale.moment,
        ended_at=sale.moment,
    )
    taken = await take_lines(session, sale, hold.id, draft.lines)
    session.add(hold)
    await session.flush()
    lines = await take_seats(session, sale, hold, taken.lines, draft)
    free = paid is DeskPayment.COMP
    for line in lines if free else ():
        line.price = 0
    changed = await change_room(session, taken.room.changes)
    await record_change(session, event_date_id, EventChangeKind.QUOTAS, changed)
    made = DeskSale(
        event_date_id=event_date_id,
        hold_id=hold.id,
        sold_by_id=viewer.require_user(),
        paid=paid,
        currency=hold.currency,
        total=sum(line.total for line in lines),
    )
    session.add_all([*lines, made])
    await session.flush()
    source = TicketSource.COMPLIMENTARY if free else TicketSource.DESK
    await issue_tickets(session, sale.event, sale.date, hold, lines, source=source)
    audit.append(session, viewer, AuditAct.SELL_AT_DESK, subject_id=event_date_id)
    await idempotency.record_result(session, claimed, made.id)
    return made


async def _access_desk(session: AsyncSession, viewer: Viewer, event_date_id: UUID) -> None:
    viewer.require_user()
    rows = select(EventDate.vendor_id).where(EventDate.id == event_date_id)
    vendor_id = (await session.exec(rows)).first()
    if vendor_id is None:
        raise NotFound
    await access_vendor(session, viewer, vendor_id, Permission.EDIT_TICKETS)
