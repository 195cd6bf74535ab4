"""Promo codes that unlock hidden ticket types."""

import pytest

from models.events.ticket_types import TypeCode
from tests.client import Client, gid
from tests.factories.vendors import OUTSIDERS, outsider
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.inputs import hold_input
from tests.resolvers.events.ordering import TicketOrder

CODES = "ticketType { id promoCodes { codeText } }"


async def test_set_type_codes_and_hold_with_one(world: World, api: Client) -> None:
    owner = await world.user()
    office = await BoxOffice.open(world)
    vendor = await world.vendor(owner)
    event = await world.event(vendor)
    date = await world.event_date(event)
    hidden = await world.ticket_type(event, await world.quota(date), needs_code=True)
    fans, crew = await world.promo_code(vendor), await world.promo_code(vendor)
    client, id = api.signed_in(owner), {"ticketTypeId": gid(hidden)}
    for codes in ([fans, crew], [fans]):
        input = id | {"promoCodeIds": [gid(one) for one in codes]}
        shown = (await client.do("setTypeCodes", input, CODES))["ticketType"]
        assert shown["promoCodes"] == sorted(
            ({"codeText": one.code} for one in codes), key=lambda one: one["codeText"]
        )
    buyer = api.signed_in(office.user)
    for code, refused in ((crew.code, ["CODE_NEEDED"]), (fans.code.lower(), [])):
        wanted = hold_input(date, (hidden, 1), code=code)
        assert await buyer.refusal_codes("holdTickets", wanted) == refused
    foreign = await world.promo_code(office.vendor)
    other = id | {"promoCodeIds": [gid(foreign)]}
    assert await client.refusal_codes("setTypeCodes", other) == ["NOT_FOUND"]
    many = id | {"promoCodeIds": [gid(fans)] * 51}
    assert await client.refusal_codes("setTypeCodes", many) == ["INVALID_INPUT"]


async def test_an_order_takes_a_use_of_the_code_that_unlocks_its_tickets(
    world: World, api: Client
) -> None:
    """Also if the buyer does not enter it for its discount: it is for so many orders."""
    office = await BoxOffice.open(world, capacity=20)
    office.kind.needs_code = True
    code = await world.promo_code(office.vendor, capacity=1)
    link = TypeCode(ticket_type_id=office.kind.id, promo_code_id=code.id)
    await world.save(office.kind, link)
    first, second = [await TicketOrder.begin(office, api, promo_code_id=code.id) for _ in range(2)]
    assert await first.buy()
    assert (await world.fresh(code)).used == 1
    checkout = await second.check_out()
    refused = await second.client.refusal_codes("placeOrder", second.input(checkout))
    assert refused == ["PROMO_USED_UP"]
    wanted = hold_input(office.date, (office.kind, 1), code=code.code)
    stranger = api.signed_in(await world.user())
    assert await stranger.refusal_codes("holdTickets", wanted) == ["CODE_NEEDED"]
    await check_invariants(world.database)


@pytest.mark.parametrize("who", OUTSIDERS)
async def test_codes_are_set_by_managers_alone(world: World, api: Client, who: str) -> None:
    office = await BoxOffice.open(world)
    input = {"ticketTypeId": gid(office.kind), "promoCodeIds": []}
    client = api.signed_in(await outsider(world, office.vendor, who))
    assert await client.refusal_codes("setTypeCodes", input) == ["NOT_FOUND"]
    assert await api.mutation_failed("setTypeCodes", input) == ["UNAUTHENTICATED"]
