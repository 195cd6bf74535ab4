"""The refunds that a cancelled date owes: noted with the tickets, granted line by line by orders.

Each is granted in a transaction of its own, with its order locked, so one that is refused, such as
while a bank disputes the payment, stops no other.
"""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from core.ids import new_id
from models.errors import Refusal
from models.events.date_changes import DateChange, TicketRefund, TicketRefundState
from models.events.tickets import Ticket
from models.notifications.inbox import NotificationKind
from models.orders.lines import OrderLine
from models.orders.orders import Order
from models.orders.timeline import OrderActor
from models.payments.refunds import RefundReason
from models.pricing.amounts import part
from services.orders.handling.endings import follow_lines
from services.orders.notices import notify_buyer
from services.orders.parts import find_lines, lock_part
from services.orders.refunds.amounts import Extra
from services.orders.refunds.granting import cancel_units, grant_refund, refund_units
from services.transaction import OpenTransaction

BATCH_SIZE = 100


async def owe_refunds(session: AsyncSession, change: DateChange, tickets: Sequence[Ticket]) -> None:
    """Note the refunds of tickets that were bought in orders. Those of the desk are not ours."""
    owed = Counter(one.order_line_id for one in tickets if one.order_line_id is not None)
    rows = [
        {"id": new_id(), "created_at": now(), "change_id": change.id, "order_line_id": id}
        | {"state": TicketRefundState.DUE, "tickets": number, "units": 0}
        for id, number in sorted(owed.items())
    ]
    if rows:
        added = insert(TicketRefund).values(rows)
        more = col(TicketRefund.tickets) + added.excluded.tickets
        values = {"tickets": more, "state": TicketRefundState.DUE, "code": None}
        await session.execute(
            added.on_conflict_do_update(index_elements=["order_line_id"], set_=values)
        )


async def grant_owed_refunds(transaction: OpenTransaction, change_id: UUID) -> None:
    """Grant the refunds that a change owes, each in a transaction."""
    while True:
        async with transaction() as session:
            rows = select(TicketRefund.id).where(
                TicketRefund.change_id == change_id, TicketRefund.state == TicketRefundState.DUE
            )
            ids = (await session.exec(rows.order_by(col(TicketRefund.id)).limit(BATCH_SIZE))).all()
        for id in ids:
            await _grant_or_refuse(transaction, id)
        if len(ids) < BATCH_SIZE:
            return


async def _grant_or_refuse(transaction: OpenTransaction, id: UUID) -> None:
    try:
        async with transaction() as session:
            await _grant(session, id)
    except Refusal as refusal:
        due = update(TicketRefund).where(
            col(TicketRefund.id) == id, col(TicketRefund.state) == TicketRefundState.DUE
        )
        async with transaction() as session:
            await session.exec(due.values(state=TicketRefundState.REFUSED, code=refusal.code))


async def _grant(session: AsyncSession, id: UUID) -> None:
    owed = await session.get_one(TicketRefund, id)
    line = await session.get_one(OrderLine, owed.order_line_id)
    locked = await lock_part(session, line.suborder_id)
    order, suborder = locked.order, locked.suborder
    owed = (await session.exec(for_change(select(TicketRefund).where(TicketRefund.id == id)))).one()
    if owed.state is not TicketRefundState.DUE:
        return
    lines = await find_lines(session, suborder.id)
    (line,) = [one for one in lines if one.id == owed.order_line_id]
    units, rest = await _owed_of(session, owed, line)
    open_units = min(units, line.open_units)
    kept = min(units - open_units, line.kept_units)
    amount = min(rest, suborder.total - suborder.refunded)
    extras = [Extra(suborder.id, amount)] if amount else []
    if open_units or kept or extras:
        note = await _find_note(session, owed)
        await _refund(session, order, line, open_units, kept, extras=extras, note=note)
        await follow_lines(session, order, suborder)
    owed.units += open_units + kept
    owed.state = TicketRefundState.GRANTED


async def _refund(
    session: AsyncSession,
    order: Order,
    line: OrderLine,
    cancelled: int,
    kept: int,
    *,
    extras: Sequence[Extra],
    note: str | None,
) -> None:
    units = [*cancel_units([(line, cancelled)])]
    units += refund_units([(line, kept)], returned=False) if kept else []
    refund = await grant_refund(
        session,
        order,
        units,
        RefundReason.CANCELLED,
        actor=OrderActor.VENDOR,
        note=note,
        extras=extras,
    )
    if refund.amount:
        await notify_buyer(session, order, NotificationKind.REFUND_GRANTED, refund.id)


async def _owed_of(session: AsyncSession, owed: TicketRefund, line: OrderLine) -> tuple[int, int]:
    """Return the units that are still owed, and an amount for tickets of a group that is not whole.

    Those of the group that were cancelled before have been paid back already, or are not to be.
    """
    counted = select(func.count()).where(Ticket.order_line_id == line.id)
    issued = (await session.exec(counted)).one()
    whole, rest = divmod(owed.tickets, max(1, issued // line.quantity))
    return whole - owed.units, part(line.total, issued, issued - rest, issued)


async def _find_note(session: AsyncSession, owed: TicketRefund) -> str | None:
    return (await session.get_one(DateChange, owed.change_id)).reason
