"""The booking waitlist: joined, left and declined as a client, also as the wrong user."""

from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from core.database import Database
from models.bookings.bookings import BookingState
from models.bookings.waits import MAX_WAITS, BookingWait, BookingWaitState
from models.notifications.inbox import NotificationKind
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.vendors import outsider
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import BOOKING, cancel_input, hold_input
from tests.resolvers.bookings.stored import expire, kinds
from tests.resolvers.bookings.waiting import WAIT, holds_of, join_input, serve, state_of, waiting

OWN = "{ bookingWaits { totalCount nodes { id state } } }"
LISTED = """query ($id: ID!, $where: BookingWaitWhere) {
  bookingWaitlist(vendorId: $id, where: $where) { nodes { id } }
}"""


async def test_join_waits_for_the_time_that_is_taken(
    world: World, api: Client, database: Database
) -> None:
    clinic = await Clinic.open(world)
    taken = await clinic.booking(await world.user())
    client, input = api.signed_in(clinic.customer), join_input(clinic, clinic.asha)
    joined = await client.do("joinBookingWaitlist", input, WAIT)
    assert joined["errors"] == []
    day = clinic.day().isoformat()
    assert joined["bookingWait"] == {
        "id": joined["bookingWait"]["id"],
        "state": "WAITING",
        "fromDay": day,
        "untilDay": day,
        "weekdays": [1, 2, 3, 4, 5, 6, 7],
        "dayFrom": "10:00",
        "dayUntil": "10:30",
        "lapses": 0,
        "endedAt": None,
        "service": {"id": gid(clinic.visit)},
        "staff": {"id": gid(clinic.asha)},
        "booking": None,
    }
    assert await client.do("joinBookingWaitlist", input, WAIT) == joined
    assert await serve(clinic) == 0, "nothing is free"
    desk = api.signed_in(clinic.owner)
    assert await desk.refusal_codes("cancelBooking", cancel_input(taken)) == []
    assert await serve(clinic) == 1
    wait = await world.first(BookingWait)
    (held,) = await holds_of(clinic, wait)
    assert (held.starts_at, held.staff_id) == (taken.starts_at, clinic.asha.id)
    assert held.expires_at is not None
    assert timedelta(minutes=119) < held.expires_at - now() <= timedelta(minutes=120)
    assert NotificationKind.BOOKING_WAIT_HOLD in await kinds(world)
    await client.do("confirmBooking", {"bookingId": gid(held)})
    assert await state_of(clinic, wait) is BookingWaitState.BOOKED
    cancelled = await client.do("cancelBooking", cancel_input(held), BOOKING)
    assert cancelled["booking"]["bookingState"] == "CANCELLED"
    assert await state_of(clinic, wait) is BookingWaitState.BOOKED
    assert (await client.ask(OWN))["bookingWaits"]["nodes"] == [
        {"id": gid(wait), "state": "BOOKED"}
    ]
    await check_invariants(database)


async def test_join_refuses_while_a_wanted_time_is_free(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(clinic.customer)
    wish = join_input(clinic, clinic.asha)
    assert await client.refusal_codes("joinBookingWaitlist", wish) == ["TIMES_LEFT"]
    await clinic.booking()
    assert await client.refusal_codes("joinBookingWaitlist", wish) == []
    assert await client.refusal_codes("joinBookingWaitlist", join_input(clinic)) == [
        "BOOKING_WAIT_EXISTS"
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"untilDay": "2020-01-01", "fromDay": "2020-01-01"}, "untilDay"),
        ({"fromDay": "2090-01-02", "untilDay": "2090-01-01"}, "untilDay"),
        ({"fromDay": "2090-01-01", "untilDay": "2090-01-01"}, "untilDay"),
        ({"fromDay": "2026-01-01", "untilDay": "2099-01-01"}, "untilDay"),
        ({"weekdays": [8]}, "weekdays"),
        ({"weekdays": []}, "weekdays"),
        ({"dayFrom": "11:00"}, "dayUntil"),
    ],
)
async def test_join_refuses_what_makes_no_window(
    world: World, api: Client, changes: dict[str, Any], field: str
) -> None:
    clinic = await Clinic.open(world)
    client, input = api.signed_in(clinic.customer), join_input(clinic, **changes)
    refused = await client.do("joinBookingWaitlist", input, "errors { code field }")
    assert [one["code"] for one in refused["errors"]] == ["INVALID_INPUT"]
    assert refused["errors"][0]["field"][-1:] in ([field], ["0"])


async def test_join_refuses_wrong_services_staff_and_pets(world: World, api: Client) -> None:
    clinic = await Clinic.open(world, needs_pet=True)
    await clinic.booking()
    client = api.signed_in(clinic.customer)

    async def codes(**changes: Any) -> list[str]:
        input = join_input(clinic, clinic.asha, **changes)
        return await client.refusal_codes("joinBookingWaitlist", input)

    assert await codes() == ["PET_REQUIRED"]
    assert await codes(petId=gid(await world.pet(await world.user()))) == ["NOT_FOUND"]
    pet = gid(await world.pet(clinic.customer))
    assert await codes(petId=pet, staffId=gid(clinic.room)) == ["NOT_FOUND"]
    other = await world.service(await world.vendor(), state="DRAFT")
    assert await codes(petId=pet, serviceId=gid(other)) == ["NOT_FOUND"]
    assert await codes(petId=pet) == []
    await world.save(
        *[
            BookingWait(
                user_id=clinic.customer.id,
                vendor_id=clinic.vendor.id,
                service_id=(await world.service(clinic.vendor, clinic.asha)).id,
                from_day=clinic.day(),
                until_day=clinic.day(),
            )
            for _ in range(MAX_WAITS - 1)
        ]
    )
    other = await world.service(clinic.vendor, clinic.asha)
    assert await codes(serviceId=gid(other)) == ["BOOKING_WAIT_LIMIT"]


async def test_leave_gives_back_what_is_held(world: World, api: Client, database: Database) -> None:
    clinic = await Clinic.open(world)
    wait, next_one = await waiting(clinic, clinic.customer), await waiting(clinic)
    assert await serve(clinic) == 1
    input = {"bookingWaitId": gid(wait)}
    assert await api.mutation_failed("leaveBookingWaitlist", input) == ["UNAUTHENTICATED"]
    for wrong in (await world.user(), clinic.owner):
        refused = await api.signed_in(wrong).refusal_codes("leaveBookingWaitlist", input)
        assert refused == ["NOT_FOUND"]
    client = api.signed_in(clinic.customer)
    for _ in range(2):
        left = await client.do("leaveBookingWaitlist", input, WAIT)
        assert (left["bookingWait"]["state"], left["bookingWait"]["booking"]) == ("LEFT", None)
    (held,) = await holds_of(clinic, wait)
    assert held.state is BookingState.CANCELLED
    assert await serve(clinic) == 1
    assert await state_of(clinic, next_one) is BookingWaitState.HOLDING
    booked = BookingWaitState.BOOKED
    ended = await waiting(clinic, clinic.customer, state=booked, ended_at=now())
    codes = await client.refusal_codes("leaveBookingWaitlist", {"bookingWaitId": gid(ended)})
    assert codes == ["BOOKING_WAIT_STATE"]
    await check_invariants(database)


async def test_decline_serves_the_next_and_waits_for_another_time(
    world: World, api: Client, database: Database
) -> None:
    clinic = await Clinic.open(world)
    later = await clinic.booking(starts_at=clinic.at(10, 30))
    wait = await waiting(clinic, clinic.customer, day_until=660)
    next_one = await waiting(clinic)
    await serve(clinic)
    (held,) = await holds_of(clinic, wait)
    input = {"bookingId": gid(held)}
    assert await api.mutation_failed("declineBookingWaitlistHold", input) == ["UNAUTHENTICATED"]
    for wrong in (await world.user(), clinic.owner):
        refused = await api.signed_in(wrong).refusal_codes("declineBookingWaitlistHold", input)
        assert refused == ["NOT_FOUND"]
    client = api.signed_in(clinic.customer)
    for _ in range(2):
        declined = await client.do("declineBookingWaitlistHold", input, WAIT)
        assert declined["errors"] == []
        assert declined["bookingWait"]["state"] == "WAITING"
    assert await serve(clinic) == 1
    assert await state_of(clinic, next_one) is BookingWaitState.HOLDING
    await client.do("cancelBooking", cancel_input(later))
    assert await serve(clinic) == 1, "the time that was declined is not held again"
    _, second = await holds_of(clinic, wait)
    assert second.starts_at == later.starts_at
    await client.do("confirmBooking", {"bookingId": gid(second)})
    for booking, code in ((second, "BOOKING_HOLD_EXPIRED"), (later, "NOT_FOUND")):
        codes = await client.refusal_codes(
            "declineBookingWaitlistHold", {"bookingId": gid(booking)}
        )
        assert codes == [code]
    await check_invariants(database)


async def test_members_see_who_waits_and_others_do_not(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    wait = await waiting(clinic, clinic.customer)
    ended = await waiting(clinic, state=BookingWaitState.LEFT, ended_at=now())
    variables = {"id": gid(clinic.vendor)}
    for role in (MemberRole.STAFF, MemberRole.OWNER):
        client = api.signed_in(await clinic.member(role))
        found = await client.ask(LISTED, **variables)
        assert found["bookingWaitlist"]["nodes"] == [{"id": gid(ended)}, {"id": gid(wait)}]
        where = {"states": ["WAITING"], "serviceId": gid(clinic.visit)}
        found = await client.ask(LISTED, **variables, where=where)
        assert found["bookingWaitlist"]["nodes"] == [{"id": gid(wait)}]
        where = {"serviceId": gid(clinic.yoga)}
        found = await client.ask(LISTED, **variables, where=where)
        assert found["bookingWaitlist"]["nodes"] == []
    wrong = (
        clinic.customer,
        await clinic.member(MemberRole.SCANNER),
        await outsider(world, clinic.vendor, "another vendor's owner"),
    )
    for user in wrong:
        found = await api.signed_in(user).ask(LISTED, **variables)
        assert found["bookingWaitlist"]["nodes"] == []
    assert (await api.signed_in(clinic.owner).ask(OWN))["bookingWaits"]["nodes"] == []


async def test_members_learn_who_waits_also_without_a_booking(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    await waiting(clinic, clinic.customer)
    query = """query ($id: ID!) {
      bookingWaitlist(vendorId: $id) { nodes { customer { id name } } }
    }"""
    client = api.signed_in(await clinic.member(MemberRole.STAFF))
    found = await client.ask(query, id=gid(clinic.vendor))
    known = {"id": gid(clinic.customer), "name": clinic.customer.name}
    assert found["bookingWaitlist"]["nodes"] == [{"customer": known}]
    node = "query ($id: ID!) { node(id: $id) { id } }"
    wrong = (
        await world.user(),
        await clinic.member(MemberRole.SCANNER),
        await outsider(world, clinic.vendor, "another vendor's owner"),
    )
    for user in wrong:
        assert (await api.signed_in(user).ask(node, id=gid(clinic.customer)))["node"] is None


async def test_members_see_the_pet_that_waits_while_it_does(world: World, api: Client) -> None:
    """As they see the pet of a booking: without its records."""
    clinic = await Clinic.open(world, needs_pet=True)
    pet = await world.pet(clinic.customer)
    wait = await waiting(clinic, clinic.customer, pet_id=pet.id)
    query = """query ($id: ID!, $pet: ID!) {
      bookingWaitlist(vendorId: $id) { nodes { pet { id name } } }
      node(id: $pet) { ... on Pet { id vaccinations { id } } }
    }"""
    given = {"id": gid(clinic.vendor), "pet": gid(pet)}
    client = api.signed_in(await clinic.member(MemberRole.STAFF))
    found = await client.ask(query, **given)
    assert found["bookingWaitlist"]["nodes"] == [{"pet": {"id": gid(pet), "name": pet.name}}]
    assert found["node"] == {"id": gid(pet), "vaccinations": []}
    for user in (
        await clinic.member(MemberRole.SCANNER),
        await outsider(world, clinic.vendor, "another vendor's owner"),
    ):
        assert (await api.signed_in(user).ask(query, **given))["node"] is None
    left = {"bookingWaitId": gid(wait)}
    assert await api.signed_in(clinic.customer).refusal_codes("leaveBookingWaitlist", left) == []
    found = await client.ask(query, **given)
    assert found["bookingWaitlist"]["nodes"] == [{"pet": None}]
    assert found["node"] is None


async def test_anybody_can_take_the_time_before(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    wait = await waiting(clinic, clinic.customer)
    client = api.signed_in(await world.user())
    input = hold_input(clinic.visit, clinic.at(10), clinic.asha)
    held = await client.do("holdBooking", input, BOOKING)
    assert await serve(clinic) == 0
    assert await state_of(clinic, wait) is BookingWaitState.WAITING
    await client.do("releaseBooking", {"bookingId": held["booking"]["id"]})
    assert await serve(clinic) == 1


async def test_two_times_that_are_not_booked_end_a_wait(
    world: World, api: Client, database: Database
) -> None:
    clinic = await Clinic.open(world)
    wait = await waiting(clinic, clinic.customer, day_until=690)
    found = []
    for lapses in (1, 2):
        assert await serve(clinic) == 1
        held = (await holds_of(clinic, wait))[-1]
        found.append(held.starts_at)
        await expire(world, held)
        # The next one who looks at the time ends it.
        client = api.signed_in(await world.user())
        start = hold_input(clinic.visit, held.starts_at, clinic.asha)
        assert await client.refusal_codes("holdBooking", start) == []
        assert (await world.fresh(wait)).lapses == lapses
    assert found == [clinic.at(10), clinic.at(10, 30)]
    assert await state_of(clinic, wait) is BookingWaitState.LAPSED
    assert await serve(clinic) == 0
    await check_invariants(database)
