"""`haat serve` with the settings of production."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from core.settings import HOME, Settings
from tests.processes import Process, ended_afterwards, free_port, wait_until_ready
from tests.warm_processes import start

COMMAND_LINE = "cli.py", "serve"


@dataclass(frozen=True)
class ServerProcess:
    """A running server process."""

    url: str
    process: Process
    log: Path

    def cpu(self) -> float:
        """Return the CPU seconds of the process, which other processes don't add to."""
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)

    def memory(self) -> int:
        """Bytes."""
        return int(psutil.Process(self.process.pid).memory_info().rss)


def production(settings: Settings, *, limited: bool = False) -> dict[str, str]:
    """Return production settings, also those that production requires.

    Points are refilled at once, unless the callers are `limited` as by default.
    """
    refilled = {} if limited else {"POINTS_PER_SECOND": "1000000"}
    return refilled | {
        "ENVIRONMENT": "production",
        "PUBLIC_URL": "https://haat.example",
        "DATABASE_URL": str(settings.database_url),
        "REDIS_URL": settings.redis,
        "KEYS_FILE": str(settings.keys_file),
        "OBJECTS_FOLDER": str(settings.objects_folder),
        "MAIL_URL": "smtp://127.0.0.1:9",
    }


@contextmanager
def serving(environment: Mapping[str, str], *how: str) -> Iterator[ServerProcess]:
    """Run a server until it is ready.

    It is a warm process, or a new one of a program that serves: `COMMAND_LINE`, to measure its
    memory and its start, or another.

    Raises a `RuntimeError` with the end of its log if it does not start.
    """
    port = str(free_port())
    with ExitStack() as stack:
        output = stack.enter_context(tempfile.NamedTemporaryFile(prefix="haat-server-"))
        whole = os.environ | dict(environment) | {"PORT": port}
        process = _started(how, whole, output) if how else start("serve", whole, output)
        stack.enter_context(ended_afterwards(process))
        log = Path(output.name)
        server = ServerProcess(f"http://127.0.0.1:{port}", process, log)
        try:
            wait_until_ready(server.url, process=process)
        except OSError as error:
            raise RuntimeError(f"The server did not start:\n{log.read_text()[-3000:]}") from error
        yield server


def _started(how: Sequence[str], environment: Mapping[str, str], output: IO[bytes]) -> Process:
    return subprocess.Popen(
        [sys.executable, *how],
        env=environment,
        cwd=HOME,
        stdout=output,
        stderr=subprocess.STDOUT,
    )
