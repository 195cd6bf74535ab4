"""The end of the term of bookkeeping: addresses and notes go, amounts and steps stay."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.database import Database
from models.orders.returns import ReturnRequest
from models.orders.timeline import OrderActor, OrderStep, OrderStepKind
from services.orders.retention import blank_old_notes, blank_old_orders
from tests.factories.orders import PlacedOrder
from tests.factories.world import World

AGE = "now() - interval '11 years'"


async def old_order(world: World, superuser: Database) -> tuple[PlacedOrder, OrderStep]:
    """Return an order that ended eleven years ago, with a return and a step that has a note."""
    placed = await world.placed_order(await world.user(), [await world.vendor()])
    step = OrderStep(
        order_id=placed.order.id,
        kind=OrderStepKind.CANCELLED,
        actor=OrderActor.BUYER,
        note="My knee hurts",
    )
    request = ReturnRequest(
        suborder_id=placed.suborders[0].id, buyer_id=placed.order.user_id, reason="Too small"
    )
    await world.save(step, request)
    async with superuser.session() as session, session.begin():
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        await session.execute(text(f'UPDATE "order" SET ended_at = {AGE}'))
        await session.execute(text(f"UPDATE order_step SET created_at = {AGE}"))
    return placed, step


async def test_old_orders_lose_their_addresses_and_notes(
    world: World, superuser: Database, database: Database
) -> None:
    placed, step = await old_order(world, superuser)
    recent = await world.placed_order(await world.user(), [await world.vendor()])
    async with database.session() as session, session.begin():
        assert not await blank_old_orders(session, 10)
        assert not await blank_old_notes(session, 10)
    order = await world.fresh(placed.order)
    assert (order.ship_to, order.total) == (None, placed.order.total)
    assert (await world.fresh(step)).note is None
    assert (await world.fresh(recent.order)).ship_to is not None
    async with database.session() as session:
        reason = await session.scalar(text("SELECT reason FROM return_request"))
    assert reason != "Too small"


async def test_younger_orders_keep_them(
    world: World, superuser: Database, database: Database
) -> None:
    placed, step = await old_order(world, superuser)
    async with database.session() as session, session.begin():
        await blank_old_orders(session, 12)
        await blank_old_notes(session, 12)
    assert (await world.fresh(placed.order)).ship_to is not None
    assert (await world.fresh(step)).note == "My knee hurts"


@pytest.mark.parametrize(
    "change", ["note = 'Other'", "note = NULL, kind = 'PAID'", "created_at = now(), note = NULL"]
)
async def test_a_step_changes_in_no_other_way(
    world: World, superuser: Database, change: str
) -> None:
    await old_order(world, superuser)
    with pytest.raises(DBAPIError, match="append-only"):
        async with superuser.session() as session, session.begin():
            await session.execute(text(f"UPDATE order_step SET {change}"))
