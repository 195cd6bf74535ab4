"""Busy feeds: added and removed by members, and read into blocks that spare bookings."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from core.calendars.reading import BusyTime, joined, read_busy_times
from core.clock import now
from gateways.calendars import CalendarUnreadable, FetchedCalendar
from jobs.bookings import busy_feeds
from jobs.bookings.busy_feeds import read_feed
from models.bookings.claims import BlockSource, Claim, TimeBlock
from models.bookings.feeds import (
    LONGEST_PAUSE,
    MAX_BUSY_FEEDS,
    READ_EVERY,
    READING_TIME,
    BusyFeed,
    BusyFeedProblem,
)
from models.vendors import MemberRole
from services.bookings.busy_feeds import reading
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.buying import Unheard
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.events.inputs import keyed

ADDRESS = "https://calendar.example/private-12345/basic.ics"
LIST = """query ($id: ID!) { busyFeeds(resourceId: $id) { nodes {
    id host readAt feedProblem failures } } }"""
Spans = Sequence[tuple[datetime, datetime]]


class Elsewhere:
    """A calendar elsewhere, in place of the fetcher."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.problem: BusyFeedProblem | None = None
        self.asked: list[tuple[str, str | None]] = []
        self.changed = True

    def add(self, starts_at: datetime, ends_at: datetime, uid: object = None) -> None:
        times = (
            f"DTSTART:{starts_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            (f"DTEND:{ends_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"),
        )
        self.lines += [
            "BEGIN:VEVENT",
            f"UID:{uid or len(self.lines)}",
            "DTSTAMP:20260101T000000Z",
            *times,
        ]
        self.lines += ["END:VEVENT"]

    async def fetch(self, address: str, etag: str | None) -> FetchedCalendar:
        self.asked.append((address, etag))
        if self.problem is not None:
            raise CalendarUnreadable(self.problem)
        if etag is not None and not self.changed:
            return FetchedCalendar(None, etag)
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", *self.lines, "END:VCALENDAR"]
        return FetchedCalendar("\r\n".join(lines).encode(), '"1"')


class Subscribed:
    """A clinic, of which a calendar elsewhere blocks Asha."""

    def __init__(self, world: World, clinic: Clinic, feed: BusyFeed) -> None:
        self.world, self.clinic, self.feed = world, clinic, feed
        self.calendar = Elsewhere()

    @classmethod
    async def begin(cls, world: World) -> "Subscribed":
        clinic = await Clinic.open(world)
        return cls(world, clinic, await world.busy_feed(clinic.asha, ADDRESS))

    async def read(self) -> BusyFeed:
        """Let the feed be due, and read it."""
        feed = await self.fresh()
        feed.next_at = now() - timedelta(seconds=1)
        await self.world.save(feed)
        begin = Transactions(self.world.database, Unheard()).begin
        await read_feed(begin, self.world.sealer, self.calendar, feed.id)  # type: ignore[arg-type]
        await check_invariants(self.world.database)
        return await self.fresh()

    async def fresh(self) -> BusyFeed:
        feed: BusyFeed = await self.world.fresh(self.feed)
        return feed

    async def blocks(self) -> Spans:
        rows = select(TimeBlock.starts_at, TimeBlock.ends_at)
        async with self.world.database.session() as session:
            return (await session.exec(rows.order_by(col(TimeBlock.starts_at)))).all()

    async def claims(self) -> Spans:
        """Return what the blocks claim, with pieces that touch as one."""
        rows = select(Claim.blocked_from, Claim.blocked_until).where(
            col(Claim.block_id).is_not(None)
        )
        async with self.world.database.session() as session:
            found = (await session.exec(rows)).all()
        pieces = joined(BusyTime(*one) for one in found)
        return [one[:2] for one in pieces]


@pytest.fixture(autouse=True)
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read calendars in this process: `test_reading` has the sandbox."""

    async def read(*given: Any) -> Any:
        return read_busy_times(*given)

    monkeypatch.setattr(busy_feeds, "read_busy_times_in_sandbox", read)


async def test_busy_times_become_blocks_that_spare_bookings(world: World) -> None:
    scene = await Subscribed.begin(world)
    at = scene.clinic.at
    booking = await scene.clinic.booking(starts_at=at(10))
    scene.calendar.add(at(9, 30), at(12))
    scene.calendar.add(at(11), at(13))
    feed = await scene.read()
    assert (feed.problem, feed.failures, feed.etag) == (None, 0, '"1"')
    assert feed.read_at is not None
    assert scene.calendar.asked == [(ADDRESS, None)]
    assert await scene.blocks() == [(at(9, 30), at(13))]
    assert await scene.claims() == [(at(9, 30), at(10)), (at(10, 30), at(13))]
    block = await world.first(TimeBlock)
    assert (block.source, block.feed_id) == (BlockSource.BUSY_FEED, feed.id)
    own = await scene.clinic.claims(scene.clinic.asha)
    assert (booking.starts_at, booking.ends_at, 0) in own


async def test_a_reading_replaces_what_changed(world: World) -> None:
    scene = await Subscribed.begin(world)
    at = scene.clinic.at
    scene.calendar.add(at(10), at(12))
    scene.calendar.add(at(14), at(15))
    await scene.read()
    kept = await world.first(TimeBlock)
    scene.calendar.lines.clear()
    scene.calendar.add(kept.starts_at, kept.ends_at)
    scene.calendar.add(at(16), at(17))
    await scene.read()
    spans = sorted([(kept.starts_at, kept.ends_at), (at(16), at(17))])
    assert await scene.blocks() == await scene.claims() == spans
    assert await world.fresh(kept) is not None


async def test_an_unchanged_calendar_covers_what_became_free(world: World) -> None:
    scene = await Subscribed.begin(world)
    at = scene.clinic.at
    block = await world.time_block(scene.clinic.asha, at(10), at(11))
    scene.calendar.add(at(9), at(12))
    await scene.read()
    assert await scene.claims() == [(at(9), at(12))]
    async with world.database.session() as session:
        for claim in await session.exec(select(Claim).where(Claim.block_id == block.id)):
            await session.delete(claim)
        await session.delete(await session.get_one(TimeBlock, block.id))
        await session.commit()
    assert await scene.claims() == [(at(9), at(10)), (at(11), at(12))]
    scene.calendar.changed = False
    feed = await scene.read()
    assert scene.calendar.asked[-1] == (ADDRESS, '"1"')
    assert feed.problem is None
    assert await scene.claims() == [(at(9), at(12))]


async def test_our_own_bookings_do_not_block_themselves(world: World) -> None:
    """A calendar elsewhere may have a feed of ours, and gives our entries back."""
    scene = await Subscribed.begin(world)
    at = scene.clinic.at
    booking = await scene.clinic.booking()
    meeting = await world.meeting(scene.clinic.yoga, at(15), scene.clinic.ravi)
    for row in (booking, meeting):
        scene.calendar.add(row.starts_at, row.ends_at, row.id)
    scene.calendar.add(at(17), at(18), UUID(int=7))
    await scene.read()
    assert await scene.blocks() == [(at(17), at(18))]


async def test_a_problem_keeps_the_blocks_and_is_tried_later_each_time(world: World) -> None:
    scene = await Subscribed.begin(world)
    at = scene.clinic.at
    scene.calendar.add(at(9), at(12))
    await scene.read()
    scene.calendar.problem = BusyFeedProblem.UNREACHABLE
    pauses = []
    for _ in range(8):
        feed = await scene.read()
        pauses.append((feed.next_at - now()) / READ_EVERY)
    assert [round(one) for one in pauses] == [2, 4, 8, 16, 32, 48, 48, 48]
    assert LONGEST_PAUSE / READ_EVERY == 48
    assert (feed.failures, feed.problem) == (8, BusyFeedProblem.UNREACHABLE)
    assert await scene.claims() == [(at(9), at(12))]
    scene.calendar.problem = None
    feed = await scene.read()
    assert (feed.failures, feed.problem) == (0, None)


async def test_a_calendar_has_a_number_of_busy_times(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_BUSY_TIMES", 1)
    scene = await Subscribed.begin(world)
    at = scene.clinic.at
    scene.calendar.add(at(9), at(10))
    scene.calendar.add(at(11), at(12))
    feed = await scene.read()
    assert (feed.problem, feed.etag) == (BusyFeedProblem.TOO_COMPLEX, None)
    assert await scene.blocks() == []
    scene.calendar.lines = ["no calendar"]
    monkeypatch.setattr(scene.calendar, "fetch", _fetch_page)
    assert (await scene.read()).problem is BusyFeedProblem.NO_CALENDAR


async def _fetch_page(address: str, etag: str | None) -> FetchedCalendar:
    return FetchedCalendar(b"<html>", None)


async def test_a_feed_is_read_by_one_job_at_a_time(world: World) -> None:
    scene = await Subscribed.begin(world)
    begin = Transactions(world.database, Unheard()).begin
    async with begin() as session:
        assert await reading.lease(session, world.sealer, scene.feed.id) is not None
    async with begin() as session:
        assert await reading.lease(session, world.sealer, scene.feed.id) is None
    feed = await scene.fresh()
    assert now() < feed.next_at < now() + READING_TIME


async def test_members_add_list_and_remove_feeds(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(await clinic.member(MemberRole.STAFF))
    input = keyed(resourceId=gid(clinic.asha), address=f" {ADDRESS.replace('https', 'webcal')}#x ")
    added = await client.do("addBusyFeed", input, "feed { id host }")
    assert added["errors"] == []
    assert await client.do("addBusyFeed", input, "feed { id host }") == added
    assert added["feed"]["host"] == "calendar.example"
    feed = await world.first(BusyFeed)
    assert b"12345" not in feed.address
    assert world.sealer.open("busy_feed.address", feed.id, feed.address) == ADDRESS.encode()
    (shown,) = (await client.ask(LIST, id=gid(clinic.asha)))["busyFeeds"]["nodes"]
    assert shown == {
        "id": gid(feed),
        "host": "calendar.example",
        "readAt": None,
        "feedProblem": None,
        "failures": 0,
    }
    scene = Subscribed(world, clinic, feed)
    scene.calendar.add(clinic.at(9), clinic.at(12))
    await scene.read()
    assert await scene.claims() == [(clinic.at(9), clinic.at(12))]
    for _ in range(2):
        assert await client.refusal_codes("removeBusyFeed", {"feedId": gid(feed)}) == []
    assert (await scene.blocks(), await scene.claims()) == ([], [])
    assert (await client.ask(LIST, id=gid(clinic.asha)))["busyFeeds"]["nodes"] == []
    asked = len(scene.calendar.asked)
    await scene.read()
    assert len(scene.calendar.asked) == asked, "a feed that was removed is not read"


async def test_a_feed_that_is_removed_while_it_is_read_blocks_nothing(
    world: World, api: Client
) -> None:
    scene = await Subscribed.begin(world)
    client = api.signed_in(scene.clinic.owner)
    scene.calendar.add(scene.clinic.at(9), scene.clinic.at(12))
    fetch = scene.calendar.fetch

    async def fetch_and_lose(address: str, etag: str | None) -> FetchedCalendar:
        found = await fetch(address, etag)
        assert await client.refusal_codes("removeBusyFeed", {"feedId": gid(scene.feed)}) == []
        return found

    scene.calendar.fetch = fetch_and_lose  # type: ignore[method-assign]
    await scene.read()
    assert await scene.blocks() == []


@pytest.mark.parametrize(
    "address",
    [
        "http://calendar.example/my.ics",
        "https://calendar.example:8443/my.ics",
        "https://user:secret@calendar.example/my.ics",
        "https://calendar.example:nine/",
        "https://[::1/",
        "https:///my.ics",
        "file:///etc/passwd",
        "https://calendar.example/my calendar.ics",
        "https://kalender.example/ü.ics",
        "my.ics",
    ],
)
async def test_addresses_of_other_kinds_are_refused(
    world: World, api: Client, address: str
) -> None:
    clinic = await Clinic.open(world)
    input = keyed(resourceId=gid(clinic.asha), address=address)
    client = api.signed_in(clinic.owner)
    assert await client.refusal_codes("addBusyFeed", input) == ["INVALID_INPUT"]


async def test_feeds_of_others_are_out_of_reach(world: World, api: Client) -> None:
    clinic, other = await Clinic.open(world), await Clinic.open(world)
    feed = await world.busy_feed(clinic.asha, ADDRESS)
    input = keyed(resourceId=gid(clinic.asha), address=ADDRESS)
    of_feed = {"feedId": gid(feed)}
    assert await api.mutation_failed("addBusyFeed", input) == ["UNAUTHENTICATED"]
    assert await api.mutation_failed("removeBusyFeed", of_feed) == ["UNAUTHENTICATED"]
    strangers = (clinic.customer, other.owner, await clinic.member(MemberRole.SCANNER))
    for user in strangers:
        client = api.signed_in(user)
        assert await client.refusal_codes("addBusyFeed", input) == ["NOT_FOUND"]
        assert await client.refusal_codes("removeBusyFeed", of_feed) == ["NOT_FOUND"]
        assert (await client.ask(LIST, id=gid(clinic.asha)))["busyFeeds"]["nodes"] == []


async def test_a_resource_has_a_number_of_feeds(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    for _ in range(MAX_BUSY_FEEDS):
        feed = await world.busy_feed(clinic.asha, ADDRESS)
    client = api.signed_in(clinic.owner)
    input = keyed(resourceId=gid(clinic.asha), address=ADDRESS)
    assert await client.refusal_codes("addBusyFeed", input) == ["BUSY_FEED_LIMIT_REACHED"]
    await client.do("removeBusyFeed", {"feedId": gid(feed)})
    again = keyed(resourceId=gid(clinic.asha), address=ADDRESS)
    assert await client.refusal_codes("addBusyFeed", again) == []
