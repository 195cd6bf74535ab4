"""The agenda that the members of a vendor follow live."""

from typing import Any

from models.bookings.setting_up.resources import Resource
from models.identity.accounts import User
from models.vendors import MemberRole
from tests.client import gid
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import cancel_input, move_input
from tests.resolvers.bookings.setting_up.test_blocks import block_input
from tests.subscriptions.conftest import Shop

AGENDA = "query ($vendor: ID!) { agenda(vendorId: $vendor) { cursor } }"
FOLLOW = """subscription ($vendorId: ID!, $resourceIds: [ID!], $after: String) {
  agendaChanges(vendorId: $vendorId, resourceIds: $resourceIds, after: $after) {
    cursor inLanes refetch booking { bookingState revision arrival staff { id } } } }"""


async def follow(shop: Shop, user: User, clinic: Clinic, *lanes: Resource, **values: Any) -> Any:
    variables = {"vendorId": gid(clinic.vendor), **values}
    if lanes:
        variables["resourceIds"] = [gid(one) for one in lanes]
    return await shop._subscribe(tokens=[shop.token(user)], query=FOLLOW, variables=variables)


async def test_members_follow_the_agenda_from_a_cursor(shop: Shop, world: World) -> None:
    clinic = await Clinic.open(world)
    booking = await clinic.booking()
    staff = await clinic.member(MemberRole.STAFF)
    desk = shop.api.signed_in(staff)
    after = (await desk.ask(AGENDA, vendor=gid(clinic.vendor)))["agenda"]["cursor"]
    moved = move_input(booking, clinic.at(11), clinic.ravi)
    assert (await desk.do("rescheduleBooking", moved))["errors"] == []
    every = await follow(shop, staff, clinic, after=after)
    of_asha = await follow(shop, staff, clinic, clinic.asha, after=after)
    of_ravi = await follow(shop, staff, clinic, clinic.ravi, after=after)
    (change,) = await every.received(1)
    assert (change["inLanes"], change["refetch"]) == (True, False)
    assert change["booking"] == {
        "bookingState": "CONFIRMED",
        "revision": 1,
        "arrival": "EXPECTED",
        "staff": {"id": gid(clinic.ravi)},
    }
    assert [one["inLanes"] for one in await of_asha.received(1)] == [False], "it has left the lane"
    assert [one["inLanes"] for one in await of_ravi.received(1)] == [True]
    block = block_input(clinic.asha, clinic.at(16), clinic.at(17))
    assert (await desk.do("blockTime", block))["errors"] == []
    assert (await desk.do("cancelBooking", cancel_input(booking)))["errors"] == []
    assert [one["refetch"] for one in await of_asha.received(3)] == [False, True, False]
    (_, cancelled) = await of_ravi.received(2)
    assert cancelled["booking"]["bookingState"] == "CANCELLED"
    resumed = await follow(shop, staff, clinic, after=change["cursor"])
    assert [one["refetch"] for one in await resumed.received(2)] == [True, False]


async def test_others_do_not_follow_the_agenda(shop: Shop, world: World) -> None:
    clinic = await Clinic.open(world)
    stranger = (await Clinic.open(world)).owner
    for wrong in (clinic.customer, await clinic.member(MemberRole.SCANNER), stranger):
        subscriber = await follow(shop, wrong, clinic)
        await subscriber.ended()
        assert (subscriber.codes, subscriber.changes) == (["NOT_FOUND"], [])
