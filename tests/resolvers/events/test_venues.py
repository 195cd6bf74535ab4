"""Venues: created, changed and archived by a vendor's managers."""

import pytest

from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.vendors import OUTSIDERS, new_member, outsider
from tests.factories.world import World
from tests.resolvers.events.inputs import venue_input

SHOWN = """venue {
  id name country city postalCode streetLines subdivision formatted latitude longitude timeZone
  archivedAt vendor { id }
}"""
LIST = "query ($id: ID!) { venues(vendorId: $id) { nodes { id name } } }"


async def test_create_venue_once_per_key(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    client, input = api.signed_in(owner), venue_input(vendor)
    payload = await client.do("createVenue", input, SHOWN)
    assert payload["errors"] == []
    assert payload["venue"] == {
        "id": payload["venue"]["id"],
        "name": "Palace Hall",
        "country": "IN",
        "city": "Mysuru",
        "postalCode": "570001",
        "streetLines": ["1 Palace Road"],
        "subdivision": "Karnataka",
        "formatted": payload["venue"]["formatted"],
        "latitude": 12.3,
        "longitude": 76.6,
        "timeZone": "Asia/Kolkata",
        "archivedAt": None,
        "vendor": {"id": gid(vendor)},
    }
    assert await client.do("createVenue", input, SHOWN) == payload
    listed = await api.ask(LIST, id=gid(vendor))
    assert listed["venues"]["nodes"] == [{"id": payload["venue"]["id"], "name": "Palace Hall"}]


async def test_create_venue_refuses_addresses_of_other_countries(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    address = {"streetLines": ["1"], "city": "Berlin", "postalCode": "1011"}
    codes = await api.signed_in(owner).refusal_codes(
        "createVenue", venue_input(vendor, address=address)
    )
    assert codes == ["INVALID_INPUT"]


async def test_update_venue_relists_its_events(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    venue = await world.venue(vendor)
    client = api.signed_in(owner)
    change = {"venueId": gid(venue), "name": "Town Hall"}
    changed = await client.do("updateVenue", change, "venue { name city }")
    assert changed["venue"] == {"name": "Town Hall", "city": "Bengaluru"}
    assert await client.refusal_codes("updateVenue", {"venueId": gid(venue), "name": None}) == [
        "INVALID_INPUT"
    ]


async def test_archive_venue_unless_events_take_place_there(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    venue, unused = await world.venue(vendor), await world.venue(vendor)
    await world.event_date(await world.event(vendor), venue)
    client = api.signed_in(owner)
    assert await client.refusal_codes("archiveVenue", {"venueId": gid(venue)}) == ["VENUE_IN_USE"]
    archived = await client.do("archiveVenue", {"venueId": gid(unused)}, "venue { archivedAt }")
    assert archived["venue"]["archivedAt"]
    assert await client.do("archiveVenue", {"venueId": gid(unused)}, "venue { archivedAt }") == (
        archived
    )
    change = {"venueId": gid(unused), "name": "New"}
    assert await client.refusal_codes("updateVenue", change) == ["VENUE_ARCHIVED"]
    listed = await api.ask(LIST, id=gid(vendor))
    assert [one["id"] for one in listed["venues"]["nodes"]] == [gid(venue)]


@pytest.mark.parametrize("who", OUTSIDERS)
async def test_venues_are_changed_by_managers_alone(world: World, api: Client, who: str) -> None:
    vendor = await world.vendor(await world.user())
    venue = await world.venue(vendor)
    client = api.signed_in(await outsider(world, vendor, who))
    inputs = {
        "createVenue": venue_input(vendor),
        "updateVenue": {"venueId": gid(venue), "name": "Mine"},
        "archiveVenue": {"venueId": gid(venue)},
    }
    for name, input in inputs.items():
        assert await client.refusal_codes(name, input) == ["NOT_FOUND"]
        assert await api.mutation_failed(name, input) == ["UNAUTHENTICATED"]
    manager = await new_member(world, vendor, MemberRole.MANAGER)
    assert await api.signed_in(manager).refusal_codes("createVenue", venue_input(vendor)) == []
