"""Starts the servers that are measured, for one run only."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import psutil

from benchmarks.cpu_time import database_cpu_seconds
from benchmarks.load.results import BenchmarkError
from benchmarks.offers.seed import seed
from core.runtime.embedded import as_role, servers
from core.settings import HOME, Settings
from tests.processes import ended_afterwards, free_port, wait_until_ready

UNLIMITED_POINTS = "1000000000"
READY_SECONDS = 90  # on a busy machine


@dataclass(frozen=True)
class BenchmarkServer:
    settings: Settings
    process: psutil.Process
    postmaster: psutil.Process
    folder: Path
    database_url: str
    environment: dict[str, str]

    def cpu_seconds(self) -> float:
        used = self.process.cpu_times()
        return float(used.user + used.system)

    def database_cpu_seconds(self) -> float:
        return database_cpu_seconds(self.postmaster)

    def resident_megabytes(self) -> float:
        return float(self.process.memory_info().rss) / 1e6


@contextmanager
def start_benchmark_server(folder: Path, offers: int = 0) -> Iterator[BenchmarkServer]:
    """Start the servers with the demo data, and with more offers beside it."""
    folder.chmod(0o755)  # PostgreSQL runs as another user if we are root
    with servers(folder) as running:
        port = free_port()
        environment = running.environment() | {
            "ENVIRONMENT": "development",
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "WORKERS": "1",
            "LOG_FORMAT": "json",
            "ANONYMOUS_POINTS": UNLIMITED_POINTS,  # all requests come from one address
            "USER_POINTS": UNLIMITED_POINTS,
            "PUBLIC_ANSWER_SECONDS": "0",  # executions are measured
            "KEYS_FILE": str(folder / "keys.json"),
            "OUTBOX": str(folder / "outbox"),
            "OBJECTS_FOLDER": str(folder / "objects"),
        }
        owner = {"MIGRATIONS_URL": running.migrations_url}
        _run_to_its_end("migrate", folder, environment | owner)
        if offers:
            asyncio.run(_seed_offers(as_role(running.database_url, "postgres"), offers))
        _run_to_its_end("seed", folder, environment | owner)
        with _serve(folder, environment, port) as server:
            postmaster = int((folder / "postgres/postmaster.pid").read_text().split()[0])
            yield BenchmarkServer(
                settings=Settings(**{name.lower(): value for name, value in environment.items()}),  # type: ignore[arg-type]
                process=psutil.Process(server.pid),
                postmaster=psutil.Process(postmaster),
                folder=folder,
                database_url=running.database_url,
                environment=environment,
            )


async def _seed_offers(url: str, offers: int) -> None:
    connection = await asyncpg.connect(url)
    await seed(connection, offers=offers, vendors=max(100, offers // 50), leaves=40)
    await connection.close()


def _run_to_its_end(name: str, folder: Path, environment: dict[str, str]) -> None:
    if _run_command(name, folder, environment).wait():
        log = (folder / f"{name}.log").read_text()
        raise BenchmarkError(f"haat {name}: {log[-500:]}")


@contextmanager
def start_worker(server: BenchmarkServer) -> Iterator[None]:
    """Start a worker of jobs beside the server."""
    with ended_afterwards(_run_command("worker", server.folder, server.environment)):
        yield


@contextmanager
def _serve(
    folder: Path, environment: dict[str, str], port: int
) -> Iterator[subprocess.Popen[bytes]]:
    server = _run_command("serve", folder, environment)
    with ended_afterwards(server):
        wait_until_ready(f"http://127.0.0.1:{port}", READY_SECONDS, process=server)
        yield server


def _run_command(name: str, folder: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a command that logs to a file, as in production."""
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - our own code
            [sys.executable, str(HOME / "cli.py"), name],
            env=os.environ | environment,
            stderr=log,
            stdout=log,
        )
