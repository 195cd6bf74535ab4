"""The tickets and the money of a date, before its vendor cancels it."""

from typing import Any

import pytest

from models.events.dates import EventDateState
from models.events.tickets import TicketSource, TicketState
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.counting import statements
from tests.resolvers.orders.handling import SoldOrder

PREVIEW = """query ($id: ID!) { eventDate(id: $id) {
  ticketsIfCancelled refundIfCancelled { amountMinor currency }
} }"""
DATES = """query ($id: ID!) { event(id: $id) { dates { nodes {
  ticketsIfCancelled refundIfCancelled { amountMinor }
} } } }"""
HIDDEN = {"ticketsIfCancelled": None, "refundIfCancelled": None}


@pytest.mark.parametrize("role", MemberRole)
async def test_members_see_what_a_cancellation_ends(
    world: World, api: Client, role: MemberRole
) -> None:
    """A line of three units has a ticket that was cancelled. One ticket was sold at the desk."""
    sale = await SoldOrder.make(world, api, quantity=3)
    event = await world.event(sale.vendor)
    date, kind = await world.event_date(event), await world.ticket_type(event)
    bought: dict[str, Any] = {"source": TicketSource.ORDER, "order_line_id": sale.line.id}
    for _ in range(2):
        await world.ticket(sale.user, date, kind, **bought)
    ended = await world.ticket(sale.user, date, kind, **bought)
    ended.state, ended.cancelled_at = TicketState.CANCELLED, ended.created_at
    await world.save(ended)
    await world.ticket(None, date, kind)
    member = api.signed_in(await new_member(world, sale.vendor, role))
    found = (await member.ask(PREVIEW, id=gid(date)))["eventDate"]
    total = sale.line.total
    refund = {"amountMinor": total - total // 3, "currency": event.currency}
    shown = {"ticketsIfCancelled": 3, "refundIfCancelled": refund}
    assert found == (HIDDEN if role is MemberRole.SCANNER else shown)


async def test_others_see_nothing_of_it_nor_members_of_what_is_over(
    world: World, api: Client
) -> None:
    vendor = await world.vendor()
    event = await world.event(vendor)
    date = await world.event_date(event)
    for client in (api, api.signed_in(await world.user())):
        assert (await client.ask(PREVIEW, id=gid(date)))["eventDate"] == HIDDEN
    admin = api.signed_in(await world.admin())
    empty = {"amountMinor": 0, "currency": event.currency}
    found = (await admin.ask(PREVIEW, id=gid(date)))["eventDate"]
    assert found == {"ticketsIfCancelled": 0, "refundIfCancelled": empty}
    date.state, date.cancelled_at = EventDateState.CANCELLED, date.created_at
    await world.save(date)
    assert (await admin.ask(PREVIEW, id=gid(date)))["eventDate"] == HIDDEN


async def test_dates_are_read_in_one_statement(world: World, api: Client) -> None:
    vendor = await world.vendor()
    event = await world.event(vendor)
    admin = api.signed_in(await world.admin())
    await world.event_date(event)
    await admin.ask(DATES, id=gid(event))  # the first request of a user asks for their role
    one = await statements(admin, DATES, id=gid(event))
    await world.event_date(event)
    assert len(await statements(admin, DATES, id=gid(event))) == len(one) == 3
