"""Reservations of goods: held by an order, then sold or released.

The rows of reservations change before the stock does, under the lock of their order. Stock comes
last, because others wait for it.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Integer, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col, select, update

from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from models.orders.lines import OrderLine
from models.orders.orders import Order
from models.stock.reservations import Reservation, ReservationState
from services.downloads.rights.handing_out import hand_out
from services.downloads.rights.revoked_units import revoke_units, without_keys
from services.orders.kinds import LineUnits
from services.stock import levels

# Variants without stock keeping have no limit, and no reservation. An order that expired and is
# paid late holds its units again.
HOLD = Statement(
    text(
        """
        INSERT INTO reservation (order_id, variant_id, quantity, state)
        SELECT :order_id, variant.id, quantity, 'HELD'
        FROM unnest(:ids, :quantities) AS given (id, quantity) JOIN variant USING (id)
        WHERE tracks_stock
        ON CONFLICT (order_id, variant_id) DO UPDATE SET state = 'HELD'
        WHERE reservation.state = 'RELEASED'
        RETURNING variant_id, quantity
        """
    ).bindparams(
        bindparam("order_id", type_=Uuid()),
        bindparam("ids", type_=ARRAY(Uuid())),
        bindparam("quantities", type_=ARRAY(Integer())),
    )
)
_THIS_ORDER = col(Reservation.order_id) == bindparam("order_id")
END = Statement(
    update(Reservation)
    .where(_THIS_ORDER, col(Reservation.state) == ReservationState.HELD)
    .values(state=bindparam("ended_as"))
    .returning(col(Reservation.variant_id), col(Reservation.quantity))
)
SOLD = Statement(
    select(Reservation.variant_id).where(
        _THIS_ORDER, col(Reservation.state) == ReservationState.SOLD
    )
)


class ReservedGoods:
    """The rules of the units of goods, which orders call."""

    async def take(self, unit: UnitOfWork, order: Order, lines: Sequence[OrderLine]) -> None:
        """Reserve the units of lines, all or none. Raises `InsufficientStock`.

        Lines of one variant are added up: each alone could be in stock.
        """
        quantities = _total(lines)
        ids = sorted(quantities)
        rows = await HOLD.fetch(
            await connection_of(unit),
            order_id=order.id,
            ids=ids,
            quantities=[quantities[id] for id in ids],
        )
        await levels.reserve(unit, {row["variant_id"]: row["quantity"] for row in rows})

    async def line_paid(self, unit: UnitOfWork, order: Order, lines: Sequence[OrderLine]) -> None:
        """Turn reserved units into sold ones, with a movement for each line.

        The buyer gets the files and keys of digital lines before the stock is taken.
        """
        held = await _end(unit, order.id, ReservationState.SOLD)
        await hand_out(unit, order, lines, held.keys())
        await levels.sell(
            unit,
            [
                levels.MovedUnits(line.ref_id, line.id, 0, line.quantity)
                for line in lines
                if line.ref_id in held
            ],
        )

    async def line_failed(self, unit: UnitOfWork, order: Order, lines: Sequence[OrderLine]) -> None:
        """Release the units that the order has reserved. A second call changes nothing."""
        await levels.release(unit, await _end(unit, order.id, ReservationState.RELEASED))

    async def line_refunded(
        self, unit: UnitOfWork, order: Order, units: Sequence[LineUnits]
    ) -> None:
        """Take the files and keys of digital lines back."""
        await revoke_units(unit, units)

    async def goodwill_granted(self, unit: UnitOfWork, left: Mapping[UUID, int]) -> None:
        """Change nothing: goods stay with the buyer."""

    async def over_at(self, unit: UnitOfWork, suborder_id: UUID) -> datetime | None:
        """Return None: goods are delivered."""
        return None

    async def take_back(self, unit: UnitOfWork, order: Order, units: Sequence[LineUnits]) -> None:
        """Put sold units back into stock, if it was kept when they were sold.

        A key that a buyer has seen cannot be sold again.
        """
        units = await without_keys(unit, units)
        sold = await _find_sold(unit, order.id)
        await levels.take_back(
            unit,
            [
                levels.MovedUnits(one.line.ref_id, one.line.id, one.start, one.stop - one.start)
                for one in units
                if one.line.ref_id in sold
            ],
        )


def _total(lines: Sequence[OrderLine]) -> Mapping[UUID, int]:
    totals: Counter[UUID] = Counter()
    for line in lines:
        totals[line.ref_id] += line.quantity
    return totals


async def _end(unit: UnitOfWork, order_id: UUID, state: ReservationState) -> Mapping[UUID, int]:
    """End what an order holds, and return the quantities of the variants."""
    connection = await connection_of(unit)
    rows = await END.fetch(connection, order_id=order_id, ended_as=state)
    return {row["variant_id"]: row["quantity"] for row in rows}


async def _find_sold(unit: UnitOfWork, order_id: UUID) -> Collection[UUID]:
    rows = await SOLD.fetch(await connection_of(unit), order_id=order_id)
    return {row["variant_id"] for row in rows}
