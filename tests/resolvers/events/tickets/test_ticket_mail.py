"""The mail with the tickets of an order: several in a file, and several files."""

from uuid import UUID

import pypdfium2
import pytest

from gateways.mail import MailMessage
from models.events.tickets import TicketState
from models.identity.accounts import UserState
from services.events.tickets import mail
from services.events.tickets.mail import compose_tickets
from tests.client import Client
from tests.factories.world import World
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.ordering import TicketOrder


async def compose(world: World, order_id: UUID) -> MailMessage | None:
    async with world.database.session() as session:
        found = await compose_tickets(session, world.sealer, world.keys, order_id)
    return await found.attach() if found else None


async def test_tickets_are_attached_in_files(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "MAX_TICKETS", 2)
    office = await BoxOffice.open(world)
    user = await world.user(email="buyer@example.com", locale="de")
    order = await TicketOrder.begin(office, api, user, quantity=3)
    first, *_ = await order.buy()
    order_id = (await order.order()).id
    sent = await compose(world, order_id)
    assert sent is not None
    assert (sent.to, sent.subject, sent.id) == ("buyer@example.com", "Deine Tickets", order_id)
    pages = [len(pypdfium2.PdfDocument(one.content)) for one in sent.attachments]
    assert pages == [2, 1]
    assert sent.attachments[0].name == f"tickets-{first.code}.pdf"
    ticket = await world.fresh(first)
    ticket.holder_id = (await world.user()).id
    await world.save(ticket)
    sent = await compose(world, order_id)
    assert sent is not None
    assert len(sent.attachments) == 1, "only those that the buyer holds"


async def test_nothing_is_sent_without_an_address_or_a_ticket(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    order = await TicketOrder.begin(office, api)
    (ticket,) = await order.buy()
    order_id = (await order.order()).id
    user = await world.fresh(order.user)
    user.state = UserState.SUSPENDED
    await world.save(user)
    assert await compose(world, order_id) is None
    user.state = UserState.ACTIVE
    ticket.state, ticket.cancelled_at = TicketState.CANCELLED, ticket.created_at
    await world.save(user, ticket)
    assert await compose(world, order_id) is None
