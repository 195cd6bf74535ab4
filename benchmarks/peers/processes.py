"""A measured server: started on one core, counted with its children, stopped by id."""

import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.load.results import BenchmarkError
from benchmarks.peers.contenders import Contender
from benchmarks.peers.stack import Stack
from tests.processes import ended_afterwards, free_port

SERVER_CORE, CLIENT_CORE = 0, 1
RESET_PEAK = "5"  # proc_pid_clear_refs(5)
READY_SECONDS = 90


@dataclass(frozen=True)
class PinnedServer:
    contender: Contender
    process: psutil.Process
    port: int

    @property
    def tree(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]

    def cpu_seconds(self) -> float:
        """Return the CPU time of the process, its children, and children that have ended."""
        used = [process.cpu_times() for process in self.tree]
        ended = used[0].children_user + used[0].children_system
        return float(ended + sum(one.user + one.system for one in used))

    def forget_peak(self) -> None:
        """Start to watch for a new peak of resident memory."""
        for process in self.tree:
            Path(f"/proc/{process.pid}/clear_refs").write_text(RESET_PEAK)

    def peak_megabytes(self) -> float:
        """Return the most resident memory that the processes had, summed up."""
        return sum(map(_peak_kibibytes, self.tree)) * 1024 / 1e6


def _peak_kibibytes(process: psutil.Process) -> int:
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


@contextmanager
def start_server(contender: Contender, stack: Stack) -> Iterator[PinnedServer]:
    port = free_port()
    log_file = stack.folder / f"{contender.key}.log"
    command = ["taskset", "--cpu-list", str(SERVER_CORE), *contender.command]
    if contender.command[1:3] == ("-m", "uvicorn"):
        command += ["--port", str(port)]
    with log_file.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own code, and packages pinned by lock files
            command,
            env=os.environ | contender.settings(stack, port),
            stdout=log,
            stderr=log,
        )
    with ended_afterwards(process):
        _wait_until_ready(process, port, log_file)
        yield PinnedServer(contender, psutil.Process(process.pid), port)


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log_file: Path) -> None:
    """Wait until the server answers anything, also an error."""
    end = time.monotonic() + READY_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError as error:
            if process.poll() is not None or time.monotonic() > end:
                reason = log_file.read_text(errors="replace")[-800:]
                raise BenchmarkError(f"{log_file.stem} did not start: {reason}") from error
            time.sleep(0.1)
