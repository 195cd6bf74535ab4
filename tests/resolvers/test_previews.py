"""Previews of acts that cannot be undone, and those who see them."""

from typing import Any

import pytest

from models.bookings.bookings import BookingState
from models.bookings.setting_up.services import ServiceState
from models.categories import Category
from models.chat.conversations import Conversation
from models.orders.states import SubOrderState
from models.vendors import MemberRole, VendorStatus
from tests.client import Client, gid
from tests.factories.members import invitation
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.counting import statements
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.orders.handling import SoldOrder

SERVICE = "query ($id: ID!) { service(id: $id) { bookingsIfArchived } }"
VENUE = "query ($id: ID!) { node(id: $id) { ... on Venue { datesIfArchived } } }"
PRODUCT = "query ($id: ID!) { product(id: $id) { unitsIfArchived } }"
ORDERED = """query ($id: ID!) { node(id: $id) { ... on OrderLine {
  currentVariant { product { id } }
} } }"""
COUNTS = "offers vouchers suborders bookings eventDates"
VENDOR = f"query ($id: ID!) {{ vendor(id: $id) {{ suspensionQuote {{ {COUNTS} }} }} }}"
LEFT = "removalQuote { conversations invitations bookings }"
MEMBER = f"query ($id: ID!) {{ node(id: $id) {{ ... on Member {{ {LEFT} }} }} }}"
HIDING = "hidingQuote { vendors offers products }"
CATEGORY = f"query ($id: ID!) {{ node(id: $id) {{ ... on Category {{ {HIDING} }} }} }}"
DELETION = """{ accountDeletionQuote {
  hindrances { code message field } bookings tickets vouchers memberships
} }"""
LINE = """query ($id: ID!, $units: Int) { node(id: $id) { ... on OrderLine {
  cancellableQuantity refundIfCancelled { amountMinor currency }
  some: refundIfCancelled(quantity: $units) { amountMinor }
} } }"""
REFUNDED = "query ($id: ID!) { order(id: $id) { amounts { refunded { amountMinor } } } }"
NOTHING = {"cancellableQuantity": 0, "refundIfCancelled": None, "some": None}


async def ask(client: Client, query: str, row: Any) -> Any:
    """Return the field of a row, None if the caller does not see the row."""
    (found,) = (await client.ask(query, id=gid(row))).values()
    return None if found is None else next(iter(found.values()))


async def rival(world: World, api: Client) -> Client:
    """Return the owner of another vendor."""
    owner = await world.user()
    await world.vendor(owner)
    return api.signed_in(owner)


async def test_bookings_that_stay_after_a_service_is_archived(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    await clinic.booking()
    cancelled = await clinic.booking(clinic.customer, clinic.at(12))
    cancelled.state = BookingState.CANCELLED
    staff = api.signed_in(await clinic.member(MemberRole.STAFF))
    admin = api.signed_in(await world.admin())
    for client in (staff, admin):
        assert await ask(client, SERVICE, clinic.visit) == 2
        assert await ask(client, SERVICE, clinic.yoga) == 0
    scanner = api.signed_in(await clinic.member(MemberRole.SCANNER))
    for client in (api, scanner, api.signed_in(clinic.customer), await rival(world, api)):
        assert await ask(client, SERVICE, clinic.visit) is None
    clinic.visit.state = ServiceState.ARCHIVED
    await world.save(clinic.visit)
    assert await ask(staff, SERVICE, clinic.visit) is None


async def test_dates_that_keep_a_venue(world: World, api: Client) -> None:
    vendor = await world.vendor()
    venue, event = await world.venue(vendor), await world.event(vendor)
    await world.event_date(event, venue)
    member = api.signed_in(await new_member(world, vendor, MemberRole.MANAGER))
    assert await ask(member, VENUE, venue) == 1
    assert await member.refusal_codes("archiveVenue", {"venueId": gid(venue)}) == ["VENUE_IN_USE"]
    for client in (api, await rival(world, api)):
        assert await ask(client, VENUE, venue) is None
    empty = await world.venue(vendor)
    assert await ask(member, VENUE, empty) == 0
    assert await member.refusal_codes("archiveVenue", {"venueId": gid(empty)}) == []
    assert await ask(member, VENUE, empty) is None


async def test_units_to_ship_of_a_product(world: World, api: Client) -> None:
    sale = await SoldOrder.make(world, api, quantity=3)
    shown = await sale.seller.ask(ORDERED, id=gid(sale.line))
    id = shown["node"]["currentVariant"]["product"]["id"]
    outsiders = await sale.outsiders()
    admin = api.signed_in(outsiders.pop("an admin"))
    for client in (sale.seller, admin):
        assert (await client.ask(PRODUCT, id=id))["product"] == {"unitsIfArchived": 3}
    for outsider in outsiders.values():
        client = api.signed_in(outsider)
        assert (await client.ask(PRODUCT, id=id))["product"] == {"unitsIfArchived": None}
    assert (await api.ask(PRODUCT, id=id))["product"] == {"unitsIfArchived": None}
    sale.part.state = SubOrderState.CANCELLED
    await sale.ship()
    assert (await sale.seller.ask(PRODUCT, id=id))["product"] == {"unitsIfArchived": 0}


async def test_what_a_vendor_has_going_on_when_it_is_suspended(world: World, api: Client) -> None:
    sale = await SoldOrder.make(world, api)
    vendor = sale.vendor
    clinic = await Clinic.open(world, vendor)
    await clinic.booking()
    offer = await world.offer(vendor)
    await world.voucher(offer, sale.user)
    await world.event_date(await world.event(vendor))
    admin = api.signed_in(await world.admin())
    found = await ask(admin, VENDOR, vendor)
    assert found == dict.fromkeys(COUNTS.split(), 1)
    empty = await world.vendor()
    assert await ask(admin, VENDOR, empty) == dict.fromkeys(COUNTS.split(), 0)
    owner = api.signed_in(clinic.owner)
    for client in (api, owner, sale.buyer, await rival(world, api)):
        assert await ask(client, VENDOR, vendor) is None
    vendor.status = VendorStatus.SUSPENDED
    await world.save(vendor)
    assert await ask(admin, VENDOR, vendor) is None


@pytest.mark.parametrize("role", MemberRole)
async def test_what_a_member_leaves_behind(world: World, api: Client, role: MemberRole) -> None:
    clinic = await Clinic.open(world)
    leaving = await clinic.member(MemberRole.MANAGER)
    clinic.asha.member_id = leaving.id
    await world.save(clinic.asha)
    await clinic.booking()
    await clinic.booking(starts_at=clinic.at(12), staff=clinic.ravi)
    talk = Conversation(
        user_id=clinic.customer.id, vendor_id=clinic.vendor.id, assignee_id=leaving.id
    )
    await world.save(talk)
    manager = api.signed_in(leaving)
    await invitation(world, clinic.vendor, leaving, "new@example.com", MemberRole.STAFF)
    query = """query ($id: ID!) { vendor(id: $id) { members { nodes { id user { id } } } } }"""
    members = (await manager.ask(query, id=gid(clinic.vendor)))["vendor"]["members"]["nodes"]
    (id,) = (one["id"] for one in members if one["user"]["id"] == gid(leaving))
    quote = {"conversations": 1, "invitations": 1, "bookings": 1}
    other = api.signed_in(await clinic.member(role))
    allowed = role in {MemberRole.OWNER, MemberRole.MANAGER}
    shown = (await other.ask(MEMBER, id=id))["node"]
    if role is MemberRole.SCANNER:
        assert shown is None
    else:
        assert shown == {"removalQuote": quote if allowed else None}
    for client in (manager, api.signed_in(await world.admin())):
        assert (await client.ask(MEMBER, id=id))["node"] == {"removalQuote": quote}
    for client in (api, await rival(world, api)):
        assert (await client.ask(MEMBER, id=id))["node"] is None


async def test_what_has_a_category_that_is_hidden(world: World, api: Client) -> None:
    vendor = await world.vendor()
    await world.offer(vendor)
    await world.product(vendor)
    await world.event(vendor)
    async with world.database.session() as session:
        category = await session.get_one(Category, vendor.category_id)
    admin = api.signed_in(await world.admin())
    found = await ask(admin, CATEGORY, category)
    assert found == {"vendors": 1, "offers": 1, "products": 1}
    for client in (api, api.signed_in(await world.user()), await rival(world, api)):
        assert await ask(client, CATEGORY, category) is None
    category.hidden = True
    await world.save(category)
    assert await ask(admin, CATEGORY, category) is None


async def test_what_hinders_a_deletion_and_what_ends_with_it(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    user, clinic = office.user, await Clinic.open(world)
    await world.ticket(user, office.date, office.kind)
    await world.voucher(await world.offer(office.vendor), user)
    await clinic.booking(user)
    counts = {"bookings": 1, "tickets": 1, "vouchers": 1, "memberships": 0}
    client = api.signed_in(user)
    quoted = (await client.ask(DELETION))["accountDeletionQuote"]
    assert quoted == {"hindrances": [], **counts}
    sale = await SoldOrder.make(world, api)
    await world.vendor(sale.user, name="Corner shop")
    quoted = (await sale.buyer.ask(DELETION))["accountDeletionQuote"]
    assert [one["code"] for one in quoted["hindrances"]] == ["LAST_OWNER", "ORDERS_OPEN"]
    assert "Corner shop" in quoted["hindrances"][0]["message"]
    assert quoted["memberships"] == 1
    answer = await api.send(DELETION)
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_the_refund_of_units_is_the_one_that_was_quoted(world: World, api: Client) -> None:
    sale = await SoldOrder.make(world, api, quantity=3, vendor_discount=7)
    given = {"id": gid(sale.line), "units": 2}
    before = (await sale.buyer.ask(LINE, **given))["node"]
    assert before["cancellableQuantity"] == 3
    cancelled = {"orderId": gid(sale.placed.order), "lines": sale.units(2), "reason": "Too many"}
    codes = await sale.buyer.refusal_codes("cancelOrderLines", cancelled | {"idempotencyKey": "1"})
    assert codes == []
    refunded = (await sale.buyer.ask(REFUNDED, id=gid(sale.placed.order)))["order"]["amounts"]
    assert refunded["refunded"]["amountMinor"] == before["some"]["amountMinor"] > 0
    after = (await sale.buyer.ask(LINE, **given))["node"]
    assert (after["cancellableQuantity"], after["some"]) == (1, None)
    whole, left = before["refundIfCancelled"]["amountMinor"], after["refundIfCancelled"]
    assert left["amountMinor"] == whole - before["some"]["amountMinor"]


@pytest.mark.parametrize("units", [0, -1, 4, 2_147_483_647])
async def test_no_quote_of_other_numbers_of_units(world: World, api: Client, units: int) -> None:
    sale = await SoldOrder.make(world, api, quantity=3)
    assert (await sale.buyer.ask(LINE, id=gid(sale.line), units=units))["node"]["some"] is None


async def test_units_of_others_and_shipped_ones_have_no_quote(world: World, api: Client) -> None:
    sale = await SoldOrder.make(world, api)
    given = {"id": gid(sale.line), "units": 1}
    assert (await sale.seller.ask(LINE, **given))["node"] == NOTHING
    outsiders = await sale.outsiders()
    admin = api.signed_in(outsiders.pop("an admin"))
    assert (await admin.ask(LINE, **given))["node"]["cancellableQuantity"] == sale.line.quantity
    for outsider in outsiders.values():
        assert (await api.signed_in(outsider).ask(LINE, **given))["node"] is None
    assert (await api.ask(LINE, **given))["node"] is None
    await sale.ship()
    assert (await sale.buyer.ask(LINE, **given))["node"] == NOTHING


async def test_previews_are_read_in_a_constant_number_of_statements(
    world: World, api: Client
) -> None:
    sale = await SoldOrder.make(world, api)
    admin = api.signed_in(await world.admin())
    queries = {
        "orders": """{ allOrders { nodes { suborders { lines {
          refundIfCancelled { amountMinor }
        } } } } }""",
        "vendors": "{ vendors { nodes { suspensionQuote { offers } } } }",
        "categories": "{ categories { hidingQuote { offers } } }",
        "products": "{ products { nodes { unitsIfArchived } } }",
    }
    await admin.ask(queries["vendors"])
    one = {name: len(await statements(admin, query)) for name, query in queries.items()}
    await world.placed_order(sale.user, [await world.vendor(), await world.vendor()])
    many = {name: len(await statements(admin, query)) for name, query in queries.items()}
    assert many == one
