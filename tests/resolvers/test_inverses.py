"""From rows to those that they belong to, and from vendors to what they sell."""

import pytest
from strawberry.relay import to_base64

from models.bookings.setting_up.services import ServiceState
from models.catalog.products import ProductState
from models.events.events import EventState, EventVisibility
from models.vendors import MemberRole, VendorStatus
from tests.client import Client, gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.counting import statements
from tests.resolvers.events.door import Door

SOLD = """query ($id: ID!) { vendor(id: $id) {
  events(first: 5) { id } services(first: 5) { id }
} }"""
PRODUCT = "query ($id: ID!) { node(id: $id) { ... on Variant { product { id } } } }"
VARIANTS = "query ($id: ID!) { product(id: $id) { variants { id product { id } } } }"
SCANS = """query ($id: ID!) { node(id: $id) { ... on Ticket {
  latestScans { scannedTicket { id } checkInList { id } }
} } }"""
SCAN = "query ($id: ID!) { node(id: $id) { ... on Scan { scannedTicket { id } } } }"
FEED = """query ($id: ID!) { node(id: $id) { ... on CalendarFeed {
  feedVendor { id } feedResource { id }
} } }"""


async def test_a_vendor_leads_to_its_events_and_services(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    vendor = clinic.vendor
    await world.service(vendor, state=ServiceState.PAUSED)
    shown = await world.event(vendor)
    await world.event_date(shown)
    for values in ({"state": EventState.DRAFT}, {"visibility": EventVisibility.UNLISTED}):
        await world.event_date(await world.event(vendor, **values))
    for client in (api, api.signed_in(await clinic.member(MemberRole.OWNER))):
        found = (await client.ask(SOLD, id=gid(vendor)))["vendor"]
        assert found["events"] == [{"id": gid(shown)}]
        assert {one["id"] for one in found["services"]} == {gid(clinic.visit), gid(clinic.yoga)}
    assert len(await statements(api, SOLD, id=gid(vendor))) == 3
    vendor.status = VendorStatus.SUSPENDED
    await world.save(vendor)
    admin = api.signed_in(await world.admin())
    found = (await admin.ask(SOLD, id=gid(vendor)))["vendor"]
    assert found == {"events": [], "services": []}


async def test_a_variant_leads_to_its_product(world: World, api: Client) -> None:
    vendor = await world.vendor()
    product = await world.product(vendor)
    (shown,) = (await api.ask(VARIANTS, id=gid(product)))["product"]["variants"]
    assert shown["product"] == {"id": gid(product)}
    product.state = ProductState.HIDDEN
    await world.save(product)
    assert (await api.ask(PRODUCT, id=shown["id"]))["node"] is None


@pytest.mark.parametrize("role", MemberRole)
async def test_members_see_the_scans_of_a_ticket(
    world: World, api: Client, role: MemberRole
) -> None:
    door = await Door.open(world)
    holder, member = await world.user(), await new_member(world, door.vendor, role)
    ticket = await world.ticket(holder, door.date, door.kind)
    scan = await world.admit(ticket, door.date, member)
    client = api.signed_in(member)
    shown = {
        "scannedTicket": {"id": gid(ticket)},
        "checkInList": {"id": to_base64("CheckInList", str(scan.list_id))},
    }
    sees_tickets = role is not MemberRole.SCANNER
    found = (await client.ask(SCANS, id=gid(ticket)))["node"]
    assert found == ({"latestScans": [shown]} if sees_tickets else None)
    seen = (await client.ask(SCAN, id=gid(scan)))["node"]["scannedTicket"]
    assert seen == ({"id": gid(ticket)} if sees_tickets else None)
    assert (await api.signed_in(holder).ask(SCANS, id=gid(ticket)))["node"] == {"latestScans": []}


async def test_a_calendar_feed_names_what_it_shows(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    owner = await clinic.member(MemberRole.OWNER)
    staff = await world.resource(clinic.vendor)
    own = await world.calendar_feed(owner)
    client = api.signed_in(owner)
    found = (await client.ask(FEED, id=gid(own)))["node"]
    assert found == {"feedVendor": None, "feedResource": None}
    given = {"scope": "RESOURCE", "resourceId": gid(staff)}
    made = await client.do("createCalendarFeed", given, "feed { feedResource { id } }")
    assert made["feed"] == {"feedResource": {"id": gid(staff)}}
