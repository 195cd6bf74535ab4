"""A server is killed between a payment and its tickets: the buyer has these or a refund."""

import pytest
from sqlmodel import select

from core.database import Database
from core.settings import Settings
from models.payments.payments import Payment
from services.events.holds import selling
from tests.client import Client
from tests.factories.order_of_user import collect_money
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.killing import kill_while_settling
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.ordering import TicketOrder

BEFORE_TICKETS = selling, "issue_tickets"


async def payment_of(world: World, order: TicketOrder) -> Payment:
    rows = select(Payment).where(Payment.order_id == (await order.order()).id)
    async with world.database.session() as session:
        return (await session.exec(rows)).one()


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
    await kill_while_settling(monkeypatch, settings, payment.id, BEFORE_TICKETS)
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
    await kill_while_settling(monkeypatch, settings, payment.id, BEFORE_TICKETS, apart=True)
    await collect_money(database, payment.id)
    assert (await order.tickets(), await order.refunded()) == ([], [])
    with pytest.raises(AssertionError, match="a hold of a confirmed order is not sold"):
        await check_invariants(database)
