"""Measures workloads, on the server and on pgbench."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from itertools import count, islice
from uuid import UUID

import psutil
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.load.generator import LoadJob, run_load
from benchmarks.load.http_request import encode_request
from benchmarks.load.numbering import OFFER_COUNT, LoadRun
from benchmarks.load.order_rows import insert_checkouts, insert_goods
from benchmarks.load.results import BenchmarkError, LoadResult
from benchmarks.load.rows import insert_rows, insert_vouchers
from benchmarks.pgbench.runs import run_pgbench
from benchmarks.pgbench.script import PgbenchScript
from benchmarks.pgbench.statement_capture import in_process_client
from benchmarks.server import BenchmarkServer
from benchmarks.workloads import TOKEN_MINUTES, Workload
from core.database import JOB_STATEMENT_SECONDS, Database
from core.runtime.embedded import OWNER, as_role
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys

MAX_REQUESTS_PER_SECOND = 3_000  # upper estimate for one Python process
MAX_TRANSACTIONS_PER_SECOND = 10_000  # upper estimate for pgbench
WARMUP_CLIENTS = 16
MAX_WARMUP_SECONDS = 2
EXPECTED_ERRORS = (BenchmarkError, OSError, TimeoutError, SQLAlchemyError, psutil.Error)


@dataclass
class Measurement:
    """A failed run is a problem and not a figure."""

    title: str
    clients: int
    server: LoadResult = field(default_factory=LoadResult)
    pgbench: LoadResult = field(default_factory=LoadResult)
    server_cpu: float = 0.0  # CPU seconds in the runs of the server
    database_cpu: float = 0.0
    megabytes: float = 0.0
    problems: list[str] = field(default_factory=list)

    @property
    def ratio(self) -> float | None:
        complete = self.server.latencies and self.pgbench.latencies
        return self.server.rate / self.pgbench.rate if complete else None


class BenchmarkRunner:
    def __init__(self, server: BenchmarkServer, executor: Executor, seconds: int) -> None:
        self.server = server
        self.halves = [half for half in (seconds // 2, seconds - seconds // 2) if half]
        longest = max(self.halves) + MAX_WARMUP_SECONDS
        self.users = longest * MAX_TRANSACTIONS_PER_SECOND // OFFER_COUNT * OFFER_COUNT
        self.keys = SigningKeys.load(server.settings.keys_file, server.settings.file_secrets)
        self._executor = executor
        self._index = count()
        self._tokens: dict[UUID, str] = {}
        self._scripts: list[PgbenchScript] = []
        self._rows_inserted = False
        self._pgbench_rates: dict[int, float] = {}  # by number of clients

    def prepare(self, workload: Workload) -> str | None:
        """Capture the SQL and warm up the server. Return a problem, or None."""
        run = self._new_run(workload, 1, 1)
        try:
            if workload.writes and not self._rows_inserted:
                self._in_database(lambda connection: insert_rows(connection, self.users))
                self._in_database(insert_goods)
                self._rows_inserted = True
            if workload.redeems:
                self._in_database(lambda connection: insert_vouchers(connection, run, 1))
            if workload.orders:
                self._insert_checkouts(run, 1)
            self._scripts = asyncio.run(self._capture(workload, run))
            self._load_server(workload, self._new_run(workload, WARMUP_CLIENTS, 1))
        except EXPECTED_ERRORS as error:
            return _describe(error)
        return None

    def measure(self, workload: Workload, clients: int) -> Measurement:
        """Run server, pgbench, pgbench, server, so that a steady drift affects both equally."""
        measurement = Measurement(workload.title, clients)
        for number, seconds in enumerate(self.halves):
            sides = [self._run_server, self._run_pgbench]
            for side in sides if number % 2 == 0 else reversed(sides):
                try:
                    side(workload, self._new_run(workload, clients, seconds), measurement)
                except EXPECTED_ERRORS as error:
                    measurement.problems.append(_describe(error))
        return measurement

    def _run_server(self, workload: Workload, run: LoadRun, measurement: Measurement) -> None:
        result = self._load_server(workload, run, measurement)
        measurement.server.add(result)
        common = result.errors.most_common(3)
        measurement.problems += [f"{times} times: {message}" for message, times in common]
        memory = self.server.resident_megabytes()
        measurement.megabytes = max(measurement.megabytes, memory)

    def _run_pgbench(self, workload: Workload, run: LoadRun, measurement: Measurement) -> None:
        expected = 2 * self._pgbench_rates.get(run.clients, MAX_TRANSACTIONS_PER_SECOND / 2)
        needed = min(self.users, int(expected + 500) * (run.seconds + run.warmup_seconds))
        if workload.redeems:
            self._in_database(lambda connection: insert_vouchers(connection, run, needed))
        if workload.orders:
            self._insert_checkouts(run, needed)
        server = self.server
        result = run_pgbench(server.database_url, server.folder, run, self._scripts)
        measurement.pgbench.add(result)
        known_rate = self._pgbench_rates.get(run.clients, 0)
        self._pgbench_rates[run.clients] = max(result.rate, known_rate)

    def _load_server(
        self, workload: Workload, run: LoadRun, measurement: Measurement | None = None
    ) -> LoadResult:
        limit = min(self.users, MAX_REQUESTS_PER_SECOND * run.seconds)
        if workload.redeems:
            self._in_database(lambda connection: insert_vouchers(connection, run, limit))
        if workload.orders:
            self._insert_checkouts(run, limit)
        port = self.server.settings.port
        calls = islice(workload.calls(self.keys, run, limit), limit)
        requests = [encode_request(port, call, self._token(call.user_id)) for call in calls]
        job = LoadJob(
            port, run.clients, run.seconds, requests, workload.repeatable, workload.expected
        )
        server_cpu, database_cpu = self.server.cpu_seconds(), self.server.database_cpu_seconds()
        result = self._executor.submit(run_load, job).result()
        if measurement:
            measurement.server_cpu += self.server.cpu_seconds() - server_cpu
            measurement.database_cpu += self.server.database_cpu_seconds() - database_cpu
        return result

    def _insert_checkouts(self, run: LoadRun, count: int) -> None:
        self._in_database(
            lambda connection: insert_checkouts(connection, Sealer(self.keys), run, count)
        )

    async def _capture(self, workload: Workload, run: LoadRun) -> list[PgbenchScript]:
        async with in_process_client(self.server.settings) as client:
            return await workload.capture(client, self.keys, run)

    def _new_run(self, workload: Workload, clients: int, seconds: int) -> LoadRun:
        return LoadRun(next(self._index), self.users, clients, seconds, workload.hot)

    def _token(self, user_id: UUID | None) -> str | None:
        if user_id is not None and user_id not in self._tokens:
            self._tokens[user_id], _ = self.keys.sign_access(user_id, user_id, TOKEN_MINUTES)
        return self._tokens[user_id] if user_id else None

    def _in_database(self, work: Callable[[AsyncConnection], Awaitable[None]]) -> None:
        async def execute() -> None:
            url = as_role(self.server.settings.sqlalchemy_url, OWNER)  # only it can ANALYZE
            database = Database(url, statement_seconds=JOB_STATEMENT_SECONDS)
            try:
                async with database.engine.begin() as connection:
                    await work(connection)
            finally:
                await database.close()

        asyncio.run(execute())


def _describe(error: Exception) -> str:
    return " ".join(str(error).split())[:400] or type(error).__name__
