"""Bookings that are moved to another time, in place."""

from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from core.clock import now
from models.bookings.bookings import BookingState
from models.bookings.moves import BookingMove, BookingResource
from models.bookings.setting_up.resources import ResourceKind
from models.bookings.setting_up.services import Service, ServiceNeed
from models.notifications.inbox import NotificationKind
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import BOOKING, hold_input, move_input
from tests.resolvers.bookings.stored import kinds

MOVED = """booking {
  id revision startsAt localStart movesLeft moves { revision byVendor fromStartsAt startsAt }
}"""

ENDS = ("expires_at", "hard_until")


async def test_reschedule_booking_onto_its_own_time(world: World, api: Client) -> None:
    clinic = await Clinic.open(world, duration=60, step=15)
    booking = await clinic.booking(starts_at=clinic.at(11, 30), revision=4)
    await world.save(await world.fresh(booking))
    client = api.signed_in(clinic.customer)
    input = move_input(booking, clinic.at(11, 45))
    moved = await client.do("rescheduleBooking", input, MOVED)
    assert moved["errors"] == []
    assert moved["booking"]["id"] == gid(booking)
    assert (moved["booking"]["revision"], moved["booking"]["movesLeft"]) == (5, 2)
    assert moved["booking"]["localStart"] == f"{clinic.day()}T11:45"
    (move,) = moved["booking"]["moves"]
    assert (move["revision"], move["byVendor"]) == (5, False)
    assert await client.do("rescheduleBooking", input, MOVED) == moved
    assert await clinic.claims(clinic.asha) == [(clinic.at(11, 45), clinic.at(12, 45), 0)]
    assert len(await clinic.claims(clinic.room)) == 1
    assert await kinds(world) == [NotificationKind.BOOKING_MOVED] * 2, "the customer and the owner"
    other = api.signed_in(await world.user())
    freed = hold_input(clinic.visit, clinic.at(10, 45), clinic.asha)
    assert await other.refusal_codes("holdBooking", freed) == [], "what it left is free"


async def test_a_move_to_the_time_that_it_has_costs_no_move(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    booking = await clinic.booking(starts_at=clinic.at(10), staff=clinic.ravi)
    client = api.signed_in(clinic.customer)
    for staff in ({}, {"staffId": gid(clinic.ravi)}):
        same = move_input(booking, clinic.at(10)) | {"idempotencyKey": str(staff)} | staff
        stays = await client.do("rescheduleBooking", same, MOVED)
        assert stays["errors"] == []
        assert (stays["booking"]["movesLeft"], stays["booking"]["moves"]) == (3, [])
    assert await kinds(world) == []
    other = move_input(booking, clinic.at(10)) | {"staffId": gid(clinic.asha)}
    moved = await client.do("rescheduleBooking", other, MOVED)
    assert moved["booking"]["movesLeft"] == 2, "other staff are a move"


async def test_a_move_keeps_the_staff_if_they_are_free_and_else_takes_others(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world)
    booking = await clinic.booking(starts_at=clinic.at(10), staff=clinic.ravi)
    await clinic.booking(await world.user(), clinic.at(12), clinic.ravi)
    client = api.signed_in(clinic.customer)
    for hour, staff in ((11, clinic.ravi), (12, clinic.asha)):
        fresh = await world.fresh(booking)
        moved = await client.do("rescheduleBooking", move_input(fresh, clinic.at(hour)), BOOKING)
        assert moved["errors"] == []
        fresh = await world.fresh(booking)
        assert fresh.staff_id == staff.id
    async with world.database.session() as session:
        rows = select(BookingResource.resource_id).where(BookingResource.booking_id == booking.id)
        used = set((await session.exec(rows)).all())
        moves = (await session.exec(select(BookingMove).order_by(col(BookingMove.revision)))).all()
    assert used == {clinic.asha.id, clinic.room.id}
    assert [(one.from_staff_id, one.staff_id) for one in moves] == [
        (clinic.ravi.id, clinic.ravi.id),
        (clinic.ravi.id, clinic.asha.id),
    ]


async def test_a_refused_move_leaves_the_booking_as_it_is(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    booking = await clinic.booking(starts_at=clinic.at(10))
    await clinic.booking(await world.user(), clinic.at(12), clinic.asha)
    client = api.signed_in(clinic.customer)
    taken = move_input(booking, clinic.at(12), clinic.asha)
    assert await client.refusal_codes("rescheduleBooking", taken) == ["SLOT_TAKEN"]
    closed = move_input(booking, clinic.at(20))
    assert await client.refusal_codes("rescheduleBooking", closed) == ["SLOT_NOT_OFFERED"]
    stale = move_input(booking, clinic.at(15)) | {"revision": 7}
    payload = await client.do(
        "rescheduleBooking", stale, "errors { ...on BookingChanged { revision } }"
    )
    assert payload["errors"][0]["code"] == "BOOKING_CHANGED"
    assert payload["errors"][0]["revision"] == 0
    assert (await world.fresh(booking)).starts_at == clinic.at(10)
    assert [one[0] for one in await clinic.claims(clinic.asha)] == [clinic.at(10), clinic.at(12)]


async def test_customers_move_as_the_terms_allow_and_members_always(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world)
    spent = await clinic.booking(starts_at=clinic.at(10), moves_left=0)
    until = int((clinic.at(11) - now()) / timedelta(minutes=1)) + 1
    late = await clinic.booking(starts_at=clinic.at(11), move_minutes=until)
    ended = await clinic.booking(starts_at=clinic.at(12), state=BookingState.CANCELLED)
    client = api.signed_in(clinic.customer)
    for booking, code in (
        (spent, "MOVE_TOO_LATE"),
        (late, "MOVE_TOO_LATE"),
        (ended, "BOOKING_STATE"),
    ):
        input = move_input(booking, clinic.at(15))
        assert await client.refusal_codes("rescheduleBooking", input) == [code]
    staff = api.signed_in(await clinic.member(MemberRole.STAFF))
    input = move_input(spent, clinic.at(15))
    moved = await staff.do("rescheduleBooking", input, MOVED)
    assert moved["errors"] == []
    assert [one["byVendor"] for one in moved["booking"]["moves"]] == [True]
    assert await kinds(world) == [NotificationKind.BOOKING_MOVED]
    for wrong in (await clinic.member(MemberRole.SCANNER), await world.user()):
        assert await api.signed_in(wrong).refusal_codes("rescheduleBooking", input) == ["NOT_FOUND"]
    assert await api.mutation_failed("rescheduleBooking", input) == ["UNAUTHENTICATED"]


async def test_a_dearer_time_adds_to_what_is_paid_at_the_visit(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    service = await world.service(clinic.vendor, price=500_00, pay_at_desk=False)
    cheap, dear = [await world.working(clinic.vendor) for _ in range(2)]
    await world.service_resource(service, cheap)
    await world.service_resource(service, dear, price=900_00)
    await need_staff(world, service)
    booking = await world.booking(clinic.customer, service, clinic.at(10), cheap, due_online=500_00)
    client = api.signed_in(clinic.customer)
    shown = "booking { price { decimal } dueOnline { decimal } }"
    moved = await client.do("rescheduleBooking", move_input(booking, clinic.at(11), dear), shown)
    assert moved["booking"] == {
        "price": {"decimal": "900.00"},
        "dueOnline": {"decimal": "500.00"},
    }


async def need_staff(world: World, service: Service) -> None:
    await world.save(ServiceNeed(service_id=service.id, kind=ResourceKind.STAFF, count=1))


async def test_a_request_that_moves_earlier_ends_at_its_new_start(
    world: World, api: Client
) -> None:
    """Otherwise it could be approved after it began."""
    clinic = await Clinic.open(world)
    start = clinic.at(10, ahead=4)
    asked: dict[str, Any] = {
        "state": BookingState.REQUESTED,
        "expires_at": start,
        "hard_until": start,
    }
    booking = await clinic.booking(starts_at=start, **asked)
    client = api.signed_in(clinic.customer)
    assert await client.refusal_codes("rescheduleBooking", move_input(booking, clinic.at(11))) == []
    assert (await world.fresh(booking)).expires_at == clinic.at(11)


async def test_a_request_that_was_not_answered_in_time_cannot_move(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world)
    over = now() - timedelta(seconds=1)
    asked: dict[str, Any] = {
        "state": BookingState.REQUESTED,
        "expires_at": over,
        "hard_until": over,
    }
    booking = await clinic.booking(starts_at=clinic.at(10, ahead=4), **asked)
    client = api.signed_in(clinic.customer)
    input = move_input(booking, clinic.at(11))
    assert await client.refusal_codes("rescheduleBooking", input) == ["BOOKING_STATE"]
