"""A server is killed between a payment and its tickets: the buyer has these or a refund."""

import asyncio
import os
import signal
from multiprocessing import get_context
from typing import Any

import pytest
from sqlmodel import select

from core.database import Database
from core.settings import Settings
from core.statements.units import UnitOfWork, connection_of
from models.payments.payments import Payment
from services.events.holds import selling
from tests.client import Client
from tests.factories.order_of_user import collect_money
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.ordering import TicketOrder


async def payment_of(world: World, order: TicketOrder) -> Payment:
    rows = select(Payment).where(Payment.order_id == (await order.order()).id)
    async with world.database.session() as session:
        return (await session.exec(rows)).one()


async def kill_while_settling(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, payment: Payment, *, apart: bool = False
) -> None:
    """Settle a payment in a fork of this process, which is killed before it issues the tickets.

    With `apart`, what was paid is committed before.
    """

    async def die(unit: UnitOfWork, *_: object, **__: object) -> Any:
        if apart:
            await (await connection_of(unit)).execute("COMMIT")
        os.kill(os.getpid(), signal.SIGKILL)

    def settle() -> None:
        asyncio.run(collect_money(Database(settings.sqlalchemy_url, pool=2), payment.id))

    process = get_context("fork").Process(target=settle)
    with monkeypatch.context() as patched:
        patched.setattr(selling, "issue_tickets", die)
        process.start()
    await asyncio.to_thread(process.join)
    assert process.exitcode == -signal.SIGKILL


@pytest.mark.parametrize("room", [True, False])
async def test_a_kill_before_the_tickets_leaves_tickets_or_a_refund(
    world: World,
    api: Client,
    settings: Settings,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    *,
    room: bool,
) -> None:
    """The provider reports the money again, perhaps when the order has expired and all is sold."""
    office = await BoxOffice.open(world, capacity=2)
    order = await TicketOrder.begin(office, api, quantity=2)
    await order.place()
    payment = await payment_of(world, order)
    await kill_while_settling(monkeypatch, settings, payment)
    assert (await order.tickets(), await order.refunded()) == ([], [])
    if not room:
        await order.expire()
        await office.hold(await world.user(), quantity=1)
    for _ in range(2):
        await collect_money(database, payment.id)
        tickets, refunds = await order.tickets(), await order.refunded()
        assert (len(tickets), len(refunds)) == ((2, 0) if room else (0, 1))
    await check_invariants(database)


async def test_a_kill_leaves_neither_if_the_payment_is_committed_before(
    world: World,
    api: Client,
    settings: Settings,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: the report of the provider comes again in vain."""
    office = await BoxOffice.open(world, capacity=2)
    order = await TicketOrder.begin(office, api, quantity=2)
    await order.place()
    payment = await payment_of(world, order)
    await kill_while_settling(monkeypatch, settings, payment, apart=True)
    await collect_money(database, payment.id)
    assert (await order.tickets(), await order.refunded()) == ([], [])
    with pytest.raises(AssertionError, match="a hold of a confirmed order is not sold"):
        await check_invariants(database)
