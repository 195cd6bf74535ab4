"""CPU time of PostgreSQL, while its processes end."""

from types import SimpleNamespace
from typing import Any

import psutil

from benchmarks.cpu_time import database_cpu_seconds


def times(own: float, ended: float) -> SimpleNamespace:
    return SimpleNamespace(user=own, system=0, children_user=ended, children_system=0)


class Postmaster:
    """A parent whose child, with 0.5 seconds, ends after the parent was read first."""

    def __init__(self) -> None:
        self.ended = 0.0

    def cpu_times(self) -> SimpleNamespace:
        return times(0, self.ended)

    def children(self) -> list[Any]:
        self.ended = 0.5
        return []


def test_a_process_that_ends_meanwhile_is_counted() -> None:
    postmaster: Any = Postmaster()
    assert database_cpu_seconds(postmaster) == 0.5


def test_running_and_ended_processes_are_counted() -> None:
    def gone() -> None:
        raise psutil.NoSuchProcess(1)

    children = [SimpleNamespace(cpu_times=lambda: times(2, 0)), SimpleNamespace(cpu_times=gone)]
    postmaster: Any = SimpleNamespace(cpu_times=lambda: times(9, 1), children=lambda: children)
    assert database_cpu_seconds(postmaster) == 3
