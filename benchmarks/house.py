"""Everything that is measured, started for this run alone and stopped at its end."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.tally import Failed
from core.embedded import servers
from core.settings import HOME, Settings
from tests.processes import free_port, wait_until_ready

ENOUGH = "1000000000"
STOP_SECONDS = 15


@dataclass(frozen=True)
class House:
    """A server process, its settings, and the folder of this run."""

    settings: Settings
    server: psutil.Process
    postmaster: psutil.Process
    folder: Path
    url: str

    def server_cpu(self) -> float:
        """Seconds of processor time that the server has used so far."""
        used = self.server.cpu_times()
        return float(used.user + used.system)

    def database_cpu(self) -> float:
        """The same of PostgreSQL: of those of its processes that live, and of those that ended."""
        own = self.postmaster.cpu_times()
        seconds = own.children_user + own.children_system
        for process in self.postmaster.children():
            try:
                used = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            seconds += used.user + used.system
        return float(seconds)

    def server_megabytes(self) -> float:
        return float(self.server.memory_info().rss) / 1e6


@contextmanager
def opened(folder: Path) -> Iterator[House]:
    """PostgreSQL and Valkey of our own, the demo town, and one real server process."""
    folder.chmod(0o755)  # PostgreSQL runs as a user of its own when we are root
    with servers(folder) as running:
        port = free_port()
        environment = running.environment() | {
            "ENVIRONMENT": "development",
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "WORKERS": "1",
            "LOG_FORMAT": "json",
            "ANONYMOUS_POINTS": ENOUGH,  # one address asks for more than any caller may
            "USER_POINTS": ENOUGH,
            "KEYS_FILE": str(folder / "keys.json"),
            "OUTBOX": str(folder / "outbox"),
            "OBJECTS_FOLDER": str(folder / "objects"),
        }
        for name in ("migrate", "seed"):
            if _haat(name, folder, environment).wait():
                raise Failed(f"haat {name}: {(folder / f'{name}.log').read_text()[-500:]}")
        with _serving(folder, environment, port) as server:
            postmaster = int((folder / "postgres/postmaster.pid").read_text().split()[0])
            yield House(
                settings=Settings(**{name.lower(): value for name, value in environment.items()}),  # type: ignore[arg-type]
                server=psutil.Process(server.pid),
                postmaster=psutil.Process(postmaster),
                folder=folder,
                url=running.database_url,
            )


@contextmanager
def _serving(
    folder: Path, environment: dict[str, str], port: int
) -> Iterator[subprocess.Popen[bytes]]:
    server = _haat("serve", folder, environment)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}")
        yield server
    finally:
        server.terminate()
        try:
            server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _haat(name: str, folder: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """A `haat` command; its log goes to a file, as a real server's would, and not to the screen."""
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - our own code
            [sys.executable, str(HOME / "cli.py"), name],
            env=os.environ | environment,
            stderr=log,
            stdout=log,
        )
