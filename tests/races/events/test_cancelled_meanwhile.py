"""A holder cancels a ticket for money while it is admitted, or while another accepts it."""

from collections.abc import Coroutine
from typing import Any

import pytest

from core.security.random_secrets import hash_secret
from models.events.check_in.lists import CheckInMode
from models.events.tickets import Ticket, TicketState
from models.vendors import MemberRole
from services.events.tickets import access, cancelling
from tests.client import Client, gid
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.meeting import Overtaking
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.door import Door
from tests.resolvers.events.inputs import keyed
from tests.resolvers.events.ordering import TicketOrder

KEY = "scan_overtaking"


async def scanned(world: World, office: BoxOffice, ticket: Ticket) -> dict[str, Any]:
    """Return the input of a scan of a ticket on a new list."""
    door = Door()
    door.world, door.date = world, office.date
    door.door = await world.check_in_list(office.date, mode=CheckInMode.REENTRY)
    await world.scanner(office.vendor, office.user, key_hash=hash_secret(KEY))
    return door.scan_input(KEY, ticket)


async def overtaken(
    monkeypatch: pytest.MonkeyPatch,
    order: TicketOrder,
    ticket: Ticket,
    fast: Coroutine[Any, Any, Any],
) -> list[str]:
    """Cancel a ticket, run another call once its use was looked at, and return the refusals."""
    overtaking = Overtaking()
    monkeypatch.setattr(cancelling, "ensure_unused", overtaking.after(access.ensure_unused))
    cancel = order.client.refusal_codes("cancelTicket", keyed(ticketId=gid(ticket)))
    codes: list[str] = (await overtaking.run(cancel, fast))[0]
    return codes


async def test_a_ticket_that_is_admitted_meanwhile_is_not_paid_back(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await BoxOffice.open(world, refund_hours=0)
    order = await TicketOrder.begin(office, api)
    (ticket,) = await order.buy()
    owner = await world.user()
    await world.member(office.vendor, owner, MemberRole.OWNER)
    input = await scanned(world, office, ticket)
    scan = api.signed_in(owner).do("checkIn", input, "scan { scanOutcome }")
    assert await overtaken(monkeypatch, order, ticket, scan) == ["TICKET_USED"]
    assert await order.refunded() == []
    assert (await world.fresh(ticket)).state is TicketState.VALID
    await check_invariants(world.database)


async def test_a_ticket_that_another_accepts_meanwhile_is_not_paid_back(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await BoxOffice.open(world, refund_hours=0)
    order = await TicketOrder.begin(office, api)
    (ticket,) = await order.buy()
    friend = await world.user()
    given = keyed(ticketId=gid(ticket), to={"userId": gid(friend)})
    made = await order.client.do("transferTicket", given, "transfer { id }")
    accept = api.signed_in(friend).refusal_codes(
        "acceptTransfer", keyed(transfer={"transferId": made["transfer"]["id"]})
    )
    assert await overtaken(monkeypatch, order, ticket, accept) == ["NOT_FOUND"]
    assert await order.refunded() == []
    fresh: Ticket = await world.fresh(ticket)
    assert (fresh.state, fresh.holder_id) == (TicketState.VALID, friend.id)
    await check_invariants(world.database)
