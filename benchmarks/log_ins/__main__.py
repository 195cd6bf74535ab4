"""`python -m benchmarks.log_ins`: log-ins, refreshes and notices of many users, and what others
wait meanwhile.
"""

import argparse
import asyncio
import multiprocessing
import os
import signal
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import uvloop
from rich.console import Console

from benchmarks.load.generator import LoadJob, run_load
from benchmarks.load.results import BenchmarkError, LoadResult
from benchmarks.log_ins import report, requests
from benchmarks.log_ins.measurement import AccountComparison, Beside, LogInMeasurement, Notified
from benchmarks.log_ins.probe import Probe
from benchmarks.log_ins.rows import OFFER, count_notified, insert_accounts
from benchmarks.server import BenchmarkServer, start_benchmark_server, start_worker
from core.database import JOB_STATEMENT_SECONDS, Database
from core.security.key_file import NOT_ENCRYPTED
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from core.settings import HOME
from services import jobs

SESSION = b'"accessToken":"'
LIMIT_SECONDS, LOAD_SECONDS, QUIET_SECONDS = 400, 120, 5
LAG_PAUSE_SECONDS, OFFERS_PAUSE_SECONDS = 0.01, 0.05
POLL_SECONDS = 0.2
USERS = 1_000
REFRESHES = 4  # sessions that are refreshed, for each that logs in

console = Console(highlight=False)


def main() -> None:
    options = _parse_options()
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, lambda *_: sys.exit("Stopped."))  # stops the servers too
    signal.alarm(LIMIT_SECONDS)
    load = os.getloadavg()[0]
    with (
        tempfile.TemporaryDirectory(prefix="haat-log-ins-") as folder,
        ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as executor,
        start_benchmark_server(Path(folder)) as server,
    ):
        measurement = uvloop.run(Benchmark(server, executor, options).run())
    console.print(f"Load {load:.2f} before the run.")
    report.show(console, measurement)
    if problems := measurement.problems():
        raise BenchmarkError("\n".join(problems))
    if options.users >= USERS:
        report.write(HOME / "docs/performance.md", measurement, load)


@dataclass(frozen=True)
class Benchmark:
    server: BenchmarkServer
    executor: ProcessPoolExecutor
    options: argparse.Namespace

    async def run(self) -> LogInMeasurement:
        database = Database(
            self.server.settings.sqlalchemy_url, statement_seconds=JOB_STATEMENT_SECONDS
        )
        users, followers = self.options.users, self.options.followers
        sealer = Sealer(SigningKeys.load(self.server.settings.keys_file, NOT_ENCRYPTED))
        try:
            console.print("Inserting users ...")
            async with database.engine.begin() as connection:
                await insert_accounts(connection, sealer, REFRESHES * users, followers)
            console.print(f"{users:,} log-ins ...")
            log_ins, lag = await self._log_in()
            console.print(f"{REFRESHES * users:,} refreshes ...")
            refreshed = requests.refreshes(self._port, REFRESHES * users)
            refreshes = await self._load(refreshed, SESSION)
            console.print("Known and unknown accounts ...")
            comparisons = await self._compare()
            console.print(f"{followers:,} followers ...")
            notified = await self._notify(database)
        finally:
            await database.close()
        return LogInMeasurement(log_ins, lag, refreshes, comparisons, notified)

    @property
    def _port(self) -> int:
        return self.server.settings.port

    async def _load(
        self, sent: list[bytes], expected: bytes, clients: int | None = None
    ) -> LoadResult:
        clients = clients or self.options.clients
        job = LoadJob(self._port, clients, LOAD_SECONDS, sent, False, expected)
        return await asyncio.get_running_loop().run_in_executor(self.executor, run_load, job)

    async def _log_in(self) -> tuple[LoadResult, Beside]:
        probe = Probe(self._port, requests.health(self._port), LAG_PAUSE_SECONDS)
        sent = requests.log_ins(self._port, self.options.users)
        await probe.watch(1)
        quiet = await probe.watch(QUIET_SECONDS)
        async with probe.watching() as loaded:
            result = await self._load(sent, SESSION)
        return result, Beside(loaded, quiet)

    async def _compare(self) -> list[AccountComparison]:
        """Send one request at a time, so that the latencies are in the order of the requests."""
        found = []
        for name, (sent, expected) in requests.compared(self._port, self.options.samples).items():
            result = await self._load(sent, expected, clients=1)
            if result.errors:
                raise BenchmarkError(f"{name}: {result.errors.most_common(3)}")
            sides: tuple[list[float], list[float]] = ([], [])
            for place, latency in enumerate(result.latencies):
                sides[0 if requests.is_known(place) else 1].append(latency)
            found.append(AccountComparison(name, *sides))
        return found

    async def _notify(self, database: Database) -> Notified:
        probe = Probe(self._port, requests.offers(self._port), OFFERS_PAUSE_SECONDS)
        with start_worker(self.server):
            await asyncio.sleep(QUIET_SECONDS)  # until it has started
            quiet = await probe.watch(QUIET_SECONDS)
            async with probe.watching() as loaded:
                began = perf_counter()
                async with database.session() as session, session.begin():
                    await jobs.defer(session, "notify_followers", offer_id=OFFER)
                await self._wait_until_notified(database)
                seconds = perf_counter() - began
        return Notified(self.options.followers, seconds, Beside(loaded, quiet))

    async def _wait_until_notified(self, database: Database) -> None:
        async with asyncio.timeout(LOAD_SECONDS), database.engine.connect() as connection:
            autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
            notified = 0
            while notified < self.options.followers:
                await asyncio.sleep(POLL_SECONDS)
                notified = await count_notified(autocommit, OFFER)


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.log_ins", description=__doc__)
    parser.add_argument(
        "--users", type=int, default=USERS, metavar="N", help="fewer than 1,000 write nothing"
    )
    parser.add_argument("--clients", type=int, default=16, metavar="N", help="connections")
    parser.add_argument("--samples", type=int, default=200, metavar="N", help="of each comparison")
    parser.add_argument("--followers", type=int, default=10_000, metavar="N")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except BenchmarkError as error:
        sys.exit(str(error))
