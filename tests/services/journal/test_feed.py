"""The feed, in this process: its reads, its buffers, and the resources that it releases."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import event, text
from sqlalchemy.exc import SQLAlchemyError

from core.database import Database
from core.errors import CursorExpired
from core.ids import new_id
from core.redis import pubsub
from core.redis.pubsub import PubSub
from core.runtime.embedded import as_role
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from services.journal import append as journal
from services.journal import consumer as consumers
from services.journal import feed as feeds
from services.journal import queries
from services.journal.consumer import JournalConsumer
from services.journal.cursor import CursorCodec
from services.journal.feed import Feed, FeedStats
from services.journal.queries import JournalRecord
from services.transaction import Transactions
from tests import servers
from tests.entries import Happened
from tests.factories.world import World
from tests.processes import paused
from tests.running import Valkey

NEVER = 1000.0
PATIENCE_SECONDS = 20.0  # of a busy machine


class Live:
    """A feed with its pub/sub, and a writer of entries; `quietly` loses the signals."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database(settings.sqlalchemy_url)
        self.pubsub = PubSub(settings.redis)
        keys = SigningKeys.load(settings.keys_file, settings.file_secrets)
        self.feed = Feed(self.database, self.pubsub, CursorCodec(keys))
        self.topic = f"vendor:{new_id()}"

    async def start(self) -> None:
        await self.pubsub.start()
        await self.feed.start()

    async def stop(self) -> None:
        await self.feed.stop()
        await self.pubsub.stop()
        await self.database.close()

    async def write(self, times: int = 1, *, quietly: bool = False) -> None:
        """Append each entry in a transaction of its own."""
        pubsub = PubSub(self.settings.redis) if quietly else self.pubsub
        for _ in range(times):
            async with Transactions(self.database, pubsub).begin() as session:
                journal.append(session, Happened(new_id()), to=[self.topic])

    async def position(self) -> dict[str, int]:
        return await self.feed.position([self.topic], None)

    async def channels(self) -> list[bytes]:
        """Return the channels that Redis has subscribers for."""
        async with Redis.from_url(self.settings.redis) as redis:
            return list(await redis.pubsub_channels(self.topic))

    async def subscribed(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await self.channels():  # noqa: ASYNC110 - there is nothing to wait on
                await asyncio.sleep(0.01)

    async def left_nothing(self) -> None:
        assert self.feed.stats() == FeedStats(topics=0, stale_topics=0, kept_entries=0)
        assert (self.pubsub.stats().topics, self.pubsub.stats().channels) == (0, 0)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self.channels():  # noqa: ASYNC110 - there is nothing to wait on
                await asyncio.sleep(0.01)


@pytest.fixture
async def live(settings: Settings, world: World) -> AsyncIterator[Live]:
    live = Live(settings)
    await live.start()
    yield live
    await live.stop()


async def take(
    consumer: JournalConsumer, number: int, patience: float = PATIENCE_SECONDS
) -> list[int]:
    """Return the next `number` sequence numbers; fail if one more arrives."""
    taken: list[int] = []
    async with asyncio.timeout(patience):
        while len(taken) < number:
            taken += [entry.seq async for entry in consumer.entries(patience)]
    assert len(taken) == number
    return taken


async def test_an_entry_is_read_once_for_all_consumers(live: Live) -> None:
    async with AsyncExitStack() as stack:
        places = await live.position()
        consumers = [await stack.enter_async_context(live.feed.follow(places)) for _ in range(200)]
        taking = [asyncio.create_task(take(consumer, 10)) for consumer in consumers]
        await live.subscribed()
        with Reads(live.database) as reads:
            for _ in range(10):
                await live.write()
                await asyncio.sleep(0.02)
            taken = await asyncio.gather(*taking)
    assert taken == [list(range(1, 11))] * 200
    assert len(reads.seen) <= 20, "one for each entry or less, and looks of sweeps"


async def test_a_slow_consumer_reads_the_journal(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "MAX_KEPT_ENTRIES", 8)
    monkeypatch.setattr(queries, "MAX_BATCH_SIZE", 16)
    places = await live.position()
    async with live.feed.follow(places) as quick, live.feed.follow(places) as slow:
        for number in range(1, 41):
            await live.write()
            assert await take(quick, 1) == [number]
        assert live.feed.stats().kept_entries == 8
        with Reads(live.database) as reads:
            assert await take(slow, 40) == list(range(1, 41))
        assert len(reads.seen) == 2, "16 and 16; the last 8 come from memory"


async def test_a_signal_during_a_read_causes_another(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "SWEEP_SECONDS", NEVER)
    held, go_on = asyncio.Event(), asyncio.Event()
    read = queries.entries

    async def held_up(database: Database, topic: str, after: int) -> Sequence[JournalRecord[Any]]:
        found = await read(database, topic, after)
        if found and not held.is_set():
            held.set()
            await go_on.wait()
        return found

    async with live.feed.follow(await live.position()) as consumer:
        await live.subscribed()
        monkeypatch.setattr(queries, "entries", held_up)
        await live.write()
        await held.wait()
        await live.write()
        await asyncio.sleep(0.1)
        go_on.set()
        assert await take(consumer, 2) == [1, 2]


async def test_a_lost_signal_is_recovered_by_the_sweep(live: Live) -> None:
    async with live.feed.follow(await live.position()) as consumer:
        await live.write(3, quietly=True)
        assert await take(consumer, 3) == [1, 2, 3]


async def test_consumers_that_leave_release_everything(live: Live) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(20):
            await stack.enter_async_context(live.feed.follow(await live.position()))
        await live.write()
        assert await live.channels() == [live.topic.encode()]
    await live.left_nothing()


async def test_many_first_consumers_at_once(live: Live) -> None:
    places = await live.position()
    together = asyncio.Barrier(50)

    async def consume() -> list[int]:
        await together.wait()
        async with live.feed.follow(places) as consumer:
            return await take(consumer, 3)

    tasks = [asyncio.create_task(consume()) for _ in range(50)]
    await live.write(3)
    assert await asyncio.gather(*tasks) == [[1, 2, 3]] * 50
    await live.left_nothing()


async def test_consumers_cancelled_at_any_moment_release_everything(live: Live) -> None:
    chance = Random(7)
    places = await live.position()

    async def consume() -> None:
        async with live.feed.follow(places) as consumer:
            await take(consumer, 1000)

    for _ in range(150):
        tasks = [asyncio.create_task(consume()) for _ in range(chance.randint(1, 3))]
        for one in tasks:
            await asyncio.sleep(chance.choice([0, 0, 0.0005, 0.002, 0.005]))
            one.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {asyncio.CancelledError}
    await live.left_nothing()
    async with live.feed.follow(await live.position()) as consumer:
        await live.write()
        assert await take(consumer, 1) == [1]


async def test_a_topic_that_cannot_be_read_is_released(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unreadable(*_: Any) -> dict[str, int]:
        raise SQLAlchemyError

    places = await live.position()
    monkeypatch.setattr(queries, "heads", unreadable)
    with pytest.raises(SQLAlchemyError):
        async with live.feed.follow(places):
            pass
    await live.left_nothing()


async def test_the_feed_recovers_after_a_database_outage(
    settings: Settings, worker_id: str
) -> None:
    """Two sweeps at least fail to connect at all."""
    name = f"haat_outage_{worker_id}"
    await servers.create_database(name, servers.TEMPLATE)
    live = Live(settings.model_copy(update={"database_url": servers.url_of(name)}))
    await live.start()
    try:
        async with live.feed.follow(await live.position()) as consumer:
            await live.write()
            assert await take(consumer, 1) == [1]
            await _connections(settings, name, allowed=False)
            live.pubsub.publish({live.topic: 2})
            await asyncio.sleep(4.5)
            await _connections(settings, name, allowed=True)
            await live.write(2, quietly=True)
            assert await take(consumer, 2) == [2, 3]
    finally:
        await live.stop()


async def test_a_silent_redis_is_disconnected_and_reconnected(
    settings: Settings, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that the other side dropped silently looks like an idle one."""
    monkeypatch.setattr(pubsub, "IDLE_SECONDS", 0.2)
    with Valkey(tmp_path) as valkey:
        live = Live(settings.model_copy(update={"redis_url": valkey.url}))
        await live.start()
        try:
            async with live.feed.follow(await live.position()) as consumer:
                first = live.pubsub.stats().connections_made
                with paused(valkey.pid):
                    await until(lambda: not live.pubsub.stats().connected)
                await until(lambda: live.pubsub.stats().connections_made > first)
                monkeypatch.setattr(feeds, "SWEEP_SECONDS", NEVER)
                await asyncio.sleep(2.2)
                await live.write()
                assert await take(consumer, 1) == [1]
        finally:
            await live.stop()


async def test_trimmed_entries_end_the_consumer(live: Live) -> None:
    places = await live.position()
    await live.write(3)
    async with live.feed.follow(places) as consumer:
        await _forget(live, 3)
        async with asyncio.timeout(PATIENCE_SECONDS):
            with pytest.raises(CursorExpired):
                [_ async for _ in consumer.entries(1)]


async def test_a_gap_is_never_skipped(live: Live) -> None:
    places = await live.position()
    await live.write(3)
    await _forget(live, 2, only=True)
    async with live.feed.follow(places) as consumer:
        taken: list[int] = []
        with pytest.raises(CursorExpired):
            async for entry in consumer.entries(1):
                taken.append(entry.seq)  # noqa: PERF401 - what came before the error counts
        assert taken == [1]


async def test_another_epoch_ends_every_consumer(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = queries.sweep

    async def of_another(*args: Any) -> queries.Sweep:
        found = await sweep(*args)
        return queries.Sweep("another", found.xmin, found.grown)

    async with live.feed.follow(await live.position()) as consumer:
        monkeypatch.setattr(queries, "sweep", of_another)
        with pytest.raises(CursorExpired):
            await take(consumer, 1)


async def test_a_consumer_after_a_new_epoch_reads_only_new_entries(live: Live) -> None:
    """Even before a consumer of the old epoch leaves, whose numbers are of another history."""
    await live.write()
    async with live.feed.follow(await live.position()) as old:
        old.tails[0].head += 5
        live.feed.epoch = "the one before"
        await live.feed.sweep()
        assert old.expired
        async with live.feed.follow(await live.position()) as new:
            assert new.tails[0].head == 1
            await live.write()
            assert await take(new, 1) == [2]
    await live.left_nothing()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not true():  # noqa: ASYNC110 - there is nothing to wait on
            await asyncio.sleep(0.02)


async def _forget(live: Live, seq: int, *, only: bool = False) -> None:
    """As the job does that trims the journal."""
    how = "=" if only else "<="
    async with live.database.session() as session, session.begin():
        await session.execute(
            text(f"DELETE FROM journal_entry WHERE topic = :topic AND seq {how} :seq"),
            {"topic": live.topic, "seq": seq},
        )


async def _connections(settings: Settings, name: str, *, allowed: bool) -> None:
    elsewhere = Database(as_role(settings.sqlalchemy_url, servers.SUPERUSER), pool=2)
    async with elsewhere.session() as session, session.begin():
        await session.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {allowed}"))
        if not allowed:
            end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
            await session.execute(text(end), {"name": name})
    await elsewhere.close()


class Reads:
    """Counts the statements that read entries of a topic, while entered."""

    def __init__(self, database: Database) -> None:
        self.seen: list[str] = []
        self._engine = database.engine.sync_engine

    def __enter__(self) -> "Reads":
        event.listen(self._engine, "before_cursor_execute", self._see)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._see)

    def _see(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM journal_entry" in statement and "ORDER BY journal_entry.seq" in statement:
            self.seen.append(statement)
