"""Promo codes that unlock hidden ticket types."""

import pytest

from tests.client import Client, gid
from tests.factories.vendors import OUTSIDERS, outsider
from tests.factories.world import World
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.inputs import hold_input

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


@pytest.mark.parametrize("who", OUTSIDERS)
async def test_codes_are_set_by_managers_alone(world: World, api: Client, who: str) -> None:
    office = await BoxOffice.open(world)
    input = {"ticketTypeId": gid(office.kind), "promoCodeIds": []}
    client = api.signed_in(await outsider(world, office.vendor, who))
    assert await client.refusal_codes("setTypeCodes", input) == ["NOT_FOUND"]
    assert await api.mutation_failed("setTypeCodes", input) == ["UNAUTHENTICATED"]
