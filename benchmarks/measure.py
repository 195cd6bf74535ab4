"""Points: the server's turns and pgbench's turns, one after the other and back again."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from itertools import count, islice
from uuid import UUID

import psutil
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks import client, pgbench, world
from benchmarks.capture import inside
from benchmarks.house import House
from benchmarks.loads import MINUTES, Load
from benchmarks.numbers import OFFERS, Turn
from benchmarks.script import Script
from benchmarks.tally import Failed, Tally
from benchmarks.wire import request
from core.database import Database
from core.signing_keys import SigningKeys

MOST_REQUESTS = 1_000  # a second, from one Python process
MOST_TRANSACTIONS = 10_000  # a second, from pgbench
WARM_CLIENTS = 16
MOST_WARMING = 2
MISHAPS = (Failed, OSError, TimeoutError, SQLAlchemyError, psutil.Error)


@dataclass
class Point:
    """One load with so many clients. What could not be measured is a problem, not a figure."""

    title: str
    clients: int
    server: Tally = field(default_factory=Tally)
    pgbench: Tally = field(default_factory=Tally)
    server_cpu: float = 0.0  # seconds of processor time in the server's turns
    database_cpu: float = 0.0
    megabytes: float = 0.0
    problems: list[str] = field(default_factory=list)

    @property
    def ratio(self) -> float | None:
        """The server's rate as a share of pgbench's."""
        both = self.server.latencies and self.pgbench.latencies
        return self.server.rate / self.pgbench.rate if both else None


class Bench:
    """Runs the turns of one house. `executor` is the process that the clients are in."""

    def __init__(self, house: House, executor: Executor, seconds: int) -> None:
        self.house = house
        self.halves = [half for half in (seconds // 2, seconds - seconds // 2) if half]
        self.users = (max(self.halves) + MOST_WARMING) * MOST_TRANSACTIONS // OFFERS * OFFERS
        self.keys = SigningKeys.load(house.settings.keys_file)
        self._executor = executor
        self._index = count()
        self._tokens: dict[UUID, str] = {}
        self._scripts: list[Script] = []
        self._planted = False
        self._rates: dict[int, float] = {}

    def prepare(self, load: Load) -> str | None:
        """Capture the load's statements, and let the server meet it before it counts.

        Tells why it cannot be measured, if it cannot.
        """
        turn = self._turn(load, 1, 1)
        try:
            if load.changes and not self._planted:
                self._change(lambda connection: world.plant(connection, self.users))
                self._planted = True
            if load.redeems:
                self._change(lambda connection: world.plant_vouchers(connection, turn, 1))
            self._scripts = asyncio.run(self._capture(load, turn))
            self._serve(load, self._turn(load, WARM_CLIENTS, 1))
        except MISHAPS as error:
            return _told(error)
        return None

    def point(self, load: Load, clients: int) -> Point:
        """Server, pgbench, pgbench, server: what drifts steadily weighs on both alike."""
        point = Point(load.title, clients)
        for number, seconds in enumerate(self.halves):
            sides = [self._server_turn, self._pgbench_turn]
            for side in sides if number % 2 == 0 else reversed(sides):
                try:
                    side(load, self._turn(load, clients, seconds), point)
                except MISHAPS as error:
                    point.problems.append(_told(error))
        return point

    def _server_turn(self, load: Load, turn: Turn, point: Point) -> None:
        tally = self._serve(load, turn, point)
        point.server.add(tally)
        point.problems += [f"{n} times: {what}" for what, n in tally.errors.most_common(3)]
        point.megabytes = max(point.megabytes, self.house.server_megabytes())

    def _pgbench_turn(self, load: Load, turn: Turn, point: Point) -> None:
        if load.redeems:
            expected = 2 * self._rates.get(turn.clients, MOST_TRANSACTIONS / 2)
            vouchers = min(self.users, int(expected + 500) * (turn.seconds + turn.warming))
            self._change(lambda connection: world.plant_vouchers(connection, turn, vouchers))
        tally = pgbench.run(self.house.url, self.house.folder, turn, self._scripts)
        point.pgbench.add(tally)
        self._rates[turn.clients] = max(tally.rate, self._rates.get(turn.clients, 0))

    def _serve(self, load: Load, turn: Turn, point: Point | None = None) -> Tally:
        most = min(self.users, MOST_REQUESTS * turn.seconds)
        if load.redeems:
            self._change(lambda connection: world.plant_vouchers(connection, turn, most))
        port = self.house.settings.port
        calls = islice(load.calls(self.keys, turn, most), most)
        requests = [request(port, call, self._token(call.caller)) for call in calls]
        job = client.Job(port, turn.clients, turn.seconds, requests, load.repeated, load.wanted)
        server, database = self.house.server_cpu(), self.house.database_cpu()
        tally = self._executor.submit(client.work, job).result()
        if point:
            point.server_cpu += self.house.server_cpu() - server
            point.database_cpu += self.house.database_cpu() - database
        return tally

    async def _capture(self, load: Load, turn: Turn) -> list[Script]:
        async with inside(self.house.settings) as asked:
            return await load.capture(asked, self.keys, turn)

    def _turn(self, load: Load, clients: int, seconds: int) -> Turn:
        return Turn(next(self._index), self.users, clients, seconds, load.hot)

    def _token(self, caller: UUID | None) -> str | None:
        if caller is not None and caller not in self._tokens:
            self._tokens[caller], _ = self.keys.sign_access(caller, UUID(int=0), MINUTES)
        return self._tokens[caller] if caller else None

    def _change(self, work: Callable[[AsyncConnection], Awaitable[None]]) -> None:
        async def change() -> None:
            database = Database(self.house.settings.sqlalchemy_url)
            try:
                async with database.engine.begin() as connection:
                    await work(connection)
            finally:
                await database.close()

        asyncio.run(change())


def _told(error: Exception) -> str:
    return " ".join(str(error).split())[:400] or type(error).__name__
