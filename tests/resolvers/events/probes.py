"""Operations that the permissions of events allow."""

from core.clock import now
from core.security.random_secrets import hash_secret
from models.events.events import EventState
from models.members import Permission
from tests.client import Client, gid
from tests.resolvers.events.hall import Hall
from tests.resolvers.events.inputs import event_input, hold_input, keyed, venue_input
from tests.resolvers.members.workplace import Workplace, does, finds


async def see_events(place: Workplace, client: Client) -> list[bool]:
    draft = await place.world.event(place.vendor, state=EventState.DRAFT)
    date = await place.world.event_date(draft)
    quota = await place.world.quota(date)
    node = "query ($id: ID!) { node(id: $id) { id } }"
    return [await finds(client, node, row) for row in (draft, date, quota)]


async def edit_events(place: Workplace, client: Client) -> list[bool]:
    return [
        await does(client, "createEvent", event_input(place.vendor)),
        await does(client, "createVenue", venue_input(place.vendor)),
    ]


async def see_tickets(place: Workplace, client: Client) -> list[bool]:
    event = await place.world.event(place.vendor)
    date = await place.world.event_date(event)
    kind = await place.world.ticket_type(event)
    hold = await place.world.ticket_hold(await place.world.user(), date, kind)
    entry = await place.world.waitlist_entry(await place.world.user(), date)
    node = "query ($id: ID!) { node(id: $id) { id } }"
    return [await finds(client, node, row) for row in (hold, entry)]


async def edit_tickets(place: Workplace, client: Client) -> list[bool]:
    event = await place.world.event(place.vendor)
    day = await place.world.event_date(event)
    date = await place.world.event_date(await place.world.event(place.vendor))
    kind = await place.world.ticket_type(await place.world.event(place.vendor))
    ticket = await place.world.ticket(await place.world.user(), date, kind)
    hall = await Hall.open(place.world, vendor=place.vendor)
    seated = await hall.sold_seat(0, 0)
    given = {"ticketId": gid(seated), "seatId": hall.ids(0, 1)[0]}
    name = {"ticketId": gid(ticket), "name": "Asha Rao"}
    free = await place.world.ticket_type(event, await place.world.quota(day))
    given_away = hold_input(day, (free, 1), paid="COMP")
    return [
        await does(client, "sellAtDesk", given_away),
        await does(client, "nameAttendee", name),
        await does(client, "cancelTicket", keyed(ticketId=gid(ticket))),
        await does(client, "reseatTicket", given),
    ]


async def check_in(place: Workplace, client: Client) -> list[bool]:
    date = await place.world.event_date(await place.world.event(place.vendor))
    door = await place.world.check_in_list(date)
    node = "query ($id: ID!) { node(id: $id) { id } }"
    key = f"scan_{door.id}"
    await place.world.scanner(place.vendor, place.owner, key_hash=hash_secret(key))
    scan = {"listId": gid(door), "scannerKey": key, "scanId": str(door.id), "seq": 1}
    shown = scan | {"scannedAt": now().isoformat(), "code": "unknown"}
    return [await finds(client, node, door), await does(client, "checkIn", shown)]


async def manage_scanners(place: Workplace, client: Client) -> list[bool]:
    date = await place.world.event_date(await place.world.event(place.vendor))
    door = keyed(eventDateId=gid(date), name="North")
    scanner = {"vendorId": gid(place.vendor), "name": "Till"}
    return [
        await does(client, "createCheckInList", door),
        await does(client, "registerScanner", scanner),
    ]


PROBES = {
    Permission.SEE_EVENTS: see_events,
    Permission.EDIT_EVENTS: edit_events,
    Permission.SEE_TICKETS: see_tickets,
    Permission.EDIT_TICKETS: edit_tickets,
    Permission.CHECK_IN: check_in,
    Permission.MANAGE_SCANNERS: manage_scanners,
}
