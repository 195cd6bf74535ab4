"""Tickets that are sold at the desk, or given away."""

from datetime import timedelta

import pytest
from sqlmodel import select

from core.clock import now
from core.database import Database
from models.events.tickets import Ticket, TicketSource
from models.vendors import MemberRole
from tests.client import Client
from tests.factories.vendors import OUTSIDERS, new_member, outsider
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.hall import Hall
from tests.resolvers.events.inputs import hold_input, keyed

SALE = "sale { id paid total { amountMinor } ticketCodes eventDate { id } }"


async def test_sell_at_desk_also_what_is_not_on_public_sale(
    world: World, api: Client, database: Database
) -> None:
    office = await BoxOffice.open(world, max_per_user=1)
    client = api.signed_in(await new_member(world, office.vendor, MemberRole.MANAGER))
    later = now() + timedelta(days=1)
    hidden = await world.ticket_type(
        office.event, office.quota, needs_code=True, sale_starts_at=later, admits=2
    )
    input = hold_input(office.date, (office.kind, 2), (hidden, 1), paid="CASH")
    sold = await client.do("sellAtDesk", input, SALE)
    assert (sold["sale"]["paid"], sold["sale"]["total"]) == ("CASH", {"amountMinor": 300_00})
    assert len(sold["sale"]["ticketCodes"]) == 4
    assert await client.do("sellAtDesk", input, SALE) == sold
    gift = await client.do("sellAtDesk", input | keyed(paid="COMP"), SALE)
    assert gift["sale"]["total"] == {"amountMinor": 0}
    async with world.database.session() as session:
        tickets = (await session.exec(select(Ticket))).all()
    assert {one.source for one in tickets} == {TicketSource.DESK, TicketSource.COMPLIMENTARY}
    assert {(one.holder_id, one.buyer_id) for one in tickets} == {(None, None)}
    assert await office.taken() == 8
    assert await client.refusal_codes("sellAtDesk", input | keyed()) == ["TICKETS_SOLD_OUT"]
    assert (await client.ask("{ ticketHolds { totalCount } }"))["ticketHolds"]["totalCount"] == 0
    await check_invariants(database)


async def test_the_desk_sells_the_seats_of_the_chart_and_no_ticket_without_one(
    world: World, api: Client, database: Database
) -> None:
    hall = await Hall.open(world, rows=1, seats=6)
    client = api.signed_in(await new_member(world, hall.vendor, MemberRole.STAFF))
    seats = "sale { holdLines { seat { number } } }"
    chosen = hall.choosing(0, 1, 2, paid="CASH")  # leaves a single seat
    sold = await client.do("sellAtDesk", chosen, seats)
    assert [one["seat"]["number"] for one in sold["sale"]["holdLines"]] == ["2", "3"]
    assert await client.refusal_codes("sellAtDesk", chosen | keyed()) == ["SEATS_TAKEN"]
    best = hall.input(3, paid="COMP")
    assert await client.refusal_codes("sellAtDesk", best) == []
    assert await hall.states(0) == "FSSSSS"
    assert await client.refusal_codes("sellAtDesk", best | keyed()) == ["NO_SEATS_TOGETHER"]
    async with world.database.session() as session:
        tickets = (await session.exec(select(Ticket))).all()
    assert {one.seat_id for one in tickets} == {one.id for one in hall.rows[0][1:]}
    await check_invariants(database)


async def test_nothing_is_sold_at_the_desk_once_the_date_is_over(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    client = api.signed_in(await new_member(world, office.vendor, MemberRole.MANAGER))
    office.date.starts_at = now() - timedelta(hours=3)
    office.date.ends_at = now() - timedelta(hours=1)
    await world.save(office.date)
    input = hold_input(office.date, (office.kind, 1), paid="CARD")
    assert await client.refusal_codes("sellAtDesk", input) == ["SALE_ENDED"]


@pytest.mark.parametrize("who", OUTSIDERS)
async def test_others_sell_nothing_at_the_desk(world: World, api: Client, who: str) -> None:
    office = await BoxOffice.open(world)
    input = hold_input(office.date, (office.kind, 1), paid="COMP")
    client = api.signed_in(await outsider(world, office.vendor, who))
    codes = [] if who == "STAFF" else ["NOT_FOUND"]
    assert await client.refusal_codes("sellAtDesk", input) == codes
    assert await api.mutation_failed("sellAtDesk", input) == ["UNAUTHENTICATED"]
