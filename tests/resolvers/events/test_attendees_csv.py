"""The attendees of a date as CSV: for members of the vendor, as of the download."""

import csv
import io

import pytest
from sqlmodel import col, delete

from models.events.tickets import ATTENDEE_COLUMN
from models.vendors import MemberRole, VendorMember
from tests.client import Client, gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.events.door import Door

LINK = "query ($id: ID!) { attendeesCsv(eventDateId: $id) { url expiresAt } }"


async def test_attendees_csv_has_a_row_for_each_ticket(world: World, api: Client) -> None:
    door = await Door.open(world)
    (_, key), ticket = await door.scanner(), await door.ticket()
    ticket.attendee = world.sealer.seal(ATTENDEE_COLUMN, ticket.id, b"=Asha")
    await world.save(ticket)
    other = await door.ticket()
    await door.check_in(api.signed_in(door.member), key, ticket)
    staff = await new_member(world, door.vendor, MemberRole.STAFF)
    client = api.signed_in(staff)
    url = (await client.ask(LINK, id=gid(door.date)))["attendeesCsv"]["url"]
    path = url[url.index("/events/attendees") :]
    answer = await api.http.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    first, second = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (first["code"], first["attendee"], first["price"]) == (ticket.code, "'=Asha", "100.00")
    assert first["first_entry"]
    assert (second["code"], second["state"], second["first_entry"]) == (other.code, "VALID", "")
    async with world.database.session() as session:
        await session.exec(delete(VendorMember).where(col(VendorMember.user_id) == staff.id))
        await session.commit()
    assert (await api.http.get(path)).status_code == 404
    assert (await api.http.get(f"{path}x")).status_code == 403


@pytest.mark.parametrize("kind", ["a stranger", "SCANNER", "another vendor's owner"])
async def test_attendees_csv_as_others(world: World, api: Client, kind: str) -> None:
    door, elsewhere = await Door.open(world), await Door.open(world)
    users = {
        "a stranger": await world.user(),
        "SCANNER": door.member,
        "another vendor's owner": elsewhere.manager,
    }
    client = api.signed_in(users[kind])
    assert await client.failed(LINK, id=gid(door.date)) == ["NOT_FOUND"]
    assert await api.failed(LINK, id=gid(door.date)) == ["UNAUTHENTICATED"]
