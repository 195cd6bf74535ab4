"""Waiting rooms, which show no names, and their displays."""

from datetime import datetime, timedelta
from typing import Any

from core.clock import now
from models.bookings.bookings import BookingSource, BookingState
from models.bookings.visits.arrivals import visit_code
from models.bookings.visits.displays import MAX_DISPLAYS, WaitingRoomDisplay
from models.vendors import MemberRole, VendorStatus
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.zones import zone_at_noon

ROOM = """query ($key: String, $vendor: ID) { waitingRoom(displayKey: $key, vendorId: $vendor) {
  vendorName visitors { code initial arrival room localStart } } }"""
LIST = "query ($vendor: ID!) { waitingRoomDisplays(vendorId: $vendor) { nodes { id name } } }"
CREATED = "key display { id name }"


def minutes_ago(minutes: int) -> datetime:
    return (now() - timedelta(minutes=minutes)).replace(second=0, microsecond=0)


async def visitors(client: Client, **given: Any) -> list[tuple[str, str, str, str]]:
    shown = (await client.ask(ROOM, **given))["waitingRoom"]["visitors"]
    return [(one["code"], one["initial"], one["arrival"], one["room"]) for one in shown]


async def test_a_display_shows_codes_and_initials_alone(world: World, api: Client) -> None:
    clinic = await Clinic.open(world, await world.vendor(time_zone=zone_at_noon()))
    noor = await world.user(name="noor jahan")
    waiting = await clinic.booking(noor, minutes_ago(-40), arrived_at=now())
    guest = await clinic.booking(starts_at=minutes_ago(5), staff=clinic.ravi)
    guest.user_id, guest.source = None, BookingSource.DESK
    guest.guest_name = world.sealer.seal("booking.guest_name", guest.id, "Ωmega".encode())
    await world.save(guest)
    for start, state in ((-300, BookingState.CONFIRMED), (-90, BookingState.CANCELLED)):
        await clinic.booking(starts_at=minutes_ago(start), state=state)
    staff = api.signed_in(await clinic.member(MemberRole.STAFF))
    created = await staff.do(
        "createDisplay", {"vendorId": gid(clinic.vendor), "name": "TV"}, CREATED
    )
    expected = [
        (visit_code(waiting.id), "N", "WAITING", "Room"),
        (visit_code(guest.id), "Ω", "LATE", "Room"),
    ]
    assert await visitors(api, key=created["key"]) == expected
    assert await visitors(staff, vendor=gid(clinic.vendor)) == expected
    mine = await api.signed_in(noor).ask("{ bookings { nodes { visitCode } } }")
    assert mine["bookings"]["nodes"] == [{"visitCode": visit_code(waiting.id)}]


async def test_a_revoked_display_shows_nothing(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    owner = api.signed_in(clinic.owner)
    created = await owner.do(
        "createDisplay", {"vendorId": gid(clinic.vendor), "name": "TV"}, CREATED
    )
    key, display_id = created["key"], created["display"]["id"]
    listed = (await owner.ask(LIST, vendor=gid(clinic.vendor)))["waitingRoomDisplays"]["nodes"]
    assert listed == [created["display"]]
    assert key not in str((await world.first(WaitingRoomDisplay)).key_hash)
    for _ in range(2):
        assert await owner.refusal_codes("revokeDisplay", {"displayId": display_id}) == []
    for wrong in (key, "display_wrong", "", "x" * 1000):
        assert await api.failed(ROOM, key=wrong) == ["NOT_FOUND"]
    assert (await owner.ask(LIST, vendor=gid(clinic.vendor)))["waitingRoomDisplays"]["nodes"] == []
    assert await owner.failed(ROOM) == ["BAD_USER_INPUT"]


async def test_a_suspended_vendor_shows_nothing(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    owner = api.signed_in(clinic.owner)
    created = await owner.do(
        "createDisplay", {"vendorId": gid(clinic.vendor), "name": "TV"}, CREATED
    )
    vendor = await world.fresh(clinic.vendor)
    vendor.status = VendorStatus.SUSPENDED
    await world.save(vendor)
    assert await api.failed(ROOM, key=created["key"]) == ["NOT_FOUND"]


async def test_displays_are_for_staff_alone_and_limited(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    input = {"vendorId": gid(clinic.vendor), "name": "TV"}
    display = await world.waiting_room_display(clinic.vendor, clinic.owner)
    revoked = {"displayId": gid(display)}
    for mutation, given in (("createDisplay", input), ("revokeDisplay", revoked)):
        assert await api.mutation_failed(mutation, given) == ["UNAUTHENTICATED"]
        stranger = (await Clinic.open(world)).owner
        for wrong in (clinic.customer, await clinic.member(MemberRole.SCANNER), stranger):
            client = api.signed_in(wrong)
            assert await client.refusal_codes(mutation, given) == ["NOT_FOUND"]
            assert (await client.ask(LIST, vendor=gid(clinic.vendor)))["waitingRoomDisplays"] == {
                "nodes": []
            }
    for _ in range(MAX_DISPLAYS - 1):
        await world.waiting_room_display(clinic.vendor, clinic.owner)
    owner = api.signed_in(clinic.owner)
    assert await owner.refusal_codes("createDisplay", input) == ["DISPLAY_LIMIT_REACHED"]
    assert await owner.refusal_codes("revokeDisplay", revoked) == []
    assert await owner.refusal_codes("createDisplay", input) == []
