"""Stock that members receive, count and write off."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from models.errors import InvalidInput
from models.members import Permission
from models.stock.levels import (
    Loss,
    LowStock,
    MovementKind,
    Stock,
    StockCount,
    StockMoved,
    StockMovement,
    StockReceipt,
    StockReserved,
)
from services import idempotency, jobs
from services.downloads.selling.pools import ensure_without_keys
from services.journal import append as journal
from services.journal.topics import vendor_topic
from services.stock.access import access_stock, ensure_of_vendor, read_stock
from services.stock.entries import StockChanged
from services.stock.levels import UnitChange, change_stock, try_change
from services.vendors.access import access_vendor
from services.viewer import Viewer


async def receive_stock(
    session: AsyncSession,
    viewer: Viewer,
    *,
    vendor_id: UUID,
    receipt: StockReceipt,
    idempotency_key: str,
) -> Sequence[Stock]:
    """Add units that have arrived to variants of a vendor, once per idempotency key.

    Returns the stock of the variants in the order of the lines. Raises `StockTooHigh` and
    `StockFollowsKeys`.
    """
    ids = [line.variant_id for line in receipt.lines]
    claimed = await idempotency.claim(
        session,
        viewer,
        "receiveStock",
        idempotency_key,
        vendor_id=vendor_id,
        receipt=receipt.model_dump(),
    )
    await access_vendor(session, viewer, vendor_id, Permission.EDIT_STOCK)
    if not claimed.replayed:
        if len(set(ids)) != len(ids):
            raise InvalidInput("Enter each article once.", field=["lines"])
        await ensure_of_vendor(session, vendor_id, ids)
        await ensure_without_keys(session, ids)
        changes = {line.variant_id: UnitChange(came=line.quantity) for line in receipt.lines}
        rows = await change_stock(session, changes)
        session.add_all(
            StockMovement(
                variant_id=line.variant_id,
                kind=MovementKind.RECEIVED,
                quantity=line.quantity,
                on_hand=rows[line.variant_id]["on_hand"],
                note=receipt.note,
                user_id=viewer.user_id,
            )
            for line in receipt.lines
        )
        await idempotency.record_result(session, claimed, vendor_id)
    stock = await session.exec(select(Stock).where(col(Stock.variant_id).in_(ids)))
    found = {one.variant_id: one for one in stock}
    return [found[id] for id in ids]


async def count_stock(
    session: AsyncSession,
    viewer: Viewer,
    *,
    variant_id: UUID,
    count: StockCount,
    idempotency_key: str,
) -> Stock:
    """Set the units on hand to what was counted, once per idempotency key.

    Raises `StockMoved` if they are not what the member expected, because units were sold or came
    while they counted, and `StockReserved` if orders have reserved more.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "countStock",
        idempotency_key,
        variant_id=variant_id,
        count=count.model_dump(),
    )
    await access_stock(session, viewer, variant_id)
    if claimed.replayed:
        return await read_stock(session, variant_id)
    await ensure_without_keys(session, [variant_id])
    change = UnitChange(came=count.on_hand - count.expected, expected=count.expected)
    if not await try_change(session, {variant_id: change}):
        stock = await read_stock(session, variant_id)
        if stock.on_hand != count.expected:
            raise StockMoved(on_hand=stock.on_hand)
        raise StockReserved(reserved=stock.reserved, field=["onHand"])
    if change.came:
        _move(session, viewer, variant_id, MovementKind.COUNTED, change, count.on_hand, count.note)
    stock = await read_stock(session, variant_id)
    await idempotency.record_result(session, claimed, stock.id)
    return stock


async def write_off_stock(
    session: AsyncSession,
    viewer: Viewer,
    *,
    variant_id: UUID,
    loss: Loss,
    idempotency_key: str,
) -> Stock:
    """Take units out that were damaged or lost, once per idempotency key.

    Raises `InsufficientStock` if fewer are on hand and not reserved.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "writeOffStock",
        idempotency_key,
        variant_id=variant_id,
        loss=loss.model_dump(),
    )
    await access_stock(session, viewer, variant_id)
    if not claimed.replayed:
        await ensure_without_keys(session, [variant_id])
        change = UnitChange(came=-loss.quantity)
        row = (await change_stock(session, {variant_id: change}))[variant_id]
        on_hand = row["on_hand"]
        _move(session, viewer, variant_id, MovementKind.LOST, change, on_hand, loss.note)
        await idempotency.record_result(session, claimed, row["id"])
    return await read_stock(session, variant_id)


async def set_low_stock(
    session: AsyncSession, viewer: Viewer, *, variant_id: UUID, low: LowStock
) -> Stock:
    """Set the number of units at which stock is low, None for never.

    Members are notified at once if it is low by the new number and was not before.
    """
    variant, _ = await access_stock(session, viewer, variant_id)
    rows = select(Stock).where(Stock.variant_id == variant_id)
    stock = (await session.exec(for_change(rows))).one()
    was_low, stock.low_at = stock.is_low, low.low_at
    if stock.is_low and not was_low:
        stock.low_number += 1
        await jobs.defer(session, "notify_of_low_stock", stock_id=stock.id, number=stock.low_number)
    journal.append(session, StockChanged(stock.id), to=[vendor_topic(variant.vendor_id)])
    return stock


def _move(
    session: AsyncSession,
    viewer: Viewer,
    variant_id: UUID,
    kind: MovementKind,
    change: UnitChange,
    on_hand: int,
    note: str | None,
) -> None:
    session.add(
        StockMovement(
            variant_id=variant_id,
            kind=kind,
            quantity=change.came,
            on_hand=on_hand,
            note=note,
            user_id=viewer.user_id,
        )
    )
