"""The units of variants, changed by guarded statements alone.

Rows of several variants are locked in the order of the variants' ids, after all other rows and
before the journal, because many wait for them. The guard is in the UPDATE: it waits for a row and
evaluates its condition on the committed values, so the last unit cannot be taken twice.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import asyncpg
from sqlalchemy import Integer, String, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col, select

from core.database import for_change
from core.ids import new_id
from core.statements.parameters import current_time
from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.stock.levels import InsufficientStock, MovementKind, Stock
from services import jobs
from services.journal import append as journal
from services.journal.topics import vendor_topic
from services.stock.entries import StockChanged

LOCK = Statement(
    for_change(select(col(Stock.id)).where(any_of(col(Stock.variant_id)))).order_by(
        col(Stock.variant_id)
    )
)
CHANGE = Statement(
    text(
        """
        UPDATE stock SET on_hand = on_hand + came, reserved = reserved + held,
            changed_at = :current_time, low_number = low_number + coalesce(
                on_hand + came - reserved - held <= low_at AND on_hand - reserved > low_at, false
            )::integer
        FROM unnest(:ids, :came, :held, :expected) AS given (id, came, held, expected)
        JOIN variant ON variant.id = given.id
        WHERE stock.variant_id = given.id
            AND reserved + held BETWEEN 0 AND on_hand + came
            AND on_hand = coalesce(given.expected, on_hand)
        RETURNING stock.id, variant_id, vendor_id, on_hand, reserved, low_at, low_number,
            EXISTS (SELECT FROM stock_alert WHERE variant_id = given.id) AS awaited
        """
    ).bindparams(
        bindparam("ids", type_=ARRAY(Uuid())),
        bindparam("came", type_=ARRAY(Integer())),
        bindparam("held", type_=ARRAY(Integer())),
        bindparam("expected", type_=ARRAY(Integer())),
        current_time(),
    )
)
# The driver has no parameters for ranges, so they are made in the statement.
MOVE = Statement(
    text(
        """
        INSERT INTO stock_movement
            (id, created_at, variant_id, kind, quantity, on_hand, line_id, units)
        SELECT id, :current_time, variant_id, :kind, quantity, on_hand, line_id,
            int4range(first, after_last)
        FROM unnest(:ids, :variant_ids, :quantities, :on_hand, :line_ids, :firsts, :ends)
            AS given (id, variant_id, quantity, on_hand, line_id, first, after_last)
        """
    ).bindparams(
        current_time(),
        bindparam("kind", type_=String()),
        *(bindparam(name, type_=ARRAY(Uuid())) for name in ("ids", "variant_ids", "line_ids")),
        *(
            bindparam(name, type_=ARRAY(Integer()))
            for name in ("quantities", "on_hand", "firsts", "ends")
        ),
    )
)


class UnitChange(NamedTuple):
    """Units that come and units that are reserved; both can be negative.

    `expected` are the units that must be on hand before, None for any number.
    """

    came: int = 0
    held: int = 0
    expected: int | None = None

    @property
    def available(self) -> int:
        return self.came - self.held


class MovedUnits(NamedTuple):
    """Units of an order's line, from the one with the number `first` on."""

    variant_id: UUID
    line_id: UUID
    first: int
    quantity: int


async def reserve(unit: UnitOfWork, quantities: Mapping[UUID, int]) -> None:
    """Reserve units of variants, all or none. Raises `InsufficientStock`.

    The lines of an order with the same variant are added up before.
    """
    await change_stock(unit, {id: UnitChange(held=units) for id, units in quantities.items()})


async def release(unit: UnitOfWork, quantities: Mapping[UUID, int]) -> None:
    """Release units that were reserved and are not sold."""
    await change_stock(unit, {id: UnitChange(held=-units) for id, units in quantities.items()})


async def sell(unit: UnitOfWork, sold: Sequence[MovedUnits]) -> None:
    """Turn reserved units into sold ones: they leave."""
    totals = _total(sold)
    changes = {id: UnitChange(came=-units, held=-units) for id, units in totals.items()}
    await _move(unit, MovementKind.SOLD, sold, await change_stock(unit, changes))


async def take_back(unit: UnitOfWork, returned: Sequence[MovedUnits]) -> None:
    """Put sold units back. A unit of a line comes back once, whatever the reason.

    A second return of a unit violates `stock_movement_units_excl`.
    """
    totals = _total(returned)
    changes = {id: UnitChange(came=units) for id, units in totals.items()}
    await _move(unit, MovementKind.RETURNED, returned, await change_stock(unit, changes))


async def change_stock(
    unit: UnitOfWork, changes: Mapping[UUID, UnitChange]
) -> Mapping[UUID, asyncpg.Record]:
    """Change the units of variants, all or none, and return their rows.

    Raises `InsufficientStock` for the first variant with too few units.
    """
    rows = await try_change(unit, changes)
    for variant_id in sorted(changes.keys() - rows.keys()):
        (row,) = await STOCK.fetch(await connection_of(unit), keys=[variant_id])
        raise InsufficientStock(variant_id=variant_id, available=row["on_hand"] - row["reserved"])
    return rows


STOCK = Statement(
    select(col(Stock.id), col(Stock.on_hand), col(Stock.reserved)).where(
        any_of(col(Stock.variant_id))
    )
)


async def try_change(
    unit: UnitOfWork, changes: Mapping[UUID, UnitChange]
) -> Mapping[UUID, asyncpg.Record]:
    """Change the units of those variants that have enough, and return their rows."""
    if not changes:
        return {}
    connection, ids = await connection_of(unit), sorted(changes)
    if len(ids) > 1:
        await LOCK.fetch(connection, **{KEYS: ids})
    rows = await CHANGE.fetch(
        connection,
        ids=ids,
        came=[changes[id].came for id in ids],
        held=[changes[id].held for id in ids],
        expected=[changes[id].expected for id in ids],
    )
    found = {row["variant_id"]: row for row in rows}
    for id in sorted(found):
        await _announce(unit, found[id], changes[id])
    return found


async def _announce(unit: UnitOfWork, row: asyncpg.Record, change: UnitChange) -> None:
    """Publish a change, and have those notified who wait for it.

    The row is locked, so of several changes one alone crosses a limit.
    """
    journal.append(unit, StockChanged(row["id"]), to=[vendor_topic(row["vendor_id"])])
    after = row["on_hand"] - row["reserved"]
    before = after - change.available
    if row["low_at"] is not None and after <= row["low_at"] < before:
        await jobs.defer(unit, "notify_of_low_stock", stock_id=row["id"], number=row["low_number"])
    if row["awaited"] and before <= 0 < after:
        await jobs.defer(unit, "notify_of_stock", variant_id=row["variant_id"])


def _total(units: Sequence[MovedUnits]) -> Mapping[UUID, int]:
    totals: dict[UUID, int] = {}
    for one in units:
        totals[one.variant_id] = totals.get(one.variant_id, 0) + one.quantity
    return totals


async def _move(
    unit: UnitOfWork,
    kind: MovementKind,
    units: Sequence[MovedUnits],
    rows: Mapping[UUID, asyncpg.Record],
) -> None:
    sign = -1 if kind is MovementKind.SOLD else 1
    await MOVE.execute(
        await connection_of(unit),
        kind=kind,
        ids=[new_id() for _ in units],
        variant_ids=[one.variant_id for one in units],
        quantities=[sign * one.quantity for one in units],
        on_hand=[rows[one.variant_id]["on_hand"] for one in units],
        line_ids=[one.line_id for one in units],
        firsts=[one.first for one in units],
        ends=[one.first + one.quantity for one in units],
    )
