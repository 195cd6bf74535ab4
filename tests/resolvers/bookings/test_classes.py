"""Places in classes: one meeting for several customers."""

from sqlmodel import col, select

from models.bookings.bookings import Booking, BookingState
from models.bookings.classes import ClassMeeting, MeetingState
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import BOOKING, cancel_input, hold_input, move_input
from tests.resolvers.bookings.stored import expire, row_of

MEETING = "booking { id bookingState meeting { id taken seats meetingState } }"


async def meetings(world: World) -> list[ClassMeeting]:
    async with world.database.session() as session:
        rows = select(ClassMeeting).order_by(col(ClassMeeting.created_at))
        return list((await session.exec(rows)).all())


async def book(clinic: Clinic, api: Client, hour: int = 10) -> tuple[Client, Booking]:
    """Book a place of the class for a new user."""
    client = api.signed_in(await clinic.world.user())
    held = await client.do("holdBooking", hold_input(clinic.yoga, clinic.at(hour)), MEETING)
    assert held["errors"] == []
    await client.do("confirmBooking", {"bookingId": held["booking"]["id"]}, BOOKING)
    return client, await row_of(clinic.world, held)


async def test_customers_share_a_meeting_and_one_leaves_while_the_others_stay(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world)
    first, booking = await book(clinic, api)
    _, other = await book(clinic, api)
    assert booking.meeting_id == other.meeting_id
    (meeting,) = await meetings(world)
    assert (meeting.taken, meeting.seats, meeting.staff_id) == (2, 5, clinic.asha.id)
    assert meeting.room_id == clinic.hall.id
    assert await clinic.claims(clinic.asha) == [(clinic.at(10), clinic.at(11), 0)]
    assert await first.refusal_codes("holdBooking", hold_input(clinic.yoga, clinic.at(10))) == [
        "CLASS_BOOKED"
    ]

    assert await first.refusal_codes("cancelBooking", cancel_input(booking)) == []
    assert (await world.fresh(other)).state is BookingState.CONFIRMED
    assert (await world.fresh(meeting)).taken == 1
    assert len(await clinic.claims(clinic.asha)) == 1


async def test_a_meeting_that_nobody_comes_to_frees_its_staff_and_room(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world)
    client, booking = await book(clinic, api)
    assert await client.refusal_codes("cancelBooking", cancel_input(booking)) == []
    (meeting,) = await meetings(world)
    assert (meeting.taken, meeting.state) == (0, MeetingState.CANCELLED)
    assert await clinic.claims(clinic.asha) == await clinic.claims(clinic.hall) == []
    _, again = await book(clinic, api)
    assert again.meeting_id != meeting.id


async def test_a_full_meeting_is_refused_until_a_hold_of_it_expires(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world)
    for _ in range(4):
        await book(clinic, api)
    waiting = api.signed_in(await world.user())
    input = hold_input(clinic.yoga, clinic.at(10))
    held = await waiting.do("holdBooking", input, BOOKING)
    late = api.signed_in(await world.user())
    input = hold_input(clinic.yoga, clinic.at(10))
    assert await late.refusal_codes("holdBooking", input) == ["MEETING_FULL"]
    await expire(world, await row_of(world, held))
    payload = await late.do("holdBooking", input, MEETING)
    assert payload["booking"]["meeting"]["taken"] == 5


async def test_a_place_moves_to_another_meeting(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    client, booking = await book(clinic, api)
    await book(clinic, api, hour=14)
    moved = await client.do("rescheduleBooking", move_input(booking, clinic.at(14)), MEETING)
    assert moved["booking"]["meeting"]["taken"] == 2
    left, joined = await meetings(world)
    assert (left.state, left.taken) == (MeetingState.CANCELLED, 0)
    assert (joined.state, joined.taken) == (MeetingState.SCHEDULED, 2)
    assert await clinic.claims(clinic.asha) == [(clinic.at(14), clinic.at(15), 0)]
    back = await client.do(
        "rescheduleBooking", move_input(await world.fresh(booking), clinic.at(10)), MEETING
    )
    assert back["booking"]["meeting"]["taken"] == 1


async def test_an_appointment_and_a_class_do_not_overlap(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    await book(clinic, api)
    client = api.signed_in(clinic.customer)
    input = hold_input(clinic.visit, clinic.at(10, 30), clinic.asha)
    assert await client.refusal_codes("holdBooking", input) == ["SLOT_TAKEN"]
    await clinic.booking(starts_at=clinic.at(14))
    input = hold_input(clinic.yoga, clinic.at(14))
    assert await client.refusal_codes("holdBooking", input) == ["SLOT_TAKEN"]


async def test_meetings_are_seen_by_those_who_come(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    client, booking = await book(clinic, api)
    (meeting,) = await meetings(world)
    query = "query ($id: ID!) { node(id: $id) { id } }"
    assert (await client.ask(query, id=gid(meeting)))["node"] is not None
    stranger = api.signed_in(await world.user())
    assert (await stranger.ask(query, id=gid(meeting)))["node"] is None
    assert booking.meeting_id == meeting.id
