"""`python -m benchmarks.log_ins`: log 1,000 users in, and measure what others wait meanwhile."""

import argparse
import asyncio
import multiprocessing
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlmodel import select

from benchmarks import numbering
from benchmarks.http_request import encode_request
from benchmarks.load_generator import LoadJob, run_load
from benchmarks.load_rows import insert_rows
from benchmarks.log_ins.probe import Probe
from benchmarks.results import BenchmarkError, LoadResult
from benchmarks.server import BenchmarkServer, start_benchmark_server
from benchmarks.workloads import OperationCall
from core.database import JOB_STATEMENT_SECONDS, Database
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from demo.accounts import PASSWORD
from models.identity.accounts import Role, User
from services.identity.addresses.sealed_addresses import seal_email

LOG_IN = """
mutation LogIn($input: LogInInput!) {
  logIn(input: $input) { session { accessToken } errors { code message } }
}
"""
SETUP_SECONDS, LOAD_SECONDS, QUIET_SECONDS = 180, 120, 5
PASSWORD_HASH = select(User.password_hash).where(User.role == Role.ADMIN).limit(1)
AIMED_RATE, AIMED_P99 = 60, 15  # log-ins a second; milliseconds of others

console = Console(highlight=False)


def main() -> None:
    options = _parse_options()
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, lambda *_: sys.exit("Stopped."))  # stops the servers too
    signal.alarm(SETUP_SECONDS + LOAD_SECONDS)
    load = os.getloadavg()[0]
    with (
        tempfile.TemporaryDirectory(prefix="haat-log-ins-") as folder,
        ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as executor,
        start_benchmark_server(Path(folder)) as server,
    ):
        asyncio.run(_insert_users(server, options.users))
        quiet, log_ins, others = asyncio.run(_measure(server, executor, options))
    console.print(_table(quiet, log_ins, others, load))
    if log_ins.errors:
        raise BenchmarkError(f"Not every log-in succeeded: {log_ins.errors.most_common(3)}")


async def _insert_users(server: BenchmarkServer, count: int) -> None:
    """Insert users with an address, and the password of the demo data."""
    sealer = Sealer(SigningKeys.load(server.settings.keys_file))
    database = Database(server.settings.sqlalchemy_url, statement_seconds=JOB_STATEMENT_SECONDS)
    try:
        async with database.engine.begin() as connection:
            await insert_rows(connection, count)
        async with database.session() as session, session.begin():
            hashed = (await session.exec(PASSWORD_HASH)).one()
            for number in range(count):
                user = await session.get_one(User, numbering.uuid_of(numbering.USER, number))
                seal_email(sealer, user, _address(number))
                user.password_hash = hashed
    finally:
        await database.close()


async def _measure(
    server: BenchmarkServer, executor: Executor, options: argparse.Namespace
) -> tuple[LoadResult, LoadResult, LoadResult]:
    port = server.settings.port
    probe = Probe(f"http://127.0.0.1:{port}")
    requests = list(_requests(port, options.users))
    job = LoadJob(port, options.clients, LOAD_SECONDS, requests, False, b'"accessToken":"')
    await probe.watch(1)
    quiet = await probe.watch(QUIET_SECONDS)
    async with probe.watching() as others:
        log_ins = await asyncio.get_running_loop().run_in_executor(executor, run_load, job)
    return quiet, log_ins, others


def _address(number: int) -> str:
    return f"user-{number}@load.example"


def _requests(port: int, count: int) -> Iterator[bytes]:
    """Return a log-in of each user, from a network of its own."""
    for number in range(count):
        values = {"input": {"email": _address(number), "password": PASSWORD}}
        call = OperationCall(LOG_IN, values)
        network = (
            f"X-Forwarded-For: 198.{18 + number // 65_536}.{number // 256 % 256}.{number % 256}"
        )
        yield encode_request(port, call, None).replace(b"\r\n", f"\r\n{network}\r\n".encode(), 1)


def _table(quiet: LoadResult, log_ins: LoadResult, others: LoadResult, load: float) -> Table:
    table = Table(
        "", "per second", "p50 ms", "p99 ms", "longest ms", title=f"Load {load:.2f} before"
    )
    for name, result in (("log-ins", log_ins), ("others", others), ("others, quiet", quiet)):
        cuts = [f"{result.percentile(share):.1f}" for share in (0.5, 0.99, 1)]
        table.add_row(name, f"{result.rate:.0f}", *cuts)
    table.caption = f"Aims: {AIMED_RATE} log-ins a second, p99 of others under {AIMED_P99} ms"
    return table


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.log_ins", description=__doc__)
    parser.add_argument("--users", type=int, default=1_000, metavar="N")
    parser.add_argument("--clients", type=int, default=16, metavar="N", help="connections")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except BenchmarkError as error:
        sys.exit(str(error))
