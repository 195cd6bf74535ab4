"""Ticket types with their tiers: created and changed by managers, and priced for everyone."""

from datetime import timedelta

import pytest

from core.clock import now
from models.events.ticket_types import TicketTypeKind
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.events import tier
from tests.factories.offers import texts
from tests.factories.vendors import OUTSIDERS, new_member, outsider
from tests.factories.world import World
from tests.resolvers.events.inputs import type_input

SHOWN = """ticketType {
  id kind state name description fullPrice { decimal currency } admits minPerOrder maxPerOrder
  needsCode seated saleStartsAt saleEndsAt taxClass tiers { name until price { decimal } }
  names { text }
}"""
SOLD = """query ($id: ID!) {
  eventDate(id: $id) {
    soldTypes {
      onSale opensAt availability remaining tier price { decimal } ticketType { id }
    }
  }
}"""


async def test_create_ticket_type_once_per_key(world: World, api: Client) -> None:
    owner = await world.user()
    event = await world.event(await world.vendor(owner))
    quota = await world.quota(await world.event_date(event))
    tiers = [
        {
            "name": "Early bird",
            "price": {"amountMinor": 300_00, "currency": "INR"},
            "until": "2030-01-01T00:00:00Z",
        },
        {
            "name": "First hundred",
            "price": {"amountMinor": 400_00, "currency": "INR"},
            "quotaId": gid(quota),
        },
    ]
    client, input = api.signed_in(owner), type_input(event, tiers=tiers, admits=2)
    payload = await client.do("createTicketType", input, SHOWN)
    assert payload["errors"] == []
    shown = payload["ticketType"]
    assert shown["fullPrice"] == {"decimal": "500.00", "currency": "INR"}
    assert [one["price"]["decimal"] for one in shown["tiers"]] == ["300.00", "400.00"]
    assert (shown["kind"], shown["state"], shown["admits"]) == ("ADMISSION", "ACTIVE", 2)
    assert await client.do("createTicketType", input, SHOWN) == payload
    assert (await world.fresh(event)).min_price == 300_00
    id = {"ticketTypeId": shown["id"]}
    change = id | {"name": texts(en="Pit"), "admits": None, "tiers": tiers[1:], "maxPerOrder": 4}
    changed = (await client.do("updateTicketType", change, SHOWN))["ticketType"]
    assert (changed["name"], changed["admits"], changed["maxPerOrder"]) == ("Pit", 1, 4)
    assert [one["name"] for one in changed["tiers"]] == ["First hundred"]
    retired = await client.do("retireTicketType", id, "ticketType { state }")
    assert retired["ticketType"]["state"] == "RETIRED"
    assert (await world.fresh(event)).min_price is None
    restored = await client.do("restoreTicketType", id, "ticketType { state }")
    assert restored["ticketType"]["state"] == "ACTIVE"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"price": {"amountMinor": 1, "currency": "USD"}}, ["price", "currency"]),
        ({"price": {"amountMinor": -1, "currency": "INR"}}, ["price", "amountMinor"]),
        ({"minPerOrder": 11}, ["maxPerOrder"]),
        ({"admits": 21}, ["admits"]),
        (
            {"saleStartsAt": "2030-01-02T00:00:00Z", "saleEndsAt": "2030-01-01T00:00:00Z"},
            ["saleEndsAt"],
        ),
        ({"tiers": [{"name": "X", "price": {"amountMinor": 1, "currency": "INR"}}]}, None),
    ],
)
async def test_create_ticket_type_refuses(
    world: World, api: Client, changes: dict[str, object], field: list[str] | None
) -> None:
    owner = await world.user()
    event = await world.event(await world.vendor(owner))
    payload = await api.signed_in(owner).do("createTicketType", type_input(event, **changes))
    (error,) = payload["errors"]
    assert error["code"] == "INVALID_INPUT"
    assert field is None or error["field"] == field


async def test_types_refuse_quotas_and_categories_of_others(world: World, api: Client) -> None:
    owner = await world.user()
    event = await world.event(await world.vendor(owner))
    quota = await world.quota(await world.event_date(await world.event(await world.vendor())))
    price = {"amountMinor": 1, "currency": "INR"}
    tiers = [{"name": "X", "price": price, "quotaId": gid(quota)}]
    client = api.signed_in(owner)
    assert await client.refusal_codes("createTicketType", type_input(event, tiers=tiers)) == [
        "NOT_FOUND"
    ]


async def test_sold_types_have_a_price_and_a_band(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    event = await world.event(vendor)
    date = await world.event_date(event)
    first, all_ = await world.quota(date, 10), await world.quota(date, 40)
    ten = tier("First ten", 50_00, quota_id=first.id)
    early = tier("Early", 10_00, until=now() - timedelta(days=1))
    kind = await world.ticket_type(event, first, all_, tiers=[early, ten])
    later = await world.ticket_type(
        event, all_, sale_starts_at=now() + timedelta(days=1), position=1
    )
    hidden = await world.ticket_type(event, all_, needs_code=True, position=2)
    await world.ticket_type(event, position=3)
    found = (await api.ask(SOLD, id=gid(date)))["eventDate"]["soldTypes"]
    assert [one["ticketType"]["id"] for one in found] == [gid(kind), gid(later)]
    assert found[0]["price"]["decimal"] == "50.00"
    assert (found[0]["tier"], found[0]["availability"]) == ("First ten", "AVAILABLE")
    assert (found[0]["onSale"], found[0]["remaining"], found[0]["opensAt"]) == (True, None, None)
    assert found[1]["onSale"] is False
    assert found[1]["opensAt"]
    first.taken, all_.waitlist_first = 10, True
    await world.save(first, all_)
    members = (await api.signed_in(owner).ask(SOLD, id=gid(date)))["eventDate"]["soldTypes"]
    assert [one["ticketType"]["id"] for one in members] == [gid(kind), gid(later), gid(hidden)]
    assert [one["remaining"] for one in members] == [0, 40, 40]
    assert [one["availability"] for one in members] == ["SOLD_OUT"] * 3
    assert members[0]["price"]["decimal"] == "100.00"


@pytest.mark.parametrize("who", OUTSIDERS)
async def test_types_are_changed_by_managers_alone(world: World, api: Client, who: str) -> None:
    vendor = await world.vendor(await world.user())
    event = await world.event(vendor)
    kind = await world.ticket_type(event, kind=TicketTypeKind.ADD_ON)
    client, id = api.signed_in(await outsider(world, vendor, who)), {"ticketTypeId": gid(kind)}
    inputs = {
        "createTicketType": type_input(event),
        "updateTicketType": id | {"admits": 1},
        "retireTicketType": id,
        "restoreTicketType": id,
    }
    for name, input in inputs.items():
        assert await client.refusal_codes(name, input) == ["NOT_FOUND"]
        assert await api.mutation_failed(name, input) == ["UNAUTHENTICATED"]
    manager = await new_member(world, vendor, MemberRole.MANAGER)
    assert await api.signed_in(manager).refusal_codes("createTicketType", type_input(event)) == []
