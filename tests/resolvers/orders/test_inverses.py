"""From an order to what it bought, and back."""

from typing import Any

import pytest

from models.chat.conversations import Conversation, SubjectKind
from models.events.tickets import TicketSource
from models.payments.refunds import Refund, RefundPart, RefundReason
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.counting import statements
from tests.resolvers.orders.handling import SoldOrder

LINE = """query ($id: ID!) { node(id: $id) { ... on OrderLine {
  suborder { id customer { id name } } tickets { id } booking { id }
} } }"""
PART = """query ($id: ID!) { node(id: $id) { ... on SubOrder {
  customer { id name } startedConversation { id } lines { tickets { id } booking { id } }
} } }"""
PAYMENT = """query ($id: ID!) { node(id: $id) { ... on Payment {
  refundParts { id refund { id } payment { id } } disputes { id }
} } }"""
ORDER = "query ($id: ID!) { order(id: $id) { customer { id } } }"
NODE = "query ($id: ID!) { node(id: $id) { id } }"
TALK = """query ($id: ID!) { node(id: $id) {
  ... on SubOrder { startedConversation { id } } ... on Booking { startedConversation { id } }
  ... on Voucher { startedConversation { id } }
} }"""


@pytest.fixture
async def sale(world: World, api: Client) -> SoldOrder:
    return await SoldOrder.make(world, api)


async def test_a_line_leads_to_what_it_bought_and_to_its_part(sale: SoldOrder) -> None:
    world = sale.world
    event = await world.event(sale.vendor)
    date, kind = await world.event_date(event), await world.ticket_type(event)
    given: dict[str, Any] = {"source": TicketSource.ORDER, "order_line_id": sale.line.id}
    tickets = [await world.ticket(sale.user, date, kind, **given) for _ in range(2)]
    clinic = await Clinic.open(world, sale.vendor)
    booking = await clinic.booking(sale.user, order_line_id=sale.line.id)
    for client in (sale.buyer, sale.seller):
        line = (await client.ask(LINE, id=gid(sale.line)))["node"]
        assert line["suborder"]["id"] == gid(sale.part)
        assert line["suborder"]["customer"] == {"id": gid(sale.user), "name": sale.user.name}
        assert [one["id"] for one in line["tickets"]] == [gid(one) for one in reversed(tickets)]
        assert line["booking"] == {"id": gid(booking)}
    outsiders = await sale.outsiders()
    del outsiders["an admin"]
    for who, outsider in outsiders.items():
        found = await sale.api.signed_in(outsider).ask(LINE, id=gid(sale.line))
        assert found["node"] is None, who
    assert (await sale.api.ask(LINE, id=gid(sale.line)))["node"] is None


async def test_a_ticket_that_changed_hands_is_its_new_holders(sale: SoldOrder) -> None:
    world = sale.world
    event = await world.event(sale.vendor)
    date, kind = await world.event_date(event), await world.ticket_type(event)
    given: dict[str, Any] = {"source": TicketSource.ORDER, "order_line_id": sale.line.id}
    await world.ticket(await world.user(), date, kind, **given)
    assert (await sale.buyer.ask(LINE, id=gid(sale.line)))["node"]["tickets"] == []
    assert len((await sale.seller.ask(LINE, id=gid(sale.line)))["node"]["tickets"]) == 1


async def test_the_rest_of_the_price_leads_to_its_booking(sale: SoldOrder) -> None:
    clinic = await Clinic.open(sale.world, sale.vendor)
    booking = await clinic.booking(sale.user, balance_line_id=sale.line.id)
    line = (await sale.buyer.ask(LINE, id=gid(sale.line)))["node"]
    assert line["booking"] == {"id": gid(booking)}


async def test_lines_are_read_in_a_statement_for_each_kind(sale: SoldOrder) -> None:
    """The part, its buyer, its conversation, its lines, their tickets and bookings."""
    sent = await statements(sale.seller, PART, id=gid(sale.part))
    assert len(sent) == 6, "\n\n".join(sent)


async def test_a_vendor_sees_the_buyers_of_confirmed_parts_alone(sale: SoldOrder) -> None:
    assert (await sale.seller.ask(NODE, id=gid(sale.user)))["node"] == {"id": gid(sale.user)}
    outsiders = await sale.outsiders()
    for who in ("another buyer", "a scanner"):
        client = sale.api.signed_in(outsiders[who])
        assert (await client.ask(NODE, id=gid(sale.user)))["node"] is None, who
    sale.part.confirmed_at = None
    await sale.world.save(sale.part)
    assert (await sale.seller.ask(NODE, id=gid(sale.user)))["node"] is None


async def test_an_order_names_its_buyer_to_admins(sale: SoldOrder) -> None:
    for client in (sale.buyer, sale.api.signed_in(await sale.world.admin())):
        order = (await client.ask(ORDER, id=gid(sale.placed.order)))["order"]
        assert order["customer"] == {"id": gid(sale.user)}
    assert (await sale.seller.ask(ORDER, id=gid(sale.placed.order)))["order"] is None


async def test_a_payment_leads_to_what_goes_back_to_it(sale: SoldOrder) -> None:
    payment = sale.placed.payments[0]
    refund = Refund(order_id=sale.placed.order.id, reason=RefundReason.GOODWILL, amount=0)
    way = RefundPart(
        refund_id=refund.id, payment_id=payment.id, provider=payment.provider, amount=1
    )
    await sale.world.save(refund, way)
    found = (await sale.buyer.ask(PAYMENT, id=gid(payment)))["node"]
    parts = [{"id": gid(way), "refund": {"id": gid(refund)}, "payment": {"id": gid(payment)}}]
    assert found == {"refundParts": parts, "disputes": []}
    assert (await sale.seller.ask(PAYMENT, id=gid(payment)))["node"] is None


async def test_subjects_lead_to_their_conversation(sale: SoldOrder) -> None:
    world = sale.world
    clinic = await Clinic.open(world, sale.vendor)
    booking = await clinic.booking(sale.user)
    voucher = await world.voucher(await world.offer(sale.vendor), sale.user)
    about = {
        SubjectKind.ORDER: sale.part,
        SubjectKind.BOOKING: booking,
        SubjectKind.VOUCHER: voucher,
    }
    for kind, row in about.items():
        assert (await sale.buyer.ask(TALK, id=gid(row)))["node"] == {"startedConversation": None}
        talk = Conversation(
            user_id=sale.user.id, vendor_id=sale.vendor.id, subject_kind=kind, subject_id=row.id
        )
        await world.save(talk)
        for client in (sale.buyer, sale.seller):
            found = (await client.ask(TALK, id=gid(row)))["node"]
            assert found == {"startedConversation": {"id": gid(talk)}}
        admin = sale.api.signed_in(await world.admin())
        assert (await admin.ask(TALK, id=gid(row)))["node"] == {"startedConversation": None}
