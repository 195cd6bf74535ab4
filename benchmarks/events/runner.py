"""Measures sales, check-ins and followers on one server, in turn."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count

from rich.console import Console
from strawberry.relay import to_base64

from benchmarks.events import sql
from benchmarks.events.followers import measure_followers
from benchmarks.events.measurement import ComparedSales, EventMeasurement
from benchmarks.events.requests import ADMITTED, HELD, SCANS, Requests
from benchmarks.events.scene import COUNT_FREE, COUNT_INSIDE, EventScene
from benchmarks.load.generator import LoadJob, run_load
from benchmarks.load.numbering import LoadRun
from benchmarks.load.results import BenchmarkError, LoadResult
from benchmarks.pgbench.runs import run_pgbench
from benchmarks.pgbench.script import PgbenchScript
from benchmarks.server import READY_SECONDS, BenchmarkServer, start_worker
from core.database import JOB_STATEMENT_SECONDS, Database
from core.runtime.embedded import OWNER, as_role
from core.security.signing_keys import SigningKeys
from models.events.check_in.lists import CheckInList
from models.events.dates import EventDate
from models.events.ticket_types import TicketType
from tests.factories.world import World

SALES_PER_SECOND = 5_000  # upper estimate for pgbench: each is of another user
MIN_USERS = 10_000
MAX_REQUESTS_PER_SECOND = 800  # upper estimates for one Python process
MAX_SYNCHRONIZATIONS_PER_SECOND = 30
SYNC_CLIENTS = 4
WARM_UP_SECONDS = 1
WATCH_SECONDS = 0.1


@dataclass(frozen=True)
class EventOptions:
    seconds: int
    clients: int
    followers: int

    @property
    def halves(self) -> list[int]:
        return [half for half in (self.seconds // 2, self.seconds - self.seconds // 2) if half]

    @property
    def users(self) -> int:
        longest = max(self.halves) + WARM_UP_SECONDS
        return max(MIN_USERS, SALES_PER_SECOND * longest)


class EventRunner:
    def __init__(
        self, server: BenchmarkServer, executor: Executor, options: EventOptions, console: Console
    ) -> None:
        self.server, self.executor, self.options = server, executor, options
        self.console = console
        settings = server.settings
        self.keys = SigningKeys.load(settings.keys_file, settings.file_secrets)
        self._index = count()
        self._tickets = 0  # that have numbers
        self._waits: list[float] = []
        self.scene: EventScene
        self.requests: Requests

    async def run(self) -> EventMeasurement:
        url = as_role(self.server.settings.sqlalchemy_url, OWNER)  # only it can ANALYZE
        database = Database(url, statement_seconds=JOB_STATEMENT_SECONDS)
        try:
            self.console.print("Inserting users, seats and scanners ...")
            self.scene = await EventScene.create(World(database, self.keys), self.options.users)
            self.requests = Requests(self.scene, self.keys, self.server.settings.port)
            with start_worker(self.server):  # it announces the changes of dates
                standing = await self._sell(seated=False)
                seated = await self._sell(seated=True)
                check_ins = await self._check_in()
                synchronizations = await self._synchronize()
            followers = await self._follow()
        finally:
            await database.close()
        return EventMeasurement(
            standing=standing,
            seated=seated,
            check_ins=check_ins,
            synchronizations=synchronizations,
            scans=SCANS,
            announcing=self._waits,
            followers=followers,
            following=self.options.followers,
        )

    async def _sell(self, *, seated: bool) -> ComparedSales:
        """Run server, pgbench, pgbench, server, so that a steady drift affects both equally."""
        self.console.print(f"{'Seats' if seated else 'Tickets'} ...")
        sales = ComparedSales(LoadResult(), LoadResult(), sql.MEAN_TICKETS)
        await self._warm_up(seated)
        for place, seconds in enumerate(self.options.halves):
            sides = [(sales.server, self._hold), (sales.pgbench, self._sell_by_sql)]
            for result, side in sides if place % 2 == 0 else reversed(sides):
                result.add(await side(seated, seconds))
        return sales

    async def _warm_up(self, seated: bool) -> None:
        """Sell unmeasured, and wait for the worker, which takes seconds to start."""
        measured = len(self._waits)
        await self._hold(seated, WARM_UP_SECONDS)
        async with asyncio.timeout(READY_SECONDS):
            while await self.scene.announcing_seconds():  # noqa: ASYNC110 - another process
                await asyncio.sleep(WATCH_SECONDS)
        del self._waits[measured:]

    async def _hold(self, seated: bool, seconds: int) -> LoadResult:
        run, most = self._new_run(seconds), MAX_REQUESTS_PER_SECOND * seconds
        date, kind, _ = await self._new_date(seated)
        sent = self.requests.holds(run, date, kind, most)
        async with self._watching_changes():
            result = await self._load(sent, HELD, seconds)
        await self._ensure_seats_left(seated, date)
        return result

    @asynccontextmanager
    async def _watching_changes(self) -> AsyncIterator[None]:
        """Note for how long the oldest change waits to be announced, during the block."""

        async def watch() -> None:
            while True:
                await asyncio.sleep(WATCH_SECONDS)
                self._waits.append(1000 * await self.scene.announcing_seconds())

        watching = asyncio.create_task(watch())
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _sell_by_sql(self, seated: bool, seconds: int) -> LoadResult:
        run = self._new_run(seconds)
        date, _, script = await self._new_date(seated)
        work = partial(run_pgbench, self.server.database_url, self.server.folder, run, [script])
        result = await asyncio.to_thread(work)
        await self._ensure_seats_left(seated, date)
        return result

    async def _new_date(self, seated: bool) -> tuple[EventDate, TicketType, PgbenchScript]:
        if seated:
            date, kind = await self.scene.seated_date(), self.scene.seated
            return date, kind, sql.seated(date.id, kind.id)
        kind = self.scene.standing
        date, quota = await self.scene.standing_date()
        return date, kind, sql.standing(date.id, quota.id, kind.id)

    async def _ensure_seats_left(self, seated: bool, date: EventDate) -> None:
        """Raise if a date was sold out, after which a sale is a refusal."""
        if seated and not await self.scene.count(COUNT_FREE, date.id):
            raise BenchmarkError("All seats were sold. Measure for fewer seconds.")

    async def _check_in(self) -> LoadResult:
        self.console.print("Check-ins ...")
        await self._check_in_for(WARM_UP_SECONDS)
        return await self._check_in_for(self.options.seconds)

    async def _check_in_for(self, seconds: int) -> LoadResult:
        most = MAX_REQUESTS_PER_SECOND * seconds
        door, first = await self._new_door(most)
        result = await self._load(self.requests.check_ins(door, first, most), ADMITTED, seconds)
        await self._ensure_inside(door, len(result.latencies))
        return result

    async def _synchronize(self) -> LoadResult:
        self.console.print("Synchronizations ...")
        await self._synchronize_for(WARM_UP_SECONDS)
        return await self._synchronize_for(self.options.seconds)

    async def _synchronize_for(self, seconds: int) -> LoadResult:
        most = MAX_SYNCHRONIZATIONS_PER_SECOND * seconds
        door, first = await self._new_door(most * SCANS)
        sent = self.requests.synchronizations(door, first, most)
        result = await self._load(sent, ADMITTED, seconds, SYNC_CLIENTS)
        await self._ensure_inside(door, len(result.latencies) * SCANS)
        return result

    async def _new_door(self, tickets: int) -> tuple[CheckInList, int]:
        """Return a list of a new date, and the number of its first ticket."""
        first = self._tickets
        self._tickets += tickets
        return await self.scene.door(first, tickets), first

    async def _ensure_inside(self, door: CheckInList, expected: int) -> None:
        inside = await self.scene.count(COUNT_INSIDE, door.id)
        if inside != expected:
            raise BenchmarkError(f"{inside} are inside, and {expected} were let in.")

    async def _follow(self) -> list[float]:
        if not self.options.followers:
            return []
        self.console.print(f"{self.options.followers:,} followers ...")
        tokens = self.requests.tokens(self.options.followers)
        event_gid = to_base64("Event", str(self.scene.queue.event_id))
        return await measure_followers(self.server, self.scene, event_gid, tokens)

    async def _load(
        self, sent: Iterable[bytes], expected: bytes, seconds: int, clients: int | None = None
    ) -> LoadResult:
        clients = clients or self.options.clients
        port = self.server.settings.port
        job = LoadJob(port, clients, seconds, list(sent), repeatable=False, expected=expected)
        used = self.server.cpu_seconds()
        loop = asyncio.get_running_loop()
        result = await loop.run_in_executor(self.executor, run_load, job)
        self.console.print(
            f"{1000 * (self.server.cpu_seconds() - used) / max(1, len(result.latencies)):.1f} ms of"
            " CPU of the server for a request"
        )
        return result

    def _new_run(self, seconds: int) -> LoadRun:
        return LoadRun(
            next(self._index), self.options.users, self.options.clients, seconds, hot=True
        )
