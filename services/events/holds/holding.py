"""Holding tickets: a basket of one date, for some minutes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import DateTime, Integer, bindparam
from sqlmodel import col, delete, select, update

from core.database import for_change
from core.ids import new_id
from core.security.signing_keys import SigningKeys
from core.statements.inserts import insert_if_free, insert_new, insert_rows
from core.statements.selected import columns_of
from core.statements.statement import KEYS, Statement
from core.statements.units import UnitOfWork, connection_of
from models.errors import InvalidInput, NotFound
from models.events.changes import EventChangeKind
from models.events.selling.holds import (
    HOLD_MINUTES,
    MAX_HOLD_MINUTES,
    HoldDraft,
    HoldExists,
    HoldExpired,
    HoldLine,
    HoldSource,
    HoldState,
    TicketHold,
    WantedTickets,
)
from models.events.ticket_types import TicketsSoldOut, TicketTypeKind
from services import idempotency, jobs
from services.events.announcing import record_change
from services.events.entries import HoldChanged
from services.events.holds.access import LINES, lock_own_hold
from services.events.holds.buyers import count_tickets, ensure_buyer
from services.events.holds.ending import end_holds
from services.events.holds.lines import Taken, take_lines
from services.events.holds.room import change_room
from services.events.holds.sale import OpenSale, open_sale
from services.events.questions.of_holds import drop_answers
from services.events.sale_queue.admission import ensure_admitted
from services.events.seats.taking import take_seats
from services.journal import append as journal
from services.journal.topics import user_topic
from services.viewer import Viewer

OPEN_HOLD = Statement(
    for_change(
        select(*columns_of(TicketHold)).where(
            col(TicketHold.event_date_id) == bindparam("event_date_id"),
            col(TicketHold.user_id) == bindparam("user_id"),
            col(TicketHold.source) == HoldSource.PUBLIC,
            col(TicketHold.state) == HoldState.OPEN,
        )
    ),
    TicketHold,
)
DELETE_LINES = Statement(delete(HoldLine).where(col(HoldLine.hold_id) == bindparam("hold_id")))
CHANGE_HOLD = Statement(
    update(TicketHold)
    .where(col(TicketHold.id) == bindparam("hold_id"))
    .values(
        revision=bindparam("number", type_=Integer()),
        expires_at=bindparam("until", type_=DateTime(timezone=True)),
        promo_code_id=bindparam("code_id"),
    )
    .returning(*columns_of(TicketHold)),
    TicketHold,
)


async def hold_tickets(
    unit: UnitOfWork,
    viewer: Viewer,
    keys: SigningKeys,
    *,
    event_date_id: UUID,
    draft: HoldDraft,
    idempotency_key: str,
) -> TicketHold:
    """Hold tickets of a date for ten minutes, all or none, once per idempotency key.

    A hold of the user that has expired gives way. Raises `NotFound`, `SaleNotOpen`, `SaleEnded`,
    `CodeNeeded`, `TicketQuantity`, `TicketsSoldOut`, `TicketLimit`, `HoldExists`, `SeatsTaken`,
    `NoSeatsTogether`, `TicketNeeded` and `LeavesSingleSeat`, and during a sale queue
    `QueueRequired` and `AdmissionEnded`.
    """
    user_id, hold_id = viewer.require_user(), new_id()
    claimed = await idempotency.claim(
        unit,
        viewer,
        "holdTickets",
        idempotency_key,
        hold_id,
        event_date_id=event_date_id,
        draft=draft.model_dump(exclude={"admission"}),
    )
    if claimed.replayed:
        return await lock_own_hold(unit, viewer, claimed.replayed)
    sale = await open_sale(unit, event_date_id, _type_ids(draft), draft.code)
    await ensure_admitted(unit, keys, sale, user_id, draft.admission)
    hold = await _open_hold(unit, sale, user_id, hold_id)
    taken = await take_lines(unit, sale, hold.id, draft.lines)
    await _ensure_beside_tickets(unit, sale, user_id, taken)
    lines = await take_seats(unit, sale, hold, taken.lines, draft)
    await write_hold(unit, sale, hold, replace(taken, lines=lines), counted=taken.counted)
    return hold


async def change_hold(
    unit: UnitOfWork,
    viewer: Viewer,
    *,
    hold_id: UUID,
    draft: HoldDraft,
    idempotency_key: str,
) -> TicketHold:
    """Replace the tickets of an open hold, all or none. It lives on, but never past `hard_until`.

    The tickets that it keeps stay held. Those of a waitlist can only become fewer: such a hold
    lives for hours. Raises `HoldExpired`, and as `hold_tickets`.
    """
    claimed = await idempotency.claim(
        unit, viewer, "changeHold", idempotency_key, hold_id=hold_id, draft=draft.model_dump()
    )
    if claimed.replayed:
        return await lock_own_hold(unit, viewer, claimed.replayed)
    sale = await open_sale(
        unit, await _find_date(unit, viewer, hold_id), _type_ids(draft), draft.code
    )
    hold = await lock_own_hold(unit, viewer, hold_id)
    hold.ensure_open(sale.moment)
    connection = await connection_of(unit)
    rows = await LINES.fetch(connection, **{KEYS: [hold.id]})
    former = [HoldLine(**{name: row[name] for name in HoldLine.model_fields}) for row in rows]
    if hold.source is HoldSource.WAITLIST:
        _ensure_no_more(former, draft.lines)
    if any(line.resale_id for line in former):
        raise InvalidInput("Tickets of other users stay as they are. Order them or give them back.")
    uncounted = sum(row["quantity"] * row["admits"] for row in rows if row["counts"])
    taken = await take_lines(unit, sale, hold.id, draft.lines, given_back=former)
    await _ensure_beside_tickets(unit, sale, hold.user_id, taken, besides=uncounted)
    seated = any(line.seat_id is not None for line in former)
    lines = await take_seats(unit, sale, hold, taken.lines, draft, former=seated)
    await DELETE_LINES.execute(connection, hold_id=hold.id)
    await drop_answers(unit, hold.id, former, lines)
    (changed,) = await CHANGE_HOLD.fetch(
        connection,
        hold_id=hold.id,
        number=hold.revision + 1,
        until=hold.extended_until(sale.moment),
        code_id=sale.promo_code_id,
    )
    taken = replace(taken, lines=lines)
    await write_hold(unit, sale, changed, taken, counted=taken.counted - uncounted)
    await idempotency.record_result(unit, claimed, hold.id)
    return changed


async def release_hold(unit: UnitOfWork, viewer: Viewer, *, hold_id: UUID) -> TicketHold:
    """Give the tickets of an open hold back. A hold that has ended stays as it is.

    Raises `HoldExpired` for one that is part of an order.
    """
    hold = await lock_own_hold(unit, viewer, hold_id)
    if hold.state is HoldState.CHECKOUT:
        raise HoldExpired
    if hold.state is HoldState.OPEN:
        await end_holds(unit, [hold], HoldState.RELEASED)
        return await lock_own_hold(unit, viewer, hold_id)
    return hold


async def write_hold(
    unit: UnitOfWork, sale: OpenSale, hold: TicketHold, taken: Taken, *, counted: int
) -> None:
    """Write what a hold takes: quotas that are locked, then the buyer, then its lines."""
    connection = await connection_of(unit)
    changed = await change_room(unit, taken.room.changes)
    await count_tickets(unit, sale.date.id, hold.user_id, counted, sale.event.max_per_user)
    await insert_rows(connection, taken.lines)
    await record_change(unit, sale.date.id, EventChangeKind.QUOTAS, changed)
    await jobs.defer(unit, "end_hold", at=hold.expires_at, hold_id=hold.id)
    journal.append(unit, HoldChanged(hold.id), to=[user_topic(hold.user_id)])


async def _open_hold(unit: UnitOfWork, sale: OpenSale, user_id: UUID, hold_id: UUID) -> TicketHold:
    """Insert a hold before the quotas are locked, so that others wait for them no longer than due.

    A hold of the user that has expired is ended. Raises `HoldExists` for one that has not. Nearly
    always there is none, so the insert is tried before one is read.
    """
    connection = await connection_of(unit)
    given = {
        "id": hold_id,
        "created_at": sale.moment,
        "event_date_id": sale.date.id,
        "vendor_id": sale.event.vendor_id,
        "user_id": user_id,
        "currency": sale.event.currency,
        "promo_code_id": sale.promo_code_id,
        "expires_at": sale.moment + timedelta(minutes=HOLD_MINUTES),
        "hard_until": sale.moment + timedelta(minutes=MAX_HOLD_MINUTES),
    }
    if hold := await insert_if_free(connection, TicketHold, **given):
        return hold
    held = await OPEN_HOLD.fetch_one(connection, event_date_id=sale.date.id, user_id=user_id)
    if held is not None and held.is_open(sale.moment):
        raise HoldExists(held.id)
    if held is not None:
        await end_holds(unit, [held], HoldState.EXPIRED)
    return await insert_new(connection, TicketHold, **given)


async def _ensure_beside_tickets(
    unit: UnitOfWork, sale: OpenSale, user_id: UUID, taken: Taken, *, besides: int = 0
) -> None:
    """Raise `TicketNeeded` for add-ons alone, unless the user has other tickets of the date."""
    types = (sale.types[line.ticket_type_id] for line in taken.lines)
    if taken.counted == 0 and any(one.kind is TicketTypeKind.ADD_ON for one in types):
        await ensure_buyer(unit, sale.date.id, user_id, besides=besides)


FIND_DATE = Statement(
    select(col(TicketHold.event_date_id)).where(
        col(TicketHold.id) == bindparam("id"), col(TicketHold.user_id) == bindparam("user_id")
    )
)


async def _find_date(unit: UnitOfWork, viewer: Viewer, hold_id: UUID) -> UUID:
    """Return the date of a hold of the viewer: its parents are locked before it."""
    row = await FIND_DATE.fetch_one(
        await connection_of(unit), id=hold_id, user_id=viewer.require_user()
    )
    if row is None:
        raise NotFound
    event_date_id: UUID = row["event_date_id"]
    return event_date_id


def _ensure_no_more(former: Sequence[HoldLine], wanted: Sequence[WantedTickets]) -> None:
    """Raise `TicketsSoldOut` for more units of a type than a hold has."""
    held = Counter[UUID]()
    for line in former:
        held[line.ticket_type_id] += line.quantity
    if any(one.quantity > held[one.ticket_type_id] for one in wanted):
        raise TicketsSoldOut(field=["lines"])


def _type_ids(draft: HoldDraft) -> Sequence[UUID]:
    return [one.ticket_type_id for one in draft.lines]
