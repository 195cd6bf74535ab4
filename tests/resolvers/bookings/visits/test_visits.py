"""Visits as members note them: arrivals, ends, and customers who did not come."""

from datetime import datetime, timedelta

import pytest

from core.clock import now
from models.audit import AuditEntry
from models.bookings.bookings import EARLY_MINUTES, Booking, BookingState
from models.notifications.inbox import NotificationKind
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import BOOKING
from tests.resolvers.bookings.stored import kinds


def minutes_ago(minutes: int) -> datetime:
    return (now() - timedelta(minutes=minutes)).replace(second=0, microsecond=0)


@pytest.mark.parametrize("mutation", ["markArrived", "completeBooking", "markNoShow", "undoNoShow"])
async def test_visits_are_closed_by_staff_alone(world: World, api: Client, mutation: str) -> None:
    clinic = await Clinic.open(world)
    booking = await clinic.booking(starts_at=minutes_ago(15))
    input = {"bookingId": gid(booking)}
    assert await api.mutation_failed(mutation, input) == ["UNAUTHENTICATED"]
    for wrong in (clinic.customer, await clinic.member(MemberRole.SCANNER), await world.user()):
        assert await api.signed_in(wrong).refusal_codes(mutation, input) == ["NOT_FOUND"]
    staff = api.signed_in(await clinic.member(MemberRole.STAFF))
    assert await staff.refusal_codes(mutation, input) == []


async def test_mark_arrived_once_and_not_days_before(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    today = await clinic.booking(starts_at=minutes_ago(-30))
    later = await clinic.booking(starts_at=clinic.at(10, ahead=3))
    staff = api.signed_in(clinic.owner)
    shown = "booking { arrivedAt }"
    arrived = await staff.do("markArrived", {"bookingId": gid(today)}, shown)
    assert arrived["booking"]["arrivedAt"] is not None
    assert await staff.do("markArrived", {"bookingId": gid(today)}, shown) == arrived
    assert await staff.refusal_codes("markArrived", {"bookingId": gid(later)}) == ["BOOKING_STATE"]
    assert await staff.refusal_codes("completeBooking", {"bookingId": gid(later)}) == [
        "BOOKING_STATE"
    ]


@pytest.mark.parametrize(
    ("minutes", "arrives", "refused"),
    [
        (EARLY_MINUTES + 2, True, True),
        (EARLY_MINUTES - 2, True, False),
        (2, False, True),
        (-1, False, False),
    ],
)
async def test_a_visit_is_not_over_long_before_its_start(
    world: World, api: Client, minutes: int, arrives: bool, refused: bool
) -> None:
    """A customer who has arrived in the morning of a visit has not had it."""
    clinic = await Clinic.open(world)
    booking = await clinic.booking(starts_at=minutes_ago(-minutes))
    staff, input = api.signed_in(clinic.owner), {"bookingId": gid(booking)}
    if arrives:
        assert await staff.refusal_codes("markArrived", input) == []
    codes = await staff.refusal_codes("completeBooking", input)
    assert codes == (["BOOKING_STATE"] if refused else [])
    state = BookingState.CONFIRMED if refused else BookingState.COMPLETED
    assert (await world.fresh(booking)).state is state


async def test_complete_booking_frees_what_is_left_of_its_time(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    booking = await clinic.booking(starts_at=minutes_ago(10))
    staff = api.signed_in(clinic.owner)
    done = await staff.do("completeBooking", {"bookingId": gid(booking)}, BOOKING)
    assert done["booking"]["bookingState"] == "COMPLETED"
    assert await staff.do("completeBooking", {"bookingId": gid(booking)}, BOOKING) == done
    assert await clinic.claims(clinic.asha) == []
    assert (await world.newest(AuditEntry)).act == "COMPLETE_BOOKING"


async def test_no_shows_are_noted_after_ten_minutes_and_taken_back(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world)
    early = await clinic.booking(starts_at=minutes_ago(5))
    booking = await clinic.booking(starts_at=minutes_ago(15), staff=clinic.ravi, lane=1)
    staff = api.signed_in(clinic.owner)
    assert await staff.refusal_codes("markNoShow", {"bookingId": gid(early)}) == ["BOOKING_STATE"]
    input = {"bookingId": gid(booking)}
    missed = await staff.do("markNoShow", input, BOOKING)
    assert missed["booking"]["bookingState"] == "NO_SHOW"
    assert await staff.do("markNoShow", input, BOOKING) == missed
    assert await clinic.claims(clinic.ravi) == [], "the rest of the time is free"
    assert await kinds(world) == [NotificationKind.BOOKING_NO_SHOW]
    undone = await staff.do("undoNoShow", input, BOOKING)
    assert undone["booking"]["bookingState"] == "CONFIRMED"
    assert await staff.do("undoNoShow", input, BOOKING) == undone
    assert len(await clinic.claims(clinic.ravi)) == 1
    assert len(await clinic.claims(clinic.room)) == 2


async def test_a_no_show_whose_time_is_taken_becomes_completed(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    start = minutes_ago(15)
    booking = await clinic.booking(starts_at=start)
    staff = api.signed_in(clinic.owner)
    await staff.do("markNoShow", {"bookingId": gid(booking)}, BOOKING)
    await clinic.booking(await world.user(), start + timedelta(minutes=10))
    undone = await staff.do("undoNoShow", {"bookingId": gid(booking)}, BOOKING)
    assert undone["booking"]["bookingState"] == "COMPLETED"
    assert len(await clinic.claims(clinic.asha)) == 1
    again = await staff.do("markNoShow", {"bookingId": gid(booking)}, BOOKING)
    assert again["booking"]["bookingState"] == "NO_SHOW", "it can be corrected for seven days"


@pytest.mark.parametrize("state", [BookingState.NO_SHOW, BookingState.COMPLETED])
async def test_visits_of_long_ago_stay_as_they_are(
    world: World, api: Client, state: BookingState
) -> None:
    clinic = await Clinic.open(world)
    old = now() - timedelta(days=8)
    booking = await clinic.booking(
        starts_at=old.replace(second=0, microsecond=0), state=state, ended_at=old
    )
    staff = api.signed_in(clinic.owner)
    mutation = "undoNoShow" if state is BookingState.NO_SHOW else "markNoShow"
    assert await staff.refusal_codes(mutation, {"bookingId": gid(booking)}) == ["BOOKING_STATE"]


async def test_who_has_arrived_is_no_no_show(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    booking: Booking = await clinic.booking(starts_at=minutes_ago(15), arrived_at=now())
    staff = api.signed_in(clinic.owner)
    assert await staff.refusal_codes("markNoShow", {"bookingId": gid(booking)}) == ["BOOKING_STATE"]


async def test_a_customer_who_arrived_is_no_no_show_after_the_visit_either(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world)
    booking = await clinic.booking(starts_at=minutes_ago(15))
    staff, input = api.signed_in(clinic.owner), {"bookingId": gid(booking)}
    for mutation in ("markArrived", "completeBooking"):
        assert await staff.refusal_codes(mutation, input) == []
    assert await staff.refusal_codes("markNoShow", input) == ["BOOKING_STATE"]
    assert (await world.fresh(booking)).state is BookingState.COMPLETED
