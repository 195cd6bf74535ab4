"""Processes of Haat, stopped by id."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

import psutil

from core.settings import HOME
from tests import warm_processes

DEVELOPMENT = {"ENVIRONMENT": "development"}
STOP_SECONDS = 15
STOPPED = {psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE}


class Process(Protocol):
    """A `subprocess.Popen`, or a process with its interface."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, number: int, /) -> None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def done(command: str, **environment: str) -> None:
    """Run a `haat` command to its end, which must be a good one."""
    call = [sys.executable, str(HOME / "cli.py"), command]
    subprocess.run(call, env=os.environ | DEVELOPMENT | environment, check=True)


@contextmanager
def paused(pid: int) -> Iterator[None]:
    """Let a process and its children hang during the block: SIGSTOP, then SIGCONT."""
    root = psutil.Process(pid)
    hanging = [root, *root.children(recursive=True)]
    for process in hanging:
        process.send_signal(signal.SIGSTOP)
    # Until then, it can answer once more. A child that has exited does not stop any more.
    while any(process.status() not in STOPPED for process in hanging):
        pass
    try:
        yield
    finally:
        for process in hanging:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)


@contextmanager
def ended_afterwards(process: Process) -> Iterator[None]:
    """End a process after the block, and kill it if it does not exit."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def running(command: str, **environment: str) -> Iterator[Process]:
    """Run a `haat` command in a warm process; stop it at the end, or kill it if it doesn't exit."""
    process = warm_processes.start(command, os.environ | DEVELOPMENT | environment)
    with ended_afterwards(process):
        yield process


@contextmanager
def running_cold(command: str, **environment: str) -> Iterator[Process]:
    """Run a `haat` command as users do: in a process that has to import everything."""
    call = [sys.executable, str(HOME / "cli.py"), command]
    process = subprocess.Popen(call, env=os.environ | DEVELOPMENT | environment)
    with ended_afterwards(process):
        yield process


def wait_until_ready(url: str, seconds: float = 60, *, process: Process | None = None) -> None:
    """Until `/ready` answers 200. Raises an `OSError` if it does not, or if the process exits."""
    _wait_until_200(f"{url}/ready", seconds, process)


def wait_until_alive(url: str, seconds: float = 30) -> None:
    """Until `/health` answers 200."""
    _wait_until_200(f"{url}/health", seconds)


def _wait_until_200(url: str, seconds: float, process: Process | None = None) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            if time.monotonic() > end or (process and process.poll() is not None):
                raise
            time.sleep(0.1)
