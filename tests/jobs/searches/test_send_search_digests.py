"""The daily message: one for all matches that wait, in the morning of the user."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from core.clock import now
from core.ids import FIRST_ID
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.searches import SearchNotices
from services.searches import digests
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.searches import match, saved
from tests.factories.world import World
from tests.jobs.conftest import Defer, Work
from tests.jobs.searches.test_match_saved_searches import tea
from tests.races.meeting import Meeting

KIND = NotificationKind.SAVED_SEARCHES_MATCHED_DAILY


async def digested(world: World, user: User) -> list[int]:
    """Return the numbers of offers of the messages that a user got."""
    rows = select(Notification).where(Notification.user_id == user.id)
    async with world.database.session() as session:
        found = (await session.exec(rows.order_by(col(Notification.created_at)))).all()
    assert {one.kind for one in found} <= {KIND}
    return [one.count for one in found]


async def run(world: World, transactions: Transactions, *, days: int = 1) -> None:
    """Do what the job does each hour, for matches that were found so many days ago."""
    async with world.database.session() as session, session.begin():
        aged = "UPDATE saved_search_hit SET created_at = created_at - make_interval(days => :days)"
        await session.execute(text(aged), {"days": days})
    async with transactions.begin() as session:
        due, last = await digests.find_due(session, FIRST_ID)
    assert last is None
    for user_id in due:
        async with transactions.begin() as session:
            await digests.send_digest(session, user_id)


async def test_one_message_for_all_matches_of_a_day(
    world: World, api: Client, transactions: Transactions
) -> None:
    user, vendor = await world.user(), await world.vendor()
    for word in ("tea", "masala"):
        await saved(transactions, user, SearchNotices.DAILY, search=word)
    ended = await tea(world, vendor)
    for offer in (ended, await tea(world, vendor), await tea(world, vendor)):
        await match(transactions, offer.id)
    async with transactions.begin() as session:
        again = await session.get_one(type(ended), ended.id)
        again.ends_at = now() - timedelta(minutes=1)
    for _ in range(2):
        await run(world, transactions)
    assert await digested(world, user) == [2]
    seen = await api.signed_in(user).ask(
        "{ viewer { notifications { nodes { count subject { __typename } } } } }"
    )
    nodes = [{"count": 2, "subject": {"__typename": "SavedSearch"}}]
    assert seen["viewer"]["notifications"]["nodes"] == nodes
    await match(transactions, (await tea(world, vendor)).id)
    await run(world, transactions)
    assert await digested(world, user) == [2, 1]


async def test_the_hourly_job_sends_the_messages_of_all_for_whom_it_is_morning(
    world: World, transactions: Transactions, work: Work, defer: Defer
) -> None:
    users = [await world.user() for _ in range(3)]
    for user in users:
        await saved(transactions, user, SearchNotices.DAILY)
    late = await world.user()
    await saved(transactions, late, SearchNotices.OFF)
    await match(transactions, (await tea(world)).id)
    async with world.database.session() as session, session.begin():
        aged = "UPDATE saved_search_hit SET created_at = created_at - interval '1 day'"
        await session.execute(text(aged))
    for _ in range(2):
        await defer("send_search_digests", timestamp=0)
        await work()
    assert [await digested(world, user) for user in (*users, late)] == [[1], [1], [1], []]


async def test_what_was_switched_off_or_is_of_today_waits_for_nothing(
    world: World, api: Client, transactions: Transactions
) -> None:
    user = await world.user()
    search = await saved(transactions, user, SearchNotices.DAILY)
    await match(transactions, (await tea(world)).id)
    await run(world, transactions, days=-1)
    assert await digested(world, user) == []
    given = {"savedSearchId": gid(search), "notices": "OFF"}
    assert await api.signed_in(user).refusal_codes("updateSavedSearch", given) == []
    given["notices"] = "DAILY"
    assert await api.signed_in(user).refusal_codes("updateSavedSearch", given) == []
    await run(world, transactions, days=3)
    assert await digested(world, user) == []


@pytest.mark.parametrize(
    ("zone", "hour", "morning"),
    [
        ("UTC", 10, "2026-03-29T09:00"),
        ("UTC", 8, "2026-03-28T09:00"),
        ("Asia/Kolkata", 4, "2026-03-29T03:30"),
        ("Asia/Kolkata", 3, "2026-03-28T03:30"),
        ("Europe/Berlin", 7, "2026-03-29T07:00"),  # summer time has begun
        ("Europe/Berlin", 6, "2026-03-28T08:00"),
        ("America/Los_Angeles", 12, "2026-03-28T16:00"),
    ],
)
def test_the_morning_is_that_of_the_user(zone: str, hour: int, morning: str) -> None:
    moment = datetime(2026, 3, 29, hour, tzinfo=UTC)
    expected = datetime.fromisoformat(f"{morning}+00:00")
    assert digests.last_morning(moment, zone) == expected


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "without the lock"])
async def test_two_jobs_at_once_send_one_message(
    world: World, transactions: Transactions, monkeypatch: pytest.MonkeyPatch, *, guarded: bool
) -> None:
    """Without the lock, both read the same matches before one has sent."""
    if not guarded:
        monkeypatch.setattr(digests, "for_change", lambda rows: rows)
        monkeypatch.setattr(digests, "_lock_waiting", Meeting().after(digests._lock_waiting))
    user = await world.user()
    await saved(transactions, user, SearchNotices.DAILY)
    await match(transactions, (await tea(world)).id)

    async def send() -> None:
        async with transactions.begin() as session:
            await digests.send_digest(session, user.id)

    await asyncio.gather(send(), send())
    assert await digested(world, user) == [1] * (1 if guarded else 2)
