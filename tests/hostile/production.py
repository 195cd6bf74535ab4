"""`haat serve` with the settings of production."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

import psutil

from core.settings import HOME, Settings
from tests.processes import free_port, wait_until_ready


@dataclass(frozen=True)
class ServerProcess:
    """A running server process."""

    url: str
    process: subprocess.Popen[bytes]

    def cpu(self) -> float:
        """Return the CPU seconds of the process, which other processes don't add to."""
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)

    def memory(self) -> int:
        """Bytes."""
        return int(psutil.Process(self.process.pid).memory_info().rss)


def production(settings: Settings) -> dict[str, str]:
    """Return production settings; points are refilled at once, because no budget is tested here."""
    return {
        "ENVIRONMENT": "production",
        "PUBLIC_URL": "https://haat.example",
        "DATABASE_URL": str(settings.database_url),
        "REDIS_URL": settings.redis,
        "KEYS_FILE": str(settings.keys_file),
        "OBJECTS_FOLDER": str(settings.objects_folder),
        "MAIL_URL": "smtp://127.0.0.1:9",
        "POINTS_PER_SECOND": "1000000",
    }


@contextmanager
def serving(
    environment: Mapping[str, str], *how: str, log: BinaryIO | None = None
) -> Iterator[ServerProcess]:
    """Run a server until it is ready: `haat serve`, or another program that becomes one."""
    port = str(free_port())
    process = subprocess.Popen(
        [sys.executable, *(how or ("cli.py", "serve"))],
        env=os.environ | dict(environment) | {"PORT": port},
        cwd=HOME,
        stdout=log,
        stderr=log,
    )
    try:
        wait_until_ready(f"http://127.0.0.1:{port}")
        yield ServerProcess(f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
