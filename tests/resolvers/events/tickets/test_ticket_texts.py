"""The link to tickets by text message: for a proven number, and only if it is allowed."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

import pypdfium2
import pytest
from sqlalchemy import text
from sqlmodel import select

from core.clock import now
from core.security.codes import new_code
from gateways.sms import SmsMessage
from models.events.ticket_links import TicketLink
from models.identity.accounts import User
from models.identity.phones import Phone
from services.events.tickets.texting import compose_text, defer_text
from services.identity.phones.phone_accounts import seal_phone
from services.transaction import Transactions
from tests.client import Client
from tests.factories.base import NUMBERS
from tests.factories.buying import Unheard
from tests.factories.world import World
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.ordering import TicketOrder

ADDRESS = "http://haat"
INDIA = frozenset({"IN"})
JOBS = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE '%text_tickets'")
ALLOW = "preferences { ticketTexts }"


async def buyer(world: World, *, allowed: bool = True) -> tuple[User, str]:
    """Return a user with a proven number."""
    user, number = await world.user(locale="de"), f"+9198{next(NUMBERS):04}2345"
    phone = seal_phone(world.sealer, user.id, number)
    phone.ticket_texts = allowed
    await world.save(phone)
    return user, number


async def deferred(world: World, order_id: UUID, countries: Collection[str] = INDIA) -> int:
    """Run the part of the job of the mail that asks for a message. Return how many are."""
    async with Transactions(world.database, Unheard()).begin() as session:
        before = (await session.execute(JOBS)).scalar_one()
        await defer_text(session, world.sealer, order_id, countries)
        await session.flush()
    async with world.database.session() as session:
        return int((await session.execute(JOBS)).scalar_one() - before)


async def compose(world: World, order_id: UUID) -> SmsMessage | None:
    async with world.database.session() as session, session.begin():
        return await compose_text(session, world.sealer, ADDRESS, order_id)


def path_of(message: SmsMessage) -> str:
    return message.body.partition(ADDRESS)[2].split()[0]


async def test_a_link_shows_the_tickets_that_the_buyer_holds(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    user, number = await buyer(world)
    order = await TicketOrder.begin(office, api, user, quantity=2)
    first, second = await order.buy()
    order_id = (await order.order()).id
    assert await deferred(world, order_id) == 1
    assert await deferred(world, order_id) == 0, "once for an order"
    message = await compose(world, order_id)
    assert message is not None
    assert (message.to, message.body.startswith("Deine Tickets:")) == (number, True)
    answer = await api.http.get(path_of(message))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")
    assert len(pypdfium2.PdfDocument(answer.content)) == 2
    given = await world.fresh(first)
    given.renew(new_code())
    given.holder_id = (await world.user()).id
    await world.save(given)
    answer = await api.http.get(path_of(message))
    assert len(pypdfium2.PdfDocument(answer.content)) == 1, "not the one of another"
    again = await compose(world, order_id)
    assert again is not None
    assert (await api.http.get(path_of(message))).status_code == 404, "replaced"
    office.date.starts_at = now() - timedelta(days=2)
    office.date.ends_at = now() - timedelta(hours=25)
    await world.save(office.date)
    assert (await api.http.get(path_of(again))).status_code == 404, "its date is over"
    assert second.holder_id == user.id


async def test_no_message_without_consent_a_served_country_or_a_ticket(
    world: World, api: Client
) -> None:
    office = await BoxOffice.open(world)
    user, _ = await buyer(world, allowed=False)
    order = await TicketOrder.begin(office, api, user)
    (ticket,) = await order.buy()
    order_id = (await order.order()).id
    assert await deferred(world, order_id) == 0
    phone = await world.first(Phone)
    phone.ticket_texts = True
    await world.save(phone)
    assert await deferred(world, order_id, {"DE"}) == 0
    row = await world.fresh(ticket)
    row.holder_id = (await world.user()).id
    await world.save(row)
    assert await deferred(world, order_id) == 0
    row.holder_id = user.id
    await world.save(row)
    assert await deferred(world, order_id) == 1
    phone.ticket_texts = False
    await world.save(phone)
    assert await compose(world, order_id) is None, "withdrawn meanwhile"
    async with world.database.session() as session:
        assert len((await session.exec(select(TicketLink))).all()) == 1


@pytest.mark.parametrize("has_number", [True, False])
async def test_users_allow_messages_for_their_number(
    world: World, api: Client, has_number: bool
) -> None:
    user = (await buyer(world, allowed=False))[0] if has_number else await world.user()
    client, name = api.signed_in(user), "updateNotificationPreferences"
    allowed = await client.do(name, {"ticketTexts": True}, ALLOW)
    if not has_number:
        assert [one["field"] for one in allowed["errors"]] == [["ticketTexts"]]
        return
    assert allowed["preferences"] == {"ticketTexts": True}
    kept = await client.do(name, {"quietHours": None}, ALLOW)
    assert kept["preferences"] == {"ticketTexts": True}
    reset = await client.do(name, {"ticketTexts": None}, ALLOW)
    assert reset["preferences"] == {"ticketTexts": False}
