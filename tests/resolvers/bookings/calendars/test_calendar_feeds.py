"""Calendar feeds: what they have for whom, their tags, and their ends."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
import recurring_ical_events
from icalendar import Calendar
from sqlmodel import select

from core.clock import now
from core.observability.request_log import request_log
from core.wall import instant, wall
from models.audit import AuditAct, AuditEntry
from models.bookings.bookings import Booking, BookingSource, BookingState
from models.bookings.feeds import MAX_FEEDS, CalendarFeed, FeedScope
from models.identity.accounts import User, UserState
from models.vendors import MemberRole, VendorMember
from services.bookings.calendars import entries
from tests.client import Client, gid
from tests.core.calendars.zones import CHANGE_DAYS
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import move_input

MINE = {"scope": "MINE"}
LIST = "{ viewer { calendarFeeds { nodes { id feedScope readAt } } } }"


async def subscribe(client: Client, **input: Any) -> str:
    """Create a feed, and return its path."""
    made = await client.do("createCalendarFeed", input or MINE, "address feed { id }")
    assert made["errors"] == []
    address: str = made["address"]
    return httpx.URL(address).path


async def read(api: Client, path: str, **headers: str) -> Mapping[str, Any]:
    """Return the entries of a feed by their ids."""
    answer = await api.http.get(path, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (
        200,
        "text/calendar; charset=utf-8",
    )
    return {str(one["UID"]): one for one in Calendar.from_ical(answer.content).walk("VEVENT")}


async def test_a_feed_has_the_bookings_of_its_user(world: World, api: Client) -> None:
    clinic = await Clinic.open(world, name={"en": "Visit"})
    booking = await clinic.booking(note="Secret note")
    await clinic.booking(await world.user(), clinic.at(11))
    path = await subscribe(api.signed_in(clinic.customer))
    answer = await api.http.get(path)
    assert b"Secret note" not in answer.content
    found = await read(api, path)
    assert found.keys() == {str(booking.id)}
    entry = found[str(booking.id)]
    assert (entry["SEQUENCE"], entry["STATUS"]) == (0, "CONFIRMED")
    assert entry["SUMMARY"] == f"Visit · {clinic.vendor.name}"
    assert entry["DTSTART"].params["TZID"] == "Asia/Kolkata"
    assert entry.start.astimezone(UTC) == booking.starts_at


@pytest.mark.parametrize("zone", CHANGE_DAYS)
async def test_a_reader_sees_the_instants_of_the_bookings(
    world: World, api: Client, zone: str
) -> None:
    """Each booking is made on a day of change, and its move keeps its UID and counts."""
    user = await world.user()
    vendor = await world.vendor(time_zone=zone)
    room = await world.resource(vendor, time_zone=zone)
    service = await world.service(vendor, room, duration=90)
    starts = [
        start
        for day in CHANGE_DAYS[zone]
        for hour in (0, 1, 2, 3, 12)
        for fold in (0, 1)
        if (start := instant(datetime(day.year, day.month, day.day, hour, 15, fold=fold), zone))
    ]
    bookings = [
        await world.booking(user, service, start, room, state=BookingState.COMPLETED, revision=2)
        for start in starts
    ]
    answer = await api.http.get(await subscribe(api.signed_in(user)))
    calendar = Calendar.from_ical(answer.content)
    assert calendar.walk("VTIMEZONE")
    found = recurring_ical_events.of(calendar).between(date(2027, 1, 1), date(2028, 1, 1))
    seen = {
        str(one["UID"]): (one.start.astimezone(UTC), one.end.astimezone(UTC), one["SEQUENCE"])
        for one in found
    }
    assert seen == {str(one.id): (one.starts_at, one.ends_at, 2) for one in bookings}


async def test_a_move_keeps_the_id_and_raises_the_sequence(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    booking = await clinic.booking()
    client = api.signed_in(clinic.customer)
    path = await subscribe(client)
    for sequence, hour in enumerate((12, 15), 1):
        input = move_input(await world.fresh(booking), clinic.at(hour))
        assert await client.refusal_codes("rescheduleBooking", input) == []
        answer = await api.http.get(path)
        first, end = clinic.day() - timedelta(days=7), clinic.day() + timedelta(days=7)
        (seen,) = recurring_ical_events.of(Calendar.from_ical(answer.content)).between(first, end)
        assert (str(seen["UID"]), seen["SEQUENCE"]) == (str(booking.id), sequence)
        assert seen.start.astimezone(UTC) == clinic.at(hour)
        assert seen.end.astimezone(UTC) == clinic.at(hour, 30)


async def test_a_tag_spares_the_calendar_until_something_changes(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    booking = await clinic.booking()
    path = await subscribe(api.signed_in(clinic.customer))
    first = await api.http.get(path)
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}'):
        again = await api.http.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
    moved = await world.fresh(booking)
    moved.revision, moved.starts_at = 1, clinic.at(12)
    moved.ends_at, moved.local_start = clinic.at(13), wall(clinic.at(12), "Asia/Kolkata")
    await world.save(moved)
    found = await read(api, path, **{"If-None-Match": tag})
    entry = found[str(booking.id)]
    assert (entry["SEQUENCE"], entry.start.astimezone(UTC)) == (1, clinic.at(12))


async def test_cancelled_bookings_stay_for_a_month(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    ended, month = now(), timedelta(days=30)
    at: dict[str, Any] = {"state": BookingState.CANCELLED, "confirmed_at": now()}
    kept = await clinic.booking(starts_at=clinic.at(10), ended_at=ended, **at)
    await clinic.booking(starts_at=clinic.at(11), ended_at=ended - month, **at)
    never_confirmed = at | {"confirmed_at": None}
    await clinic.booking(starts_at=clinic.at(12), ended_at=ended, **never_confirmed)
    requested = await clinic.booking(starts_at=clinic.at(13), state=BookingState.REQUESTED)
    await clinic.booking(starts_at=clinic.at(14), state=BookingState.HELD)
    found = await read(api, await subscribe(api.signed_in(clinic.customer)))
    assert {uid: one["STATUS"] for uid, one in found.items()} == {
        str(kept.id): "CANCELLED",
        str(requested.id): "TENTATIVE",
    }


async def test_members_read_the_bookings_of_a_vendor_and_of_a_resource(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world)
    of_asha = await clinic.booking()
    of_ravi = await clinic.booking(starts_at=clinic.at(11), staff=clinic.ravi)
    guest = Booking(**of_asha.model_dump(exclude={"id", "created_at"}))
    guest.guest_name = world.sealer.seal("booking.guest_name", guest.id, b"Mira Guest")
    guest.user_id, guest.source, guest.staff_id = None, BookingSource.DESK, clinic.ravi.id
    await world.save(guest)
    meeting = await clinic.meeting(clinic.at(15))
    await world.booking(clinic.customer, clinic.yoga, meeting=meeting)
    client = api.signed_in(await clinic.member(MemberRole.STAFF))
    of_vendor = await subscribe(client, scope="VENDOR", vendorId=gid(clinic.vendor))
    found = await read(api, of_vendor)
    ids = {str(one.id) for one in (of_asha, of_ravi, guest, meeting)}
    assert found.keys() == ids
    assert clinic.customer.name in found[str(of_asha.id)]["SUMMARY"]
    assert "Mira Guest" in found[str(guest.id)]["SUMMARY"]
    assert found[str(meeting.id)]["SUMMARY"] == "Yoga · 1/5"
    of_resource = await subscribe(client, scope="RESOURCE", resourceId=gid(clinic.asha))
    assert (await read(api, of_resource)).keys() == {str(of_asha.id), str(meeting.id)}


async def test_a_feed_of_a_vendor_ends_with_the_membership(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    member = await clinic.member(MemberRole.STAFF)
    client = api.signed_in(member)
    of_vendor = await subscribe(client, scope="VENDOR", vendorId=gid(clinic.vendor))
    of_resource = await subscribe(client, scope="RESOURCE", resourceId=gid(clinic.asha))
    mine = await subscribe(client)
    rows = select(VendorMember).where(VendorMember.user_id == member.id)
    async with world.database.session() as session:
        membership = (await session.exec(rows)).one()
        membership.role = MemberRole.SCANNER
        await session.commit()
    paths = (of_vendor, of_resource, mine)
    assert [(await api.http.get(path)).status_code for path in paths] == [404, 404, 200]


async def test_feeds_that_ended_answer_as_those_that_never_were(world: World, api: Client) -> None:
    user = await world.user()
    client = api.signed_in(user)
    path = await subscribe(client)
    (shown,) = (await client.ask(LIST))["viewer"]["calendarFeeds"]["nodes"]
    assert (shown["feedScope"], shown["readAt"]) == ("MINE", None)
    assert (await api.http.get(path)).status_code == 200
    input = {"feedId": shown["id"]}
    assert await api.mutation_failed("revokeCalendarFeed", input) == ["UNAUTHENTICATED"]
    stranger = api.signed_in(await world.user())
    assert await stranger.refusal_codes("revokeCalendarFeed", input) == ["NOT_FOUND"]
    for _ in range(2):
        assert await client.refusal_codes("revokeCalendarFeed", input) == []
    assert (await client.ask(LIST))["viewer"]["calendarFeeds"]["nodes"] == []
    other = await subscribe(client)
    suspended = await world.fresh(user)
    suspended.state = UserState.SUSPENDED
    await world.save(suspended)
    answers = [
        await api.http.get(one) for one in (path, other, "/calendar/unknown.ics", f"{path}x")
    ]
    assert {one.status_code for one in answers} == {404}
    assert len({one.text for one in answers[:3]}) == 1
    async with world.database.session() as session:
        acts = set(await session.exec(select(AuditEntry.act)))
    assert acts >= {AuditAct.CREATE_CALENDAR_FEED, AuditAct.REVOKE_CALENDAR_FEED}


async def test_only_a_hash_of_the_secret_is_stored_and_no_log_has_it(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[dict[str, Any]] = []
    monkeypatch.setattr(request_log, "write", lambda *_, **fields: logged.append(fields))
    path = await subscribe(api.signed_in(await world.user()))
    secret = path.removeprefix("/calendar/").removesuffix(".ics")
    assert len(secret) == 32
    feed = await world.first(CalendarFeed)
    assert secret.encode() not in feed.secret_hash
    await api.http.get(path)
    assert logged[-1]["path"] == "/calendar/…"
    assert secret not in str(logged)
    assert (await world.fresh(feed)).read_at is not None


async def test_readings_are_noted_once_an_hour(world: World, api: Client) -> None:
    path = await subscribe(api.signed_in(await world.user()))
    feed = await world.first(CalendarFeed)
    for ago, changes in ((timedelta(minutes=59), False), (timedelta(minutes=61), True)):
        read_at = now() - ago
        row = await world.fresh(feed)
        row.read_at = read_at
        await world.save(row)
        await api.http.get(path)
        assert ((await world.fresh(feed)).read_at != read_at) is changes


async def test_who_can_create_which_feeds(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    vendor, resource = {"vendorId": gid(clinic.vendor)}, {"resourceId": gid(clinic.asha)}
    of_vendor, of_resource = {"scope": "VENDOR"} | vendor, {"scope": "RESOURCE"} | resource
    assert await api.mutation_failed("createCalendarFeed", MINE) == ["UNAUTHENTICATED"]
    for user in (clinic.customer, await clinic.member(MemberRole.SCANNER)):
        client = api.signed_in(user)
        for input in (of_vendor, of_resource):
            assert await client.refusal_codes("createCalendarFeed", input) == ["NOT_FOUND"]
    for input in (MINE | vendor, {"scope": "VENDOR"}, of_vendor | resource, of_resource | vendor):
        assert await client.refusal_codes("createCalendarFeed", input) == ["INVALID_INPUT"]


async def test_a_user_has_a_number_of_feeds(world: World, api: Client) -> None:
    user: User = await world.user()
    await world.save(
        *(
            CalendarFeed(user_id=user.id, scope=FeedScope.MINE, secret_hash=bytes([n]) * 32)
            for n in range(MAX_FEEDS)
        )
    )
    client = api.signed_in(user)
    refused = await client.refusal_codes("createCalendarFeed", MINE)
    assert refused == ["CALENDAR_FEED_LIMIT_REACHED"]
    feed = await world.first(CalendarFeed)
    await client.do("revokeCalendarFeed", {"feedId": gid(feed)})
    await subscribe(client)


async def test_a_feed_has_a_number_of_entries(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "MAX_FEED_ENTRIES", 2)
    clinic = await Clinic.open(world)
    bookings = [await clinic.booking(starts_at=clinic.at(hour)) for hour in (12, 10, 11)]
    found = await read(api, await subscribe(api.signed_in(clinic.customer)))
    assert found.keys() == {str(one.id) for one in bookings[1:]}
