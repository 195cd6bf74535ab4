"""Goodwill: money that goes back for no line of an order, which its bookings follow."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, bindparam
from sqlmodel import case, col, or_, select, update

from core.database import for_change
from core.statements.selected import columns_of
from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.bookings.bookings import Booking
from models.orders.lines import OrderLine
from models.pricing.amounts import split
from services.bookings.announcing import announce

_IS_BALANCE = col(OrderLine.id) == col(Booking.balance_line_id)
_PAID = case(
    (_IS_BALANCE, col(Booking.paid_balance)),
    else_=col(Booking.paid_online) - col(Booking.paid_balance),
)
_COLUMNS: list[Any] = [
    *columns_of(Booking),
    col(OrderLine.suborder_id).label("suborder_id"),
    _PAID.label("paid"),
    _IS_BALANCE.label("is_balance"),
]
OF_PARTS = Statement(
    for_change(
        select(*_COLUMNS)
        .join(OrderLine, or_(col(OrderLine.id) == col(Booking.order_line_id), _IS_BALANCE))
        .where(any_of(col(OrderLine.suborder_id)), _PAID > 0)
        .order_by(col(Booking.id)),
        of=Booking,
    ),
    Booking,
)
LOWER = Statement(
    update(Booking)
    .where(col(Booking.id) == bindparam("booking_id", type_=Uuid()))
    .values(
        paid_online=col(Booking.paid_online) - bindparam("amount", type_=BigInteger()),
        paid_balance=col(Booking.paid_balance) - bindparam("of_balance", type_=BigInteger()),
    )
)


async def lower_to(unit: UnitOfWork, left: Mapping[UUID, int]) -> None:
    """Lower what bookings show as paid to what is left of their parts, in minor units."""
    connection = await connection_of(unit)
    parts: defaultdict[UUID, list[Any]] = defaultdict(list)
    rows: Any = await OF_PARTS.fetch(connection, **{KEYS: sorted(left)})
    for row in rows:
        parts[row["suborder_id"]].append(row)
    for suborder_id, bookings in parts.items():
        paid = [one["paid"] for one in bookings]
        excess = sum(paid) - left[suborder_id]
        shares = split(excess, paid) if excess > 0 else []
        for booking, share in zip(bookings, shares, strict=False):
            of_balance = share if booking["is_balance"] else 0
            await LOWER.execute(
                connection, booking_id=booking.id, amount=share, of_balance=of_balance
            )
            announce(unit, booking)
