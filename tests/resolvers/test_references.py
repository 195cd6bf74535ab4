"""From rows to those that refer to them, for those who see both."""

from typing import Any

import pytest
from sqlmodel import select

from models.bookings.setting_up.services import ServiceState
from models.events.events import EventState
from models.events.seats.charts import ChartState
from models.payments.refunds import Refund
from models.promos.codes import PromoUse
from models.vendors import MemberRole
from services.invoices.content.credit_notes import issue_credit_note
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.buying import Unheard
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.counting import statements
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.door import Door
from tests.resolvers.invoices.issued import IssuedInvoice
from tests.resolvers.orders.handling import SoldOrder


def node(kind: str, fields: str) -> str:
    return f"query ($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ {fields} }} }} }}"


async def ask(client: Client, kind: str, field: str, row: Any) -> list[str] | None:
    """Return the ids of the rows in a field of a row, None if the caller does not see the row."""
    found = (await client.ask(node(kind, f"{field} {{ id }}"), id=gid(row)))["node"]
    return None if found is None else [one["id"] for one in found[field]]


async def rival(world: World, api: Client) -> Client:
    """Return the owner of another vendor."""
    owner = await world.user()
    await world.vendor(owner)
    return api.signed_in(owner)


async def test_a_pet_leads_to_its_bookings(world: World, api: Client) -> None:
    clinic, other = await Clinic.open(world), await Clinic.open(world)
    pet = await world.pet(clinic.customer)
    first = await clinic.booking(pet_id=pet.id)
    second = await other.booking(clinic.customer, pet_id=pet.id)
    await clinic.booking(clinic.customer, clinic.at(12))
    owner = api.signed_in(clinic.customer)
    assert await ask(owner, "Pet", "bookings", pet) == [gid(second), gid(first)]
    for one, booking in ((clinic, first), (other, second)):
        staff = api.signed_in(await one.member(MemberRole.STAFF))
        assert await ask(staff, "Pet", "bookings", pet) == [gid(booking)]
        scanner = api.signed_in(await one.member(MemberRole.SCANNER))
        assert await ask(scanner, "Pet", "bookings", pet) is None
    for client in (api, await rival(world, api)):
        assert await ask(client, "Pet", "bookings", pet) is None


async def test_bookings_of_pets_are_read_in_one_statement(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    owner, query = api.signed_in(clinic.customer), "{ pets { nodes { bookings { id } } } }"
    await world.pet(clinic.customer)
    one = await statements(owner, query)
    await world.pet(clinic.customer)
    assert len(await statements(owner, query)) == len(one) == 3  # with the journal's place


async def test_a_meeting_leads_to_the_bookings_that_the_viewer_sees(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world)
    meeting, another = await clinic.meeting(taken=2), await world.user()
    given: dict[str, Any] = {"meeting_id": meeting.id}
    first = await world.booking(clinic.customer, clinic.yoga, clinic.at(10), **given)
    second = await world.booking(another, clinic.yoga, clinic.at(10), **given)
    customer, staff = api.signed_in(clinic.customer), api.signed_in(clinic.owner)
    assert await ask(customer, "ClassMeeting", "bookings", meeting) == [gid(first)]
    assert await ask(staff, "ClassMeeting", "bookings", meeting) == [gid(second), gid(first)]
    for client in (api, await rival(world, api)):
        assert await ask(client, "ClassMeeting", "bookings", meeting) is None


async def test_a_policy_leads_to_its_services(world: World, api: Client) -> None:
    vendor = await world.vendor()
    policy = await world.cancellation_policy(vendor)
    shown = await world.service(vendor, policy_id=policy.id)
    draft = await world.service(vendor, policy_id=policy.id, state=ServiceState.DRAFT)
    staff = api.signed_in(await new_member(world, vendor, MemberRole.STAFF))
    assert await ask(staff, "CancellationPolicy", "services", policy) == [gid(draft), gid(shown)]
    for client in (api, await rival(world, api)):
        assert await ask(client, "CancellationPolicy", "services", policy) == [gid(shown)]


async def test_a_scanner_leads_to_its_scans_and_redemptions(world: World, api: Client) -> None:
    door = await Door.open(world)
    scanner, _ = await door.scanner()
    scan = await world.admit(await door.ticket(), door.date, door.member)
    scan.scanner_id = scanner.id
    offer = await world.offer(door.vendor)
    voucher = await world.voucher(offer, await world.user())
    attempt = await world.redemption(door.vendor, voucher, scanner_id=scanner.id)
    await world.save(scan)
    manager = api.signed_in(door.manager)
    assert await ask(manager, "Scanner", "latestScans", scanner) == [gid(scan)]
    assert await ask(manager, "Scanner", "latestRedemptions", scanner) == [gid(attempt)]
    fields = node("Scanner", "latestScans { id } latestRedemptions { id }")
    assert len(await statements(manager, fields, id=gid(scanner))) == 3
    for client in (api, api.signed_in(door.member), await rival(world, api)):
        assert await ask(client, "Scanner", "latestScans", scanner) is None


async def test_venues_and_charts_lead_to_dates(world: World, api: Client) -> None:
    vendor = await world.vendor()
    venue = await world.venue(vendor)
    chart = await world.chart(venue)
    draft = await world.chart(venue, state=ChartState.DRAFT)
    given: dict[str, Any] = {"venue": venue, "chart_id": chart.id}
    shown = await world.event_date(await world.event(vendor), **given)
    hidden = await world.event_date(await world.event(vendor, state=EventState.DRAFT), **given)
    staff = api.signed_in(await new_member(world, vendor, MemberRole.STAFF))
    for row in (venue, chart):
        kind, both = type(row).__name__, [gid(hidden), gid(shown)]
        assert await ask(staff, kind, "eventDates", row) == both
        for client in (api, await rival(world, api)):
            assert await ask(client, kind, "eventDates", row) == [gid(shown)]
    assert await ask(staff, "Venue", "seatCharts", venue) == [gid(draft), gid(chart)]
    assert await ask(api, "Venue", "seatCharts", venue) == [gid(chart)]
    query = "query ($id: ID!) { venues(vendorId: $id) { nodes { seatCharts { id } } } }"
    one = await statements(api, query, id=gid(vendor))
    await world.venue(vendor)
    assert len(await statements(api, query, id=gid(vendor))) == len(one) == 2


async def test_an_event_leads_to_its_queue(world: World, api: Client) -> None:
    vendor = await world.vendor()
    event, without = await world.event(vendor), await world.event(vendor)
    queue = await world.sale_queue(event)
    query = "query ($id: ID!) { event(id: $id) { saleQueue { id } } }"
    assert (await api.ask(query, id=gid(event)))["event"] == {"saleQueue": {"id": gid(queue)}}
    assert (await api.ask(query, id=gid(without)))["event"] == {"saleQueue": None}
    event.state = EventState.DRAFT
    await world.save(event)
    assert (await (await rival(world, api)).ask(query, id=gid(event)))["event"] is None


async def test_a_hold_leads_to_tickets_and_a_ticket_to_transfers(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    hold, friend = await office.hold(office.user), await world.user()
    given: dict[str, Any] = {"hold_id": hold.id}
    ticket = await world.ticket(office.user, office.date, office.kind, **given)
    transfer = await world.ticket_transfer(ticket, friend)
    holder = api.signed_in(office.user)
    staff = api.signed_in(await new_member(world, office.vendor, MemberRole.STAFF))
    assert await ask(holder, "TicketHold", "tickets", hold) == [gid(ticket)]
    assert await ask(staff, "TicketHold", "tickets", hold) == [gid(ticket)]
    assert await ask(holder, "Ticket", "transfers", ticket) == [gid(transfer)]
    assert await ask(staff, "Ticket", "transfers", ticket) == []
    for client in (api, api.signed_in(friend), await rival(world, api)):
        assert await ask(client, "TicketHold", "tickets", hold) is None
        assert await ask(client, "Ticket", "transfers", ticket) is None


async def test_stock_leads_to_its_product(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    product = await world.product(vendor)
    query = """query ($id: ID!) { vendor(id: $id) {
      stockLevels { nodes { product { id } } }
    } }"""
    client = api.signed_in(owner)
    (level,) = (await client.ask(query, id=gid(vendor)))["vendor"]["stockLevels"]["nodes"]
    assert level == {"product": {"id": gid(product)}}
    one = await statements(client, query, id=gid(vendor))
    await world.product(vendor)
    assert len(await statements(client, query, id=gid(vendor))) == len(one)
    answer = await (await rival(world, api)).send(query, id=gid(vendor))
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_a_refund_leads_to_its_credit_note(world: World, api: Client) -> None:
    issued = await IssuedInvoice.make(world, api, quantity=2)
    sale = issued.sale
    given = {"orderId": gid(sale.placed.order), "lines": sale.units(1), "reason": "Too many"}
    codes = await sale.buyer.refusal_codes("cancelOrderLines", given | {"idempotencyKey": "one"})
    assert codes == []
    async with world.database.session() as session:
        refund = (await session.exec(select(Refund))).one()
    assert await ask(sale.buyer, "Refund", "creditNotes", refund) == []
    async with Transactions(world.database, Unheard()).begin() as session:
        note = await issue_credit_note(
            session, world.sealer, refund_id=refund.id, suborder_id=sale.part.id
        )
    assert note
    admin = api.signed_in(await world.admin())
    for client in (sale.buyer, admin):
        assert await ask(client, "Refund", "creditNotes", refund) == [gid(note)]
    for client in (api, sale.seller, await rival(world, api)):
        assert await ask(client, "Refund", "creditNotes", refund) is None


async def test_a_purchase_leads_to_its_quota(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    grant = await world.bought(vendor, owner)
    (purchase,) = await world.purchases(vendor)
    query = node("Purchase", "packGrant { id }")
    client = api.signed_in(owner)
    assert (await client.ask(query, id=gid(purchase)))["node"]["packGrant"] == {"id": gid(grant)}
    for other in (api, await rival(world, api)):
        assert (await other.ask(query, id=gid(purchase)))["node"] is None
    member = await new_member(world, vendor, MemberRole.STAFF)
    assert (await api.signed_in(member).ask(query, id=gid(purchase)))["node"] is None


@pytest.mark.parametrize("of_platform", [False, True])
async def test_orders_are_found_by_their_code(world: World, api: Client, of_platform: bool) -> None:
    sale = await SoldOrder.make(world, api)
    await world.placed_order(sale.user, sale.vendors)
    code = await world.promo_code(None if of_platform else sale.vendor, used=1)
    order = sale.placed.order
    use = PromoUse(order_id=order.id, promo_code_id=code.id, user_id=sale.user.id, turn=1, amount=1)
    await world.save(use)
    query = """query ($vendor: ID!, $code: ID!) {
      vendorOrders(vendorId: $vendor, where: {promoCodeId: $code}) { nodes { id } }
    }"""
    given = {"vendor": gid(sale.vendor), "code": gid(code)}
    found = (await sale.seller.ask(query, **given))["vendorOrders"]["nodes"]
    assert found == [{"id": gid(sale.part)}]
    outsiders = await sale.outsiders()
    admin = api.signed_in(outsiders.pop("an admin"))
    for outsider in outsiders.values():
        answer = await api.signed_in(outsider).ask(query, **given)
        assert answer["vendorOrders"]["nodes"] == []
    every = "query ($code: ID!) { allOrders(where: {promoCodeId: $code}) { nodes { id } } }"
    assert (await admin.ask(every, code=gid(code)))["allOrders"]["nodes"] == [{"id": gid(order)}]
