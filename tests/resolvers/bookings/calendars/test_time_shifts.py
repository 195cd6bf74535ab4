"""Bookings that keep their wall times when the rules of time zones change."""

import zoneinfo
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import tzdata
from sqlalchemy import text

from core.calendars.zone_rules import zone_rules_version
from core.wall import wall
from models.bookings.bookings import Booking, BookingState
from models.bookings.time_shifts import BookingShift, ShiftOutcome, ZoneRules
from models.notifications.inbox import Notification, NotificationKind
from models.vendors import MemberRole
from services.bookings.time_shifts import progress, shifting
from services.bookings.time_shifts.shifting import shift_bookings
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.buying import Unheard
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import cancel_input

HOUR = timedelta(hours=1)
VERSION = "2027b"
LIST = """query ($id: ID!) { bookingShifts(vendorId: $id) { nodes {
    id shiftOutcome booking { id localStart } } } }"""
PLANNED = text(
    "SELECT scheduled_at FROM procrastinate_jobs WHERE task_name = 'haat:remind_of_booking'"
)


async def promise(world: World, booking: Booking, ahead: timedelta = HOUR) -> Booking:
    """Let the wall time that was promised be another instant, as by new rules of its zone."""
    row: Booking = await world.fresh(booking)
    row.local_start += ahead
    await world.save(row)
    return row


async def shift(world: World, clinic: Clinic, version: str = VERSION) -> int:
    async with Transactions(world.database, Unheard()).begin() as session:
        moved = await shift_bookings(session, clinic.vendor.id, version)
    await check_invariants(world.database)
    return moved


async def test_bookings_that_move_together_do_not_collide(world: World) -> None:
    clinic = await Clinic.open(world)
    at = clinic.at
    bookings = [
        await promise(world, await clinic.booking(starts_at=at(*start, ahead=4)))
        for start in ((10, 0), (11, 0), (10, 30))
    ]
    kept = await clinic.booking(starts_at=at(15, ahead=4))
    past = await clinic.booking(starts_at=at(9) - timedelta(days=9), state=BookingState.COMPLETED)
    await promise(world, past)
    assert await shift(world, clinic) == 3
    for booking in bookings:
        moved = await world.fresh(booking)
        assert (moved.starts_at, moved.revision) == (booking.starts_at + HOUR, 0)
        assert moved.ends_at - moved.starts_at == timedelta(minutes=30)
        assert wall(moved.starts_at, moved.time_zone) == booking.local_start
    starts = sorted([*(one.starts_at + HOUR for one in bookings), kept.starts_at])
    assert [claim[0] for claim in await clinic.claims(clinic.asha)] == starts
    assert (await world.first(BookingShift)).outcome is ShiftOutcome.MOVED
    async with world.database.session() as session:
        planned = set((await session.execute(PLANNED)).scalars())
    assert bookings[0].starts_at + HOUR - 2 * HOUR in planned
    assert await shift(world, clinic) == 0


async def test_a_collision_is_listed_and_the_booking_stays(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    at = clinic.at
    shifted = await promise(world, await clinic.booking(starts_at=at(10)))
    other = await clinic.booking(starts_at=at(11))
    assert await shift(world, clinic) == 1
    moved = await world.fresh(shifted)
    assert (moved.state, moved.starts_at) == (BookingState.CONFIRMED, at(11))
    assert await clinic.claims(clinic.asha) == [(other.starts_at, other.ends_at, 0)]
    assert [claim[2] for claim in await clinic.claims(clinic.room)] == [0, 1], "another lane"
    told = await world.first(Notification)
    assert (told.kind, told.subject_id) == (NotificationKind.BOOKINGS_COLLIDE, clinic.vendor.id)
    assert told.up_to_sequence == 202702
    member = api.signed_in(await clinic.member(MemberRole.STAFF))
    (listed,) = (await member.ask(LIST, id=gid(clinic.vendor)))["bookingShifts"]["nodes"]
    assert listed["shiftOutcome"] == "COLLIDED"
    shown = f"{moved.local_start:%Y-%m-%dT%H:%M}"
    assert listed["booking"] == {"id": gid(moved), "localStart": shown}
    input = {"shiftId": listed["id"]}
    assert await api.mutation_failed("settleBookingShift", input) == ["UNAUTHENTICATED"]
    for user in (clinic.customer, await clinic.member(MemberRole.SCANNER)):
        stranger = api.signed_in(user)
        assert await stranger.refusal_codes("settleBookingShift", input) == ["NOT_FOUND"]
        assert (await stranger.ask(LIST, id=gid(clinic.vendor)))["bookingShifts"]["nodes"] == []
    for _ in range(2):
        assert await member.refusal_codes("settleBookingShift", input) == []
    assert (await member.ask(LIST, id=gid(clinic.vendor)))["bookingShifts"]["nodes"] == []


async def test_cancelling_settles_a_collision(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    shifted = await promise(world, await clinic.booking(starts_at=clinic.at(10)))
    await clinic.booking(starts_at=clinic.at(11))
    await shift(world, clinic)
    client = api.signed_in(clinic.owner)
    assert len((await client.ask(LIST, id=gid(clinic.vendor)))["bookingShifts"]["nodes"]) == 1
    assert await client.refusal_codes("cancelBooking", cancel_input(shifted)) == []
    assert (await client.ask(LIST, id=gid(clinic.vendor)))["bookingShifts"]["nodes"] == []


async def test_a_block_is_in_the_way_and_covers_what_is_left(world: World) -> None:
    clinic = await Clinic.open(world)
    at = clinic.at
    shifted = await promise(world, await clinic.booking(starts_at=at(10)))
    await world.time_block(clinic.asha, at(11), at(12))
    await shift(world, clinic)
    row = await world.first(BookingShift)
    assert (row.booking_id, row.outcome) == (shifted.id, ShiftOutcome.COLLIDED)
    assert await clinic.claims(clinic.asha) == [(at(11), at(12), 0)]


async def test_a_time_that_clocks_skip_begins_after_the_gap_and_is_listed(world: World) -> None:
    clinic = await Clinic.open(world)
    start = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)
    booking = await clinic.booking(starts_at=start)
    booking.time_zone, booking.local_start = "Europe/Berlin", datetime(2027, 3, 28, 2, 45)
    await world.save(booking)
    await shift(world, clinic)
    moved, row = await world.fresh(booking), await world.first(BookingShift)
    assert moved.starts_at == datetime(2027, 3, 28, 1, 45, tzinfo=UTC)
    assert row.outcome is ShiftOutcome.SKIPPED


async def test_a_meeting_moves_once_with_its_bookings(world: World) -> None:
    clinic = await Clinic.open(world)
    meeting = await clinic.meeting(clinic.at(10))
    bookings = [
        await promise(
            world,
            await world.booking(
                await world.user(), clinic.yoga, None, clinic.asha, meeting=meeting
            ),
        )
        for _ in range(2)
    ]
    assert await shift(world, clinic) == 2
    moved = await world.fresh(meeting)
    assert (moved.starts_at, moved.taken) == (clinic.at(11), 2)
    assert {(await world.fresh(one)).starts_at for one in bookings} == {moved.starts_at}
    assert await clinic.claims(clinic.hall) == [(clinic.at(11), clinic.at(12), 0)]


async def test_each_version_is_worked_off_once_in_batches(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "BATCH_SIZE", 1)
    clinics = [await Clinic.open(world) for _ in range(2)]
    for clinic in clinics:
        await clinic.booking()
    begin = Transactions(world.database, Unheard()).begin
    seen: list[UUID] = []
    while True:
        async with begin() as session:
            found = await progress.find_next_vendors(session, VERSION)
        if not found:
            break
        seen += found
        async with begin() as session:
            await progress.note_done(session, VERSION, found[-1])
    assert seen == sorted(clinic.vendor.id for clinic in clinics)
    assert (await world.first(ZoneRules)).ended_at is not None
    async with begin() as session:
        assert await progress.find_next_vendors(session, VERSION) == []
        assert len(await progress.find_next_vendors(session, "2027c")) == 1


def test_the_version_is_that_of_the_files_in_use(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("zones")
    (folder / "Europe").mkdir()
    (folder / "Europe/London").write_bytes(b"TZif")
    (folder / "tzdata.zi").write_text("# version 2027b\nR d 1916 o\n")
    monkeypatch.setattr(zoneinfo, "TZPATH", ("/nowhere", str(folder)))
    zone_rules_version.cache_clear()
    assert zone_rules_version() == "2027b"
    monkeypatch.setattr(zoneinfo, "TZPATH", ())
    zone_rules_version.cache_clear()
    assert zone_rules_version() == tzdata.IANA_VERSION
    zone_rules_version.cache_clear()


@pytest.mark.parametrize(("version", "number"), [("2026c", 202603), ("2026", 0), ("x", 0)])
def test_a_version_has_a_number(version: str, number: int) -> None:
    assert shifting._number(version) == number
