"""Operations that the permissions of bookings allow."""

from core.ids import new_id
from models.bookings.setting_up.services import ServiceState
from models.members import Permission
from tests.client import Client, gid
from tests.factories.bookings import at, workday
from tests.resolvers.members.workplace import Workplace, does, finds


async def see_bookings(place: Workplace, client: Client) -> list[bool]:
    world, day = place.world, workday(2)
    staff = await world.resource(place.vendor)
    service = await world.service(place.vendor, staff, state=ServiceState.DRAFT)
    booking = await world.booking(await world.user(), service, at(day, 10), staff)
    block = await world.time_block(staff, at(day, 12), at(day, 13))
    node = "query ($id: ID!) { node(id: $id) { id } }"
    wait = await world.booking_wait(await world.user(), service)
    return [await finds(client, node, row) for row in (service, booking, block, wait)]


async def edit_bookings(place: Workplace, client: Client) -> list[bool]:
    day = workday(2)
    staff = await place.world.resource(place.vendor)
    times = {"startsAt": at(day, 10).isoformat(), "endsAt": at(day, 11).isoformat()}
    block = {"resourceId": gid(staff), "idempotencyKey": str(new_id())} | times
    return [await does(client, "blockTime", block)]


async def edit_services(place: Workplace, client: Client) -> list[bool]:
    key = {"vendorId": gid(place.vendor), "idempotencyKey": str(new_id())}
    day = workday(2).isoformat()
    return [
        await does(client, "saveResource", key | {"kind": "ROOM", "name": "Room"}),
        await does(client, "closeDays", key | {"fromDay": day, "untilDay": day, "name": "Holi"}),
    ]


PROBES = {
    Permission.SEE_BOOKINGS: see_bookings,
    Permission.EDIT_BOOKINGS: edit_bookings,
    Permission.EDIT_SERVICES: edit_services,
}
