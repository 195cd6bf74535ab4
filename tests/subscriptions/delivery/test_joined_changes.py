"""Changes that a rush makes are joined: followers receive few messages, and miss nothing."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from schema.bookings.slots import AvailabilityChange, ChangedTimes
from services.bookings.entries import BookingUpdated
from services.bookings.setting_up.entries import ResourceChanged, announce
from services.bookings.slots.zones import minute_of
from services.journal import append as journal
from services.journal.topics import agenda_topic
from subscriptions.bookings.availability import MAX_TIMES, AvailabilitySource
from tests.client import gid
from tests.resolvers.bookings.clinic import Clinic
from tests.subscriptions.bookings.test_availability import CHANGES
from tests.subscriptions.delivery.test_sharing import LiveShop, live_shop, server
from tests.subscriptions.metric_increases import MetricIncreases
from tests.subscriptions.websocket_client import WebSocketClient

__all__ = ["live_shop", "server"]
HOLDS = 100


class Rush:
    """Followers of the slots of a service, at whose vendor many book."""

    def __init__(self, live: LiveShop, clinic: Clinic) -> None:
        self.live, self.clinic = live, clinic
        self.topic = agenda_topic(clinic.vendor.id)
        self.starts: list[datetime] = []

    async def follow(self, after: str) -> WebSocketClient:
        user, id = await self.live.world.user(), gid(self.clinic.visit)
        return await self.live.subscribe(user, CHANGES, id=id, after=after)

    async def cursor(self) -> str:
        return await self.live.shop.cursor(self.topic)

    async def book(self, count: int) -> None:
        """Append the entries of so many bookings, each in a transaction of its own."""
        for _ in range(count):
            start = self.clinic.at(9) + timedelta(days=3 * len(self.starts) % 10)
            self.starts.append(start)
            entry = BookingUpdated(
                uuid4(), self.clinic.visit.id, starts=minute_of(start), former=minute_of(start)
            )
            async with self.live.server.app.transactions.begin() as session:
                journal.append(session, entry, to=[self.topic])

    async def read(self) -> None:
        """Wait until the server has read all entries."""
        (topic,) = [one for one in self.live.server.feed._tails.values() if one.topic == self.topic]
        async with asyncio.timeout(20):
            while topic.head < len(self.starts):  # noqa: ASYNC110 - there is nothing to wait on
                await asyncio.sleep(0.02)

    def let_time_pass(self) -> None:
        """End the time for which changes are held back."""
        for group in self.live.server.endpoint.groups.groups:
            producer: Any = group._producer
            producer._pace._timer.cancel()
            producer._pace._end()

    def covered(self, changes: Sequence[Any]) -> bool:
        spans = [
            (datetime.fromisoformat(one["startsFrom"]), datetime.fromisoformat(one["startsBefore"]))
            for change in changes
            for one in change["times"]
        ]
        return all(any(a <= start <= b for a, b in spans) for start in self.starts)


@pytest.fixture
async def rush(live_shop: LiveShop, monkeypatch: pytest.MonkeyPatch) -> Rush:
    """Return a rush, in which time passes only when the test lets it."""
    monkeypatch.setattr(AvailabilitySource, "joins_for", 3_600)
    return Rush(live_shop, await Clinic.open(live_shop.world))


async def test_a_rush_is_two_messages_for_each_follower(rush: Rush) -> None:
    followers = [await rush.follow(await rush.cursor()) for _ in range(3)]
    await rush.live.live(3)
    increases = MetricIncreases()
    await rush.book(1)
    first = [await one.change() for one in followers]
    await rush.book(HOLDS - 1)
    await rush.read()
    rush.let_time_pass()
    second = [await one.change() for one in followers]
    assert increases["haat_live_entries_total"] == HOLDS
    assert increases["haat_live_executions_total"] == 2, "once for all followers"
    assert increases["haat_live_messages_total"] == 2 * len(followers)
    assert {one["cursor"] for one in second} == {await rush.cursor()}
    assert rush.covered([first[0], second[0]])
    assert not rush.covered([first[0]]), "the first booking alone is sent at once"
    assert not second[0]["anyTime"]


async def test_without_joining_each_booking_is_a_message(
    rush: Rush, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AvailabilitySource, "joins_for", 0)
    follower = await rush.follow(await rush.cursor())
    await rush.live.live(1)
    await rush.book(10)
    changes = [await follower.change() for _ in range(10)]
    assert len({one["cursor"] for one in changes}) == 10


async def test_what_is_held_back_is_not_lost_with_a_connection(rush: Rush) -> None:
    first, other = [await rush.follow(await rush.cursor()) for _ in range(2)]
    await rush.live.live(2)
    await rush.book(1)
    change = await first.change()
    assert await other.change() == change
    await rush.book(5)
    await rush.read()
    await first.socket.close()
    again = await rush.follow(change["cursor"])
    await rush.live.live(2)
    rush.let_time_pass()
    resumed, followed = await again.change(), await other.change()
    assert resumed == followed
    assert rush.covered([change, resumed])
    assert not rush.covered([change])
    for one in (again, other):
        await one.socket.close()
    await rush.live.live(0)
    late = await rush.follow(change["cursor"])
    assert await late.change() == resumed, "one message for all that was missed"


async def test_a_follower_who_joins_while_changes_are_held_back_receives_what_comes_later(
    rush: Rush,
) -> None:
    first = await rush.follow(await rush.cursor())
    await rush.live.live(1)
    await rush.book(1)
    await first.change()
    await rush.book(3)
    await rush.read()
    second = await rush.follow(await rush.cursor())
    async with asyncio.timeout(20):
        while rush.live.server.subscribers() < 2:  # noqa: ASYNC110 - there is nothing to wait on
            await asyncio.sleep(0.02)
    rush.let_time_pass()
    await first.change()
    await rush.live.live(2)
    await rush.book(2)
    await rush.read()
    rush.let_time_pass()
    assert await first.change() == await second.change()


async def test_a_change_of_hours_among_bookings_is_of_any_time(rush: Rush) -> None:
    follower = await rush.follow(await rush.cursor())
    await rush.live.live(1)
    await rush.book(1)
    assert not (await follower.change())["anyTime"]
    await rush.book(2)
    async with rush.live.server.app.transactions.begin() as session:
        announce(session, rush.clinic.vendor.id, ResourceChanged(rush.clinic.asha.id))
    rush.starts.append(rush.starts[0])  # an entry more
    await rush.read()
    rush.let_time_pass()
    change = await follower.change()
    assert (change["anyTime"], change["times"]) == (True, [])


@pytest.mark.parametrize(("apart", "spans"), [(1, 1), (2, 1), (3, 5), (30, 5)])
def test_times_are_united(apart: int, spans: int) -> None:
    """Times that touch are one. `apart` are the hours between the beginnings of two."""
    joined = source().join([change_at(hour * apart) for hour in (3, 0, 4, 1, 2)])
    assert len(joined.times) == spans
    assert joined.times == sorted(joined.times, key=lambda one: one.starts_from)
    assert joined.cursor == f"{2 * apart}"


def test_more_times_than_a_change_can_have_are_any_time() -> None:
    changes = [change_at(3 * number) for number in range(MAX_TIMES + 1)]
    assert len(source().join(changes[:-1]).times) == MAX_TIMES
    joined = source().join(changes)
    assert (joined.any_time, joined.times) == (True, [])


def source() -> AvailabilitySource:
    return AvailabilitySource(uuid4(), uuid4())


def change_at(hour: int) -> AvailabilityChange:
    first = datetime.fromisoformat("2026-06-01T00:00:00Z") + timedelta(hours=hour)
    times = [ChangedTimes(starts_from=first, starts_before=first + timedelta(hours=2))]
    return AvailabilityChange(cursor=str(hour), any_time=False, times=times)
