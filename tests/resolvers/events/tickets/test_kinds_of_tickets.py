"""Add-ons, donations, and group and companion tickets."""

from typing import Any

from models.events.ticket_types import TicketTypeKind
from tests.client import Client, gid
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.inputs import hold_input, keyed, type_input
from tests.resolvers.events.ordering import TicketOrder

LINES = "hold { id holdLines { quantity admits price { amountMinor } } total { amountMinor } }"


async def test_an_add_on_is_for_who_has_a_ticket(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    parking = await world.ticket_type(office.event, office.quota, kind=TicketTypeKind.ADD_ON)
    client = api.signed_in(office.user)
    alone = hold_input(office.date, (parking, 1))
    assert await client.refusal_codes("holdTickets", alone) == ["TICKET_NEEDED"]
    assert await office.taken() == 0
    beside = hold_input(office.date, (office.kind, 1), (parking, 1))
    held = (await client.do("holdTickets", beside, LINES))["hold"]
    change = keyed(holdId=held["id"], lines=alone["lines"])
    assert await client.refusal_codes("changeHold", change) == ["TICKET_NEEDED"]
    await client.do("releaseHold", {"holdId": held["id"]})
    await world.ticket(office.user, office.date, office.kind, office.quota)
    assert await client.refusal_codes("holdTickets", alone | keyed()) == []
    await check_invariants(world.database)


async def test_a_donation_has_the_amount_that_its_buyer_chooses(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    gift = await world.ticket_type(
        office.event, office.quota, kind=TicketTypeKind.DONATION, price=50_00
    )
    client = api.signed_in(office.user)

    def wanted(kind: Any, amount: int | None) -> dict[str, Any]:
        line = {"ticketTypeId": gid(kind), "quantity": 1, "amountMinor": amount}
        return keyed(eventDateId=gid(office.date), lines=[line])

    for kind, amount in ((gift, 49_99), (gift, -1), (office.kind, 200_00)):
        (error,) = (await client.do("holdTickets", wanted(kind, amount)))["errors"]
        assert (error["code"], error["field"]) == ("INVALID_INPUT", ["lines", "0", "amountMinor"])
    held = (await client.do("holdTickets", wanted(gift, 75_50), LINES))["hold"]
    assert held["total"] == {"amountMinor": 75_50}
    assert await office.counted(office.user) == 0
    least = keyed(holdId=held["id"], lines=wanted(gift, None)["lines"])
    changed = (await client.do("changeHold", least, LINES))["hold"]
    assert changed["total"] == {"amountMinor": 50_00}


async def test_companion_tickets_are_held_with_those_they_accompany(
    world: World, api: Client
) -> None:
    office = await BoxOffice.open(world)
    companion = await world.ticket_type(
        office.event, office.quota, companion_of_id=office.kind.id, price=0
    )
    client = api.signed_in(office.user)
    for lines in ([(companion, 1)], [(office.kind, 1), (companion, 2)]):
        codes = await client.refusal_codes("holdTickets", hold_input(office.date, *lines))
        assert codes == ["TICKET_NEEDED"]
    both = hold_input(office.date, (office.kind, 1), (companion, 1))
    assert await client.refusal_codes("holdTickets", both) == []
    shown = "query ($id: ID!) { event(id: $id) { ticketTypes { id companionOf { id } } } }"
    types = (await api.ask(shown, id=gid(office.event)))["event"]["ticketTypes"]
    assert {"id": gid(companion), "companionOf": {"id": gid(office.kind)}} in types


async def test_an_event_is_not_free_because_of_its_companion_tickets(
    world: World, api: Client
) -> None:
    owner = await world.user()
    event = await world.event(await world.vendor(owner))
    client = api.signed_in(owner)
    fields = "ticketType { id }"
    made = await client.do("createTicketType", type_input(event), fields)
    price = (await world.fresh(event)).min_price
    assert price
    free = {"price": {"amountMinor": 0, "currency": event.currency}}
    input = type_input(event, companionOfId=made["ticketType"]["id"], **free)
    free_id = (await client.do("createTicketType", input, fields))["ticketType"]["id"]
    assert (await world.fresh(event)).min_price == price
    await client.do("updateTicketType", {"ticketTypeId": free_id, "companionOfId": None})
    assert (await world.fresh(event)).min_price == 0


async def test_what_a_type_can_accompany(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    event, other = await world.event(vendor), await world.event(vendor)
    kind, foreign = await world.ticket_type(event), await world.ticket_type(other)
    client = api.signed_in(owner)
    for given, code in (
        ({"companionOfId": gid(foreign)}, "NOT_FOUND"),
        ({"companionOfId": gid(kind), "kind": "ADD_ON"}, "INVALID_INPUT"),
    ):
        input = type_input(event, **given)
        assert await client.refusal_codes("createTicketType", input) == [code]
    fields = "ticketType { id companionOf { id } }"
    made = await client.do("createTicketType", type_input(event, companionOfId=gid(kind)), fields)
    assert made["ticketType"]["companionOf"] == {"id": gid(kind)}
    itself = {"ticketTypeId": gid(kind), "companionOfId": gid(kind)}
    assert await client.refusal_codes("updateTicketType", itself) == ["NOT_FOUND"]
    alone = {"ticketTypeId": made["ticketType"]["id"], "companionOfId": None}
    changed = await client.do("updateTicketType", alone, fields)
    assert changed["ticketType"]["companionOf"] is None


async def test_a_group_ticket_gives_a_ticket_for_each_person(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    office.kind = await world.ticket_type(office.event, office.quota, admits=3)
    order = await TicketOrder.begin(office, api, quantity=2)
    await order.buy()
    tickets = await order.tickets()
    assert len(tickets) == 6
    assert sum(one.price for one in tickets) == 2 * office.kind.price
    assert await office.taken() == 6
