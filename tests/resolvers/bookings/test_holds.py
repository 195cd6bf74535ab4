"""Times that are held, confirmed, and given back."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from core.clock import now
from models.bookings.bookings import MAX_HELD, BookingSource, BookingState
from models.bookings.intake import BookingFile
from models.bookings.setting_up.services import ServiceState, StaffChoice
from models.notifications.inbox import Notification
from models.uploads import UploadPurpose
from models.vendors import MemberRole
from services.bookings.holding.access import visible_bookings, visible_meetings
from services.bookings.holding.ending import expire_bookings, find_overdue
from services.bookings.intake.access import visible_files
from services.viewer import Viewer
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import BOOKING, hold_input, keyed, move_input
from tests.resolvers.bookings.stored import expire, row_of

SHOWN = """booking {
  id bookingState bookingSource revision startsAt endsAt localStart timeZone expiresAt customerNote
  price { decimal } dueOnline { decimal } vendor { id } service { id } staff { name }
  meeting { taken } movesLeft
  cancelQuote { refundBps refund { decimal } until }
}"""


async def test_hold_booking_once_per_key_and_confirm_it(world: World, api: Client) -> None:
    clinic = await Clinic.open(world, buffer_before=10, buffer_after=5)
    client = api.signed_in(clinic.customer)
    start = clinic.at(10)
    input = hold_input(clinic.visit, start, clinic.asha, note="It is urgent.")
    held = await client.do("holdBooking", input, SHOWN)
    assert held["errors"] == []
    shown = held["booking"]
    assert (shown["bookingState"], shown["bookingSource"]) == ("HELD", "ONLINE")
    assert shown["localStart"] == f"{clinic.day()}T10:00"
    assert (shown["price"]["decimal"], shown["dueOnline"]["decimal"]) == ("500.00", "0.00")
    assert shown["staff"] == {"name": "Asha"}
    assert shown["service"] == {"id": gid(clinic.visit)}
    assert shown["cancelQuote"]["refundBps"] == 10_000
    assert await client.do("holdBooking", input, SHOWN) == held
    taken = (start - timedelta(minutes=10), start + timedelta(minutes=35), 0)
    assert await clinic.claims(clinic.asha) == [taken]
    assert await clinic.claims(clinic.room) == [taken]

    confirmed = await client.do("confirmBooking", {"bookingId": shown["id"]}, SHOWN)
    assert (confirmed["booking"]["bookingState"], confirmed["booking"]["expiresAt"]) == (
        "CONFIRMED",
        None,
    )
    assert await client.do("confirmBooking", {"bookingId": shown["id"]}, SHOWN) == confirmed
    async with world.database.session() as session:
        kinds = sorted(one.kind for one in (await session.exec(select(Notification))).all())
    assert kinds == ["BOOKING_CONFIRMED", "BOOKING_MADE"]
    listed = await client.ask("{ bookings { nodes { id } } }")
    assert listed["bookings"]["nodes"] == [{"id": shown["id"]}]
    other = api.signed_in(await world.user())
    assert await other.refusal_codes(
        "holdBooking", hold_input(clinic.visit, start, clinic.asha)
    ) == ["SLOT_TAKEN"]


async def test_a_hold_of_one_leaves_the_start_to_the_other_staff(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    start = clinic.at(10)
    taken = []
    for _ in range(2):
        client = api.signed_in(await world.user())
        held = await client.do("holdBooking", hold_input(clinic.visit, start), BOOKING)
        taken.append((await row_of(world, held)).staff_id)
    assert set(taken) == {clinic.asha.id, clinic.ravi.id}
    third = api.signed_in(await world.user())
    assert await third.refusal_codes("holdBooking", hold_input(clinic.visit, start)) == [
        "SLOT_TAKEN"
    ]


async def test_hold_booking_refuses_what_is_not_offered(world: World, api: Client) -> None:
    clinic = await Clinic.open(world, notice=60)
    client = api.signed_in(clinic.customer)
    tested = {
        clinic.at(8): "CLOSED",
        clinic.at(10, 7): "OFF_GRID",
        clinic.at(10) + timedelta(seconds=1): "OFF_GRID",
        now() - timedelta(days=1, minutes=1): "NOTICE",
        now() + timedelta(days=4_000): "HORIZON",
    }
    for start, reason in tested.items():
        payload = await client.do(
            "holdBooking",
            hold_input(clinic.visit, start),
            "errors { ...on SlotNotOffered { reason } }",
        )
        assert payload["errors"][0].get("reason") == reason, start
    assert await api.mutation_failed("holdBooking", hold_input(clinic.visit, clinic.at(10))) == [
        "UNAUTHENTICATED"
    ]


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (ServiceState.DRAFT, "NOT_FOUND"),
        (ServiceState.PAUSED, "SERVICE_STATE"),
        (ServiceState.ARCHIVED, "NOT_FOUND"),
    ],
)
async def test_hold_booking_of_a_service_that_is_not_active(
    world: World, api: Client, state: ServiceState, code: str
) -> None:
    clinic = await Clinic.open(world, state=state)
    client = api.signed_in(clinic.customer)
    assert await client.refusal_codes("holdBooking", hold_input(clinic.visit, clinic.at(10))) == [
        code
    ]


async def test_hold_booking_for_a_pet_needs_one(world: World, api: Client) -> None:
    clinic = await Clinic.open(world, needs_pet=True)
    client = api.signed_in(clinic.customer)
    assert await client.refusal_codes("holdBooking", hold_input(clinic.visit, clinic.at(10))) == [
        "PET_REQUIRED"
    ]


async def test_a_user_keeps_few_times_of_a_vendor_unconfirmed(world: World, api: Client) -> None:
    """Whatever their services: otherwise one user could keep all of a clinic's day."""
    clinic = await Clinic.open(world)
    until = now() + timedelta(minutes=10)
    held: dict[str, Any] = {"state": BookingState.HELD, "expires_at": until, "hard_until": until}
    for number in range(MAX_HELD):
        start = clinic.at(9 + number // 2, 30 * (number % 2))
        await clinic.booking(starts_at=start, staff=clinic.ravi, **held)
    client, input = api.signed_in(clinic.customer), hold_input(clinic.yoga, clinic.at(15))
    assert await client.refusal_codes("holdBooking", input) == ["HELD_BOOKING_LIMIT"]
    other = api.signed_in(await world.user())
    assert await other.refusal_codes("holdBooking", input) == []


async def test_a_user_has_at_most_so_many_bookings_to_come(world: World, api: Client) -> None:
    clinic = await Clinic.open(world, per_user_open=2)
    client = api.signed_in(clinic.customer)
    past = clinic.at(10) - timedelta(days=14)
    await clinic.booking(starts_at=past)
    await clinic.booking(starts_at=clinic.at(11))
    await clinic.booking(starts_at=clinic.at(12), state=BookingState.CANCELLED)
    start = clinic.at(10)
    held = await client.do("holdBooking", hold_input(clinic.visit, start), BOOKING)
    assert held["errors"] == []
    assert await client.refusal_codes("holdBooking", hold_input(clinic.visit, clinic.at(15))) == [
        "BOOKING_LIMIT"
    ]
    await client.do("releaseBooking", {"bookingId": held["booking"]["id"]}, BOOKING)
    held = await client.do("holdBooking", hold_input(clinic.visit, start), BOOKING)
    assert held["errors"] == []


async def test_release_booking_frees_its_time_once(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(clinic.customer)
    held = await client.do("holdBooking", hold_input(clinic.visit, clinic.at(10)), BOOKING)
    input = {"bookingId": held["booking"]["id"]}
    stranger = api.signed_in(await world.user())
    assert await stranger.refusal_codes("releaseBooking", input) == ["NOT_FOUND"]
    assert await api.signed_in(clinic.owner).refusal_codes("releaseBooking", input) == ["NOT_FOUND"]
    assert await api.mutation_failed("releaseBooking", input) == ["UNAUTHENTICATED"]
    released = await client.do("releaseBooking", input, BOOKING)
    assert released["booking"]["bookingState"] == "CANCELLED"
    assert await client.do("releaseBooking", input, BOOKING) == released
    assert await clinic.claims(clinic.asha) == []
    assert await client.refusal_codes("confirmBooking", input) == ["BOOKING_HOLD_EXPIRED"]
    confirmed = await clinic.booking()
    assert await client.refusal_codes("releaseBooking", {"bookingId": gid(confirmed)}) == [
        "BOOKING_HOLD_EXPIRED"
    ]


async def test_an_expired_hold_gives_way_before_its_job_runs(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(clinic.customer)
    start = clinic.at(10)
    held = await client.do("holdBooking", hold_input(clinic.visit, start, clinic.asha), BOOKING)
    booking = await row_of(world, held)
    await expire(world, booking)
    assert await client.refusal_codes("confirmBooking", {"bookingId": gid(booking)}) == [
        "BOOKING_HOLD_EXPIRED"
    ]
    other = api.signed_in(await world.user())
    taken = await other.do("holdBooking", hold_input(clinic.visit, start, clinic.asha), BOOKING)
    assert taken["errors"] == []
    assert (await world.fresh(booking)).state is BookingState.EXPIRED
    assert len(await clinic.claims(clinic.asha)) == 1


async def test_expired_holds_are_ended_and_those_that_are_not_stay(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(clinic.customer)
    bookings = []
    for hour in (10, 11):
        held = await client.do("holdBooking", hold_input(clinic.visit, clinic.at(hour)), BOOKING)
        bookings.append(await row_of(world, held))
    await expire(world, bookings[0])
    async with world.database.session() as session:
        assert await find_overdue(session) == [bookings[0].id]
    async with world.database.session() as session, session.begin():
        await expire_bookings(session, [one.id for one in bookings])
    states = [(await world.fresh(one)).state for one in bookings]
    assert states == [BookingState.EXPIRED, BookingState.HELD]


async def test_a_booking_that_is_paid_online_is_not_confirmed_without_an_order(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world, pay_at_desk=False, deposit=100_00)
    client = api.signed_in(clinic.customer)
    held = await client.do("holdBooking", hold_input(clinic.visit, clinic.at(10)), SHOWN)
    assert held["booking"]["dueOnline"]["decimal"] == "100.00"
    input = {"bookingId": held["booking"]["id"]}
    assert await client.refusal_codes("confirmBooking", input) == ["BOOKING_UNPAID"]


async def test_who_did_not_come_twice_pays_online(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(clinic.customer)
    for days in (3, 4):
        past = clinic.at(10) - timedelta(days=days * 7)
        await clinic.booking(starts_at=past, state=BookingState.NO_SHOW)
    held = await client.do("holdBooking", hold_input(clinic.visit, clinic.at(10)), SHOWN)
    assert held["booking"]["dueOnline"]["decimal"] == "500.00"


async def test_bookings_are_seen_by_their_customer_and_by_staff(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    booking = await clinic.booking()
    query = "query ($id: ID!) { booking(id: $id) { id customerNote } }"
    staff = await clinic.member(MemberRole.STAFF)
    scanner = await clinic.member(MemberRole.SCANNER)
    seen = {}
    for name, client in {
        "customer": api.signed_in(clinic.customer),
        "staff": api.signed_in(staff),
        "scanner": api.signed_in(scanner),
        "stranger": api.signed_in(await world.user()),
        "anonymous": api,
    }.items():
        found = await client.ask(query, id=gid(booking))
        seen[name] = found["booking"] is not None
    assert seen == {
        "customer": True,
        "staff": True,
        "scanner": False,
        "stranger": False,
        "anonymous": False,
    }


async def test_the_viewers_bookings_by_state_and_time(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    early = await clinic.booking(starts_at=clinic.at(10))
    late = await clinic.booking(starts_at=clinic.at(15), state=BookingState.CANCELLED)
    await clinic.booking(await world.user(), clinic.at(12))
    query = "query ($where: BookingWhere) { bookings(where: $where) { nodes { id } } }"
    client = api.signed_in(clinic.customer)

    async def ids(where: dict[str, object] | None) -> list[str]:
        found = await client.ask(query, where=where)
        return [one["id"] for one in found["bookings"]["nodes"]]

    assert await ids(None) == [gid(late), gid(early)]
    assert await ids({"states": ["CONFIRMED"]}) == [gid(early)]
    assert await ids({"startsFrom": clinic.at(11).isoformat()}) == [gid(late)]
    assert await ids({"startsBefore": clinic.at(11).isoformat()}) == [gid(early)]


async def test_nobody_without_an_account_sees_the_bookings_of_guests(
    world: World, api: Client
) -> None:
    """A guest has no user, and neither has an anonymous caller."""
    clinic = await Clinic.open(world)
    guest = await world.booking(
        None, clinic.visit, None, clinic.asha, clinic.room, source=BookingSource.DESK
    )
    meeting = await clinic.meeting(clinic.at(14))
    await world.booking(None, clinic.yoga, meeting=meeting, source=BookingSource.DESK)
    for node in (guest, meeting):
        assert (await api.ask("query ($id: ID!) { node(id: $id) { id } }", id=gid(node))) == {
            "node": None
        }
    upload = await world.upload(clinic.customer, purpose=UploadPurpose.DOCUMENT)
    await world.save(BookingFile(booking_id=guest.id, upload_id=upload.id, position=0))
    viewer = Viewer()
    async with world.database.session() as session:
        for rows in (visible_bookings, visible_meetings, visible_files):
            assert (await session.exec(rows(viewer))).all() == [], rows


async def test_hidden_staff_are_not_chosen_by_customers(world: World, api: Client) -> None:
    """Otherwise those who know an id could choose whom the vendor does not let them choose."""
    clinic = await Clinic.open(world, staff_choice=StaffChoice.HIDDEN)
    customer = api.signed_in(clinic.customer)
    chosen = hold_input(clinic.visit, clinic.at(10), clinic.ravi)
    assert await customer.refusal_codes("holdBooking", chosen) == ["INVALID_INPUT"]
    rule = {"first": f"{clinic.day()}T10:00:00", "unit": "WEEKLY", "count": 2}
    series = {"serviceId": gid(clinic.visit), "rule": rule, "onConflict": "SKIP"}
    series |= {"staffId": gid(clinic.ravi), **keyed()}
    assert await customer.refusal_codes("bookSeries", series) == ["INVALID_INPUT"]
    booking = await clinic.booking()
    move = move_input(booking, clinic.at(12), clinic.ravi)
    assert await customer.refusal_codes("rescheduleBooking", move) == ["INVALID_INPUT"]
    staff = api.signed_in(await clinic.member(MemberRole.STAFF))
    assert await staff.refusal_codes("rescheduleBooking", move) == []
