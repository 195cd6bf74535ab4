"""The metrics of all processes of one `haat serve`, as Prometheus reads them.

With several processes, any of them answers a scrape. prometheus_client then keeps the values in
files of a folder, which PROMETHEUS_MULTIPROC_DIR names before it is imported; each scrape sums
them. One process keeps its values in memory.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import InfoMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from core.version import VERSION

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
PREFIX = "haat-metrics-"
LOCK = "lock"


class ServerInfo(Collector):
    """The version, and the process that answers the scrape."""

    def collect(self) -> Iterable[Metric]:
        yield InfoMetricFamily("haat", "The running release.", {"version": VERSION})
        process = {"pid": str(os.getpid())}
        yield InfoMetricFamily("haat_process", "The process that answers this scrape.", process)


REGISTRY.register(ServerInfo())


def exposition() -> bytes:
    """Return the metrics of all processes in the text format. Reads files if there are several."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        return generate_latest()
    registry = CollectorRegistry()
    registry.register(ServerInfo())
    MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call] # of the library
    return generate_latest(registry)


@contextmanager
def shared_metrics() -> Iterator[None]:
    """Let the processes that start within the block share their metrics.

    The folder is deleted at the end. Those of servers that were killed are deleted first: the lock
    in each is held while its server runs.
    """
    _delete_abandoned()
    folder, lock = _create_locked()
    with lock:
        os.environ[VARIABLE] = str(folder)
        try:
            yield
        finally:
            del os.environ[VARIABLE]
            shutil.rmtree(folder, ignore_errors=True)


def forget_process(pid: int) -> None:
    """Drop the gauges of a process that has ended. Its counters stay in the sums."""
    mark_process_dead(pid, os.environ[VARIABLE])  # type: ignore[no-untyped-call] # of the library


def _create_locked() -> tuple[Path, IO[str]]:
    """Create a folder with a locked file, again if another server took the lock first.

    It then held a folder for abandoned that was not locked yet, and has deleted it.
    """
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        lock = (folder / LOCK).open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / LOCK).exists():
            return folder, lock
        lock.close()


def _delete_abandoned() -> None:
    """Delete the folders whose locks are free, each under its lock."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        # An error: in use, or of another user.
        with suppress(OSError), (folder / LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
