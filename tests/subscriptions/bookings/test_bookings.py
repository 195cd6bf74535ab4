"""Bookings that their customers, and the vendor's members, follow live."""

from typing import Any

from models.identity.accounts import User
from models.vendors import MemberRole
from services.journal.topics import agenda_topic
from tests.client import gid
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import cancel_input, hold_input, move_input
from tests.resolvers.bookings.stored import row_of
from tests.resolvers.bookings.waiting import join_input
from tests.subscriptions.conftest import Shop

MINE = "{ bookings { changesAfter } }"
FOLLOW = """subscription ($bookingId: ID, $after: String) {
  bookingStatus(bookingId: $bookingId, after: $after) {
    cursor booking { id bookingState revision }
  }
}"""
FOLLOW_WAITS = """subscription ($vendorId: ID, $after: String) {
  bookingWaitChanges(vendorId: $vendorId, after: $after) { cursor bookingWait { id state } }
}"""


async def follow(shop: Shop, user: User, **variables: Any) -> Any:
    return await shop._subscribe(tokens=[shop.token(user)], query=FOLLOW, variables=variables)


def states(changes: list[dict[str, Any]]) -> list[tuple[str, int]]:
    found = [change["booking"] for change in changes]
    return [(one["bookingState"], one["revision"]) for one in found]


async def test_customers_follow_their_bookings(shop: Shop, world: World) -> None:
    clinic = await Clinic.open(world)
    client = shop.api.signed_in(clinic.customer)
    other = await clinic.booking(starts_at=clinic.at(15))
    after = (await client.ask(MINE))["bookings"]["changesAfter"]
    everything = await follow(shop, clinic.customer, after=after)
    one_only = await follow(shop, clinic.customer, after=after, bookingId=gid(other))
    await everything.connected()
    held = await client.do("holdBooking", hold_input(clinic.visit, clinic.at(10)), "booking { id }")
    booking = await row_of(world, held)
    await client.do("confirmBooking", {"bookingId": gid(booking)})
    await client.do("rescheduleBooking", move_input(booking, clinic.at(11)))
    desk = shop.api.signed_in(clinic.owner)
    await desk.do("cancelBooking", cancel_input(other))
    # A slow subscriber gets the newest state of a booking for each of its changes.
    changes = await everything.received(4)
    assert [one["booking"]["id"] for one in changes] == [*3 * [gid(booking)], gid(other)]
    assert states(changes)[2:] == [("CONFIRMED", 1), ("CANCELLED", 0)]
    assert states(await one_only.received(1)) == [("CANCELLED", 0)]


async def test_members_follow_a_booking_and_strangers_do_not(shop: Shop, world: World) -> None:
    clinic = await Clinic.open(world)
    booking = await clinic.booking()
    staff = await clinic.member(MemberRole.STAFF)
    after = await shop.cursor(agenda_topic(clinic.vendor.id))
    member = await follow(shop, staff, bookingId=gid(booking), after=after)
    await member.connected()
    client = shop.api.signed_in(clinic.customer)
    await client.do("holdBooking", hold_input(clinic.visit, clinic.at(12)))
    await client.do("cancelBooking", cancel_input(booking))
    assert states(await member.received(1)) == [("CANCELLED", 0)]
    for wrong in (await world.user(), await clinic.member(MemberRole.SCANNER)):
        subscriber = await follow(shop, wrong, bookingId=gid(booking))
        await subscriber.ended()
        assert (subscriber.codes, subscriber.changes) == (["NOT_FOUND"], [])


async def test_users_and_members_follow_waits(shop: Shop, world: World) -> None:
    clinic = await Clinic.open(world)
    await clinic.booking(await world.user())
    client, staff = shop.api.signed_in(clinic.customer), await clinic.member(MemberRole.STAFF)
    mine = (await client.ask("{ bookingWaits { changesAfter } }"))["bookingWaits"]["changesAfter"]
    theirs = await shop.cursor(agenda_topic(clinic.vendor.id))
    own = await follow_waits(shop, clinic.customer, after=mine)
    member = await follow_waits(shop, staff, after=theirs, vendorId=gid(clinic.vendor))
    await own.connected()
    await member.connected()
    input = join_input(clinic, clinic.asha)
    joined = await client.do("joinBookingWaitlist", input, "bookingWait { id }")
    id = joined["bookingWait"]["id"]
    assert (await own.received(1))[0]["bookingWait"] == {"id": id, "state": "WAITING"}
    assert (await member.received(1))[0]["bookingWait"]["id"] == id
    await client.do("leaveBookingWaitlist", {"bookingWaitId": id})
    assert (await own.received(2))[1]["bookingWait"] == {"id": id, "state": "LEFT"}
    for wrong in (await world.user(), await clinic.member(MemberRole.SCANNER)):
        subscriber = await follow_waits(shop, wrong, vendorId=gid(clinic.vendor))
        await subscriber.ended()
        assert subscriber.changes == []


async def follow_waits(shop: Shop, user: User, **variables: Any) -> Any:
    tokens = [shop.token(user)]
    return await shop._subscribe(tokens=tokens, query=FOLLOW_WAITS, variables=variables)
