"""Reminders that vendors choose, and the answers of customers by links and in the app."""

from typing import Any

from sqlmodel import select

from core.clock import now
from models.bookings.bookings import Booking, BookingState
from models.notifications.inbox import Notification, NotificationKind
from models.vendors import MemberRole
from services.bookings.reminding.links import BookingLink, link_to
from services.notifications.finishing import sign_page_link
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic

LINKED = """query ($token: String!) { linkedBooking(token: $token) {
    bookingState localStart service vendor isComing refundBps refund { decimal } } }"""
CHOSEN = """query ($vendor: ID!, $service: ID) {
    bookingReminders(vendorId: $vendor, serviceId: $service) { minutes chosen } }"""


def token_of(world: World, booking: Booking) -> str:
    return sign_page_link(world.keys, "", link_to(booking)).partition("#")[2]


async def look(client: Client, token: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = (await client.ask(LINKED, token=token))["linkedBooking"]
    return found


async def test_customers_answer_by_a_link_without_signing_in(world: World, api: Client) -> None:
    clinic = await Clinic.open(world, name={"en": "Visit"})
    booking = await clinic.booking()
    token = token_of(world, booking)
    assert await look(api, token) == {
        "bookingState": "CONFIRMED",
        "localStart": f"{booking.local_start:%Y-%m-%dT%H:%M}",
        "service": "Visit",
        "vendor": clinic.vendor.name,
        "isComing": False,
        "refundBps": 0,
        "refund": None,
    }
    for _ in range(2):
        assert await api.refusal_codes("confirmAttendanceByLink", {"token": token}) == []
    assert (await world.fresh(booking)).is_coming
    seen = await look(api, token)
    assert seen is not None
    assert seen["isComing"]


async def test_a_link_cancels_by_the_terms_of_the_booking(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    booking = await clinic.booking(refund_tiers=[[60, 5_000]])
    token = token_of(world, booking)
    too_much = {"token": token, "refundBps": 10_000}
    assert await api.refusal_codes("cancelBookingByLink", too_much) == ["CANCEL_TOO_LATE"]
    given = {"token": token, "refundBps": 5_000, "reason": "Ill"}
    for _ in range(2):
        assert await api.refusal_codes("cancelBookingByLink", given) == []
    cancelled = await world.fresh(booking)
    assert (cancelled.state, cancelled.cancelled_by, cancelled.reason) == (
        BookingState.CANCELLED,
        "CUSTOMER",
        "Ill",
    )
    assert await clinic.claims(clinic.asha) == []
    seen = await look(api, token)
    assert seen is not None
    assert (seen["bookingState"], seen["refundBps"]) == ("CANCELLED", None)
    coming = await api.refusal_codes("confirmAttendanceByLink", {"token": token})
    assert coming == ["BOOKING_STATE"]
    async with world.database.session() as session:
        told = {(one.kind, one.user_id) for one in await session.exec(select(Notification))}
    cancelled_kind = NotificationKind.BOOKING_CANCELLED
    assert told == {(cancelled_kind, clinic.owner.id), (cancelled_kind, clinic.customer.id)}


async def test_a_move_and_the_start_end_the_link(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    moved, begun = await clinic.booking(), await clinic.booking(starts_at=clinic.at(12))
    tokens = [token_of(world, one) for one in (moved, begun)]
    row = await world.fresh(moved)
    row.revision = 1
    await world.save(row)
    row = await world.fresh(begun)
    row.ends_at += now() - row.starts_at
    row.starts_at = now()
    await world.save(row)
    other = world.keys.sign_link({"method": "TICKETS"}, 2**33)
    for token in (*tokens, other, "forged", tokens[0][:-4] + "AAAA"):
        assert await look(api, token) is None
        for name in ("confirmAttendanceByLink", "cancelBookingByLink"):
            assert await api.refusal_codes(name, {"token": token}) == ["BOOKING_LINK_ENDED"]
    assert (await world.fresh(moved)).state is BookingState.CONFIRMED


async def test_a_link_names_a_booking_and_its_revision(world: World) -> None:
    clinic = await Clinic.open(world)
    booking = await clinic.booking(revision=3)
    assert BookingLink.read(world.keys, token_of(world, booking)) == BookingLink(booking.id, 3)


async def test_customers_confirm_in_the_app_and_members_see_it(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    booking = await clinic.booking()
    input = {"bookingId": gid(booking)}
    assert await api.mutation_failed("confirmAttendance", input) == ["UNAUTHENTICATED"]
    for user in (await world.user(), clinic.owner):
        refused = await api.signed_in(user).refusal_codes("confirmAttendance", input)
        assert refused == ["NOT_FOUND"]
    customer = api.signed_in(clinic.customer)
    assert await customer.refusal_codes("confirmAttendance", input) == []
    query = "query ($id: ID!) { booking(id: $id) { isComing } }"
    member = api.signed_in(await clinic.member(MemberRole.STAFF))
    assert (await member.ask(query, id=gid(booking)))["booking"] == {"isComing": True}
    row = await world.fresh(booking)
    row.revision = 1
    await world.save(row)
    assert (await member.ask(query, id=gid(booking)))["booking"] == {"isComing": False}


async def test_vendors_choose_reminders_for_all_services_and_for_one(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(clinic.owner)
    vendor, service = gid(clinic.vendor), gid(clinic.visit)

    async def chosen(of: str | None = None) -> tuple[list[int], bool]:
        found = (await client.ask(CHOSEN, vendor=vendor, service=of))["bookingReminders"]
        return found["minutes"], found["chosen"]

    async def choose(minutes: list[int] | None, of: str | None = None) -> None:
        input = {"vendorId": vendor, "serviceId": of, "minutes": minutes}
        assert await client.refusal_codes("setBookingReminders", input) == []

    assert await chosen() == await chosen(service) == ([1440, 120], False)
    await choose([30, 60])
    assert (await chosen(), await chosen(service)) == (([60, 30], True), ([60, 30], False))
    await choose([], service)
    assert (await chosen(), await chosen(service)) == (([60, 30], True), ([], True))
    await choose([15], service)
    assert await chosen(service) == ([15], True)
    await choose(None, service)
    await choose(None)
    assert await chosen(service) == ([1440, 120], False)


async def test_reminders_have_limits(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(clinic.owner)
    for minutes in ([14], [20_161], [60, 60], [20, 30, 40, 50, 60]):
        input = {"vendorId": gid(clinic.vendor), "minutes": minutes}
        assert await client.refusal_codes("setBookingReminders", input) == ["INVALID_INPUT"]


async def test_reminders_of_others_are_out_of_reach(world: World, api: Client) -> None:
    clinic, other = await Clinic.open(world), await Clinic.open(world)
    input = {"vendorId": gid(clinic.vendor), "minutes": [60]}
    assert await api.mutation_failed("setBookingReminders", input) == ["UNAUTHENTICATED"]
    for user in (clinic.customer, other.owner, await clinic.member(MemberRole.STAFF)):
        refused = await api.signed_in(user).refusal_codes("setBookingReminders", input)
        assert refused == ["NOT_FOUND"]
    of_other = input | {"serviceId": gid(other.visit)}
    owner = api.signed_in(clinic.owner)
    assert await owner.refusal_codes("setBookingReminders", of_other) == ["NOT_FOUND"]
