"""Tickets as PDF: their codes are read back, and links of former generations are gone."""

from collections.abc import Sequence

import pypdfium2
import zxingcpp

from core.security.codes import new_code
from models.events.tickets import Ticket
from models.vendors import MemberRole
from services.events.tickets.links import MAX_TICKETS
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.tickets.test_tickets import strangers

LINK = "query ($ids: [ID!]!) { ticketsPdf(ticketIds: $ids) { url expiresAt } }"


async def link(client: Client, tickets: Sequence[Ticket]) -> str:
    answer = await client.ask(LINK, ids=[gid(one) for one in tickets])
    url: str = answer["ticketsPdf"]["url"]
    return url


def read_codes(content: bytes) -> list[str]:
    """Return the QR code of each page, as a camera sees it."""
    codes = []
    for page in pypdfium2.PdfDocument(content):
        assert [round(one) for one in page.get_size()] == [420, 595]
        found = zxingcpp.read_barcodes(page.render(scale=2).to_pil())
        codes.append(found[0].text)
    return codes


async def test_the_codes_on_paper_are_those_of_the_tickets(world: World, api: Client) -> None:
    office = await BoxOffice.open(world, title={"en": "Evening Raga", "hi": "संध्या राग"})
    venue = await world.venue(office.vendor)
    office.date.venue_id = venue.id
    await world.save(office.date)
    tickets = [
        await world.ticket(office.user, office.date, office.kind, office.quota) for _ in range(3)
    ]
    client = api.signed_in(office.user)
    url = await link(client, tickets)
    answer = await api.http.get(url)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert b"Helvetica" not in answer.content
    claims = [world.keys.read_ticket(one) for one in read_codes(answer.content)]
    assert [(one.ticket_id, one.generation) for one in claims] == [(one.id, 1) for one in tickets]
    assert (await api.http.get(url[:-4] + "AAAA")).status_code == 403
    renewed = await world.fresh(tickets[1])
    renewed.renew(new_code())
    await world.save(renewed)
    assert (await api.http.get(url)).status_code == 410
    assert (await api.http.get(await link(client, tickets[1:2]))).status_code == 200


async def test_links_are_for_tickets_that_the_viewer_holds(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    ticket = await world.ticket(office.user, office.date, office.kind, office.quota)
    member = await world.user()
    await world.member(office.vendor, member, MemberRole.OWNER)
    for user in (*await strangers(office), member):
        refused = await api.signed_in(user).failed(LINK, ids=[gid(ticket)])
        assert refused == ["BAD_USER_INPUT"]
    assert await api.failed(LINK, ids=[gid(ticket)]) == ["UNAUTHENTICATED"]
    client = api.signed_in(office.user)
    many = [gid(ticket)] * (MAX_TICKETS + 1)
    for ids in ([], many):
        assert await client.failed(LINK, ids=ids) == ["BAD_USER_INPUT"]
